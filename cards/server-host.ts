import { plainText } from './plain-text.ts';

/** Host (and port) of an EWS address, for reading; what is no address is shown as it is. */
export function serverHost(serverLocation: string): string {
  return plainText(URL.canParse(serverLocation) ? new URL(serverLocation).host : serverLocation, 120);
}

/** Only the name of the host, for a cmdlet; empty when the address has none. */
export function hostName(serverLocation: string): string {
  return URL.canParse(serverLocation) ? new URL(serverLocation).hostname : '';
}
