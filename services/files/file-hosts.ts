/**
 * Where Teams keeps the files of personal chats: OneDrive, which is SharePoint, in the clouds that Microsoft 365 has
 * (Microsoft 365 URLs and IP address ranges: worldwide and GCC, GCC High, DoD, 21Vianet), and the media service that
 * SharePoint hands downloads to.
 */
const domains = ['sharepoint.com', 'svc.ms', 'sharepoint.us', 'sharepoint-mil.us', 'dps.mil', 'sharepoint.cn'] as const;

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const host = new RegExp(
  String.raw`^(?:${label}\.)+(?:${domains.map((domain) => domain.replaceAll('.', String.raw`\.`)).join('|')})$`,
);

/**
 * The address of a file, if it may be fetched: https to a host of Teams on its usual port, or the one origin of a stand-in
 * on this machine. Null for everything else; what only looks alike (credentials in front of the host, a dot behind it, an
 * address with such a name as its user) is something else.
 */
export function fileUrlOf(text: string, standInOrigin: string | null): URL | null {
  // The parser drops tabs and line breaks and takes a backslash for a slash: what is judged has to be what is asked.
  if (/[\s\p{Cc}\\]/u.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/*[^/?#]*@/i.test(text)) return null;
  if (standInOrigin !== null && url.origin === standInOrigin) return url;
  return url.protocol === 'https:' && url.port === '' && host.test(url.hostname) ? url : null;
}
