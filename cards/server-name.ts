import type { ServerIdentity } from '../services/model/profile.ts';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

/** Product and build of a server, in words. */
export function serverName(say: Say, server: ServerIdentity): string {
  const build = plainText(server.build, 40);
  return say('server.name', { product: server.product, build });
}
