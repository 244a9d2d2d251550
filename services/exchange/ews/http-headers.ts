import type { WireAnswer } from '../transport.ts';

type Headers = WireAnswer['headers'];

const valuesOf = (headers: Headers, name: string): readonly string[] => {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
};

export const headerOf = (headers: Headers, name: string): string | null => valuesOf(headers, name)[0] ?? null;

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
  return [...new Set(schemes)];
}

export const isBasicOffered = (schemes: readonly string[]): boolean =>
  schemes.some((scheme) => scheme.toLowerCase() === 'basic');

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
  return location !== '' && URL.canParse(location, base) ? new URL(location, base).host : ownHost;
}
