import { faultTitle } from '../locales/fault-text.ts';
import type { DiscoveryStep, FoundServer } from '../services/model/discovery.ts';
import type { CardContext } from './card-context.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { wholeHost } from './server-host.ts';

/** Who named an address, by which language of Autodiscover, and when. */
export function foundBy(say: Say, { host, source, foundAt }: Omit<FoundServer, 'serverLocation'>): string {
  return say('discovery.found-by', { host: wholeHost(host), source, date: localTime(foundAt) });
}

/** Domain of an address, for reading. */
export const domainOf = (address: string): string => plainText(address.slice(address.lastIndexOf('@') + 1));

/** One step of a search in one short line. What servers wrote into it is cut. */
export function stepLine(
  { locale, ...context }: CardContext,
  { what, url, status, note, fault }: DiscoveryStep,
): string {
  const say = speaker({ locale, ...context });
  const text = (name: string, longest: number): string => plainText(String(note.params[name] ?? ''), longest);
  const said = say(`discovery.${note.code}`, {
    host: text('host', 80),
    location: text('location', 80),
    address: text('address', 80),
    schemes: text('schemes', 60),
    count: Number(note.params['count'] ?? 0),
    title: fault === null ? '' : faultTitle(locale, fault.code),
  });
  const asked = say(`discovery.what.${what}`, { url: plainText(url, 80) });
  return say('discovery.step', { icon: iconOf(note.code), asked, said, status: status ?? 'none' });
}

function iconOf(code: DiscoveryStep['note']['code']): string {
  if (code === 'found') return '✓';
  if (code === 'failed') return '✗';
  return code === 'confirmation-needed' ? '?' : '→';
}
