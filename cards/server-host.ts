import { plainText } from './plain-text.ts';

/** As long as the name of a host can be, and its port. */
const longestHost = 260;

/** A host that somebody decides about, whole: a cut one could hide whose it is, since its end says that. */
export const wholeHost = (host: string): string => plainText(host, longestHost);

/** Host (and port) of an EWS address, for reading; what is no address is shown as it is. */
export function serverHost(serverLocation: string): string {
  return URL.canParse(serverLocation) ? wholeHost(new URL(serverLocation).host) : plainText(serverLocation, 120);
}

/** Only the name of the host, for a cmdlet; empty when the address has none. */
export function hostName(serverLocation: string): string {
  return URL.canParse(serverLocation) ? new URL(serverLocation).hostname : '';
}
