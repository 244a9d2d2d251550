import { isIPv4 } from 'node:net';

/** True for the names and addresses of this very machine: `localhost`, 127.0.0.0/8, `::1` (with or without brackets). */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/** The same for a Host header, which may name a port as well; none is no name of this machine. */
export const isLoopbackHostHeader = (header: string | undefined): boolean =>
  isLoopbackHost((header ?? '').replace(/:\d+$/, ''));

/** An https URL, or an http one on this machine: the only places where something may be sent or shown. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
