import type { ProfileLocations } from '../services/model/profile.ts';
import type { FactLine } from './card-facts.ts';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

/** Where mail is received and sent: addresses and ports as the platform asks for them, incoming and outgoing. */
export function serverFacts(
  say: Say,
  { serverLocation, outgoingServerLocation: outgoing }: ProfileLocations,
): FactLine[] {
  const port = (location: string): string | null => (URL.canParse(location) ? portOf(new URL(location)) : null);
  const incoming: FactLine[] = [[say('fact.server-location'), plainText(serverLocation, 300)]];
  if (outgoing === null)
    return [...incoming, [say('fact.port'), port(serverLocation)], [say('fact.outgoing-server'), say('outgoing.same')]];
  return [
    ...incoming,
    [say('fact.incoming-port'), port(serverLocation)],
    [say('fact.outgoing-server-location'), plainText(outgoing, 300)],
    [say('fact.outgoing-port'), port(outgoing)],
  ];
}

/** The port is part of the address; where none stands there it is that of https. */
const portOf = ({ port }: URL): string => (port === '' ? '443' : port);
