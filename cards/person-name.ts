import { plainText } from './plain-text.ts';
import type { Say } from './card-text.ts';

/** A person as a name. Where the record holds only an Entra object id, a reader gets a word instead of the id. */
export function personName(say: Say, name: string | null): string {
  const isId = name === null || name.trim() === '' || /^[0-9a-f-]{32,36}$/i.test(name);
  return isId ? say('someone') : plainText(name, 80);
}
