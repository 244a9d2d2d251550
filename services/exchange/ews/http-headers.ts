import type { WireHeaders as Headers } from '../wire-answer.ts';

const valuesOf = (headers: Headers, name: string): readonly string[] => {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
};

export const headerOf = (headers: Headers, name: string): string | null => valuesOf(headers, name)[0] ?? null;

/** Exchange offers four at most, and their names are short; the list goes into faults and onto cards. */
const mostSchemes = 20;
const longestScheme = 40;
/** A name of the DNS has no more. */
const longestHost = 255;

/**
 * The authentication schemes offered, in order, each once. A header may hold several challenges and their parameters
 * (`Bearer a="1", b="2", Basic realm="x"`); quoted text is dropped first, so that nothing in it passes for a scheme.
 */
export function schemesOf(headers: Headers): string[] {
  const schemes = valuesOf(headers, 'www-authenticate').flatMap((value) =>
    value
      .replace(/"(?:[^"\\]|\\.)*"/g, '""')
      .split(',')
      .map((part) => /^\s*([A-Za-z][\w-]*)(?!\s*=|[\w-])/.exec(part)?.[1])
      .filter((scheme) => scheme !== undefined),
  );
  return [...new Set(schemes)].filter((scheme) => scheme.length <= longestScheme).slice(0, mostSchemes);
}

/** What a profile may sign in with. */
export type SignInScheme = 'basic' | 'ntlm' | 'bearer';

/** What of the offer serves a scheme: NTLM also goes through Negotiate, with the same messages (RFC 4559 §4). */
const servedBy: Readonly<Record<SignInScheme, readonly string[]>> = {
  basic: ['basic'],
  ntlm: ['ntlm', 'negotiate'],
  bearer: ['bearer'],
};

export const isOffered = (schemes: readonly string[], wanted: SignInScheme): boolean =>
  schemes.some((scheme) => servedBy[wanted].includes(scheme.toLowerCase()));

/**
 * The token that comes with a scheme (`NTLM TlRM…`), before, after or between the others, in a line of its own or not.
 */
export function tokenOf(headers: Headers, scheme: string): Buffer | null {
  for (const value of valuesOf(headers, 'www-authenticate')) {
    for (const part of value.replace(/"(?:[^"\\]|\\.)*"/g, '""').split(',')) {
      const [, name = '', token = ''] = /^\s*([A-Za-z][\w-]*)\s+([A-Za-z0-9+/]+={0,2})\s*$/.exec(part) ?? [];
      if (name.toLowerCase() === scheme.toLowerCase()) return Buffer.from(token, 'base64');
    }
  }
  return null;
}

/** Retry-After in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3). */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const text = headerOf(headers, 'retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? null : Math.max(0, until - nowMs);
}

/** The host that a Location points at; a relative one stays on the own host. */
export function locationHost(location: string, ownHost: string): string {
  const base = `https://${ownHost.includes(':') ? `[${ownHost}]` : ownHost}/`;
  return location !== '' && URL.canParse(location, base) ? new URL(location, base).host.slice(0, longestHost) : ownHost;
}
