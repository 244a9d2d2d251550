import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { normalizeHost } from '../address-guard.ts';
import { isPortAllowed } from '../server-location.ts';

/** An Autodiscover service: one place, two languages. Null: this place does not have that one. */
export interface Endpoint {
  readonly pox: string | null;
  readonly soap: string | null;
}

/** Where the service of an address might be, in the order in which it is tried. */
export type Lead =
  | {
      readonly kind: 'endpoint';
      readonly endpoint: Endpoint;
      /**
       * Only the convention speaks for it (the bare domain, which mostly is a website): what it answers tells the reader
       * nothing until it asks for authentication.
       */
      readonly isGuess: boolean;
      /** The places that led here, so that a circle is seen. */
      readonly chain: readonly string[];
    }
  | { readonly kind: 'http-redirect'; readonly url: string }
  | { readonly kind: 'srv'; readonly name: string };

/**
 * Where the operator says it is, as Active Directory does for clients inside the domain. Then the documented order of a client outside the domain (EWS:autodiscover-for-exchange; facts/dynamics.md §6.6): the
 * domain, autodiscover.domain, one plain-HTTP question there that carries nothing, then DNS.
 */
export function leadsOf(domain: string, namedAddresses: ReadonlyMap<string, string>): readonly Lead[] {
  const named = namedAddresses.get(domain);
  const first: readonly Lead[] =
    named === undefined ? [] : [{ kind: 'endpoint', endpoint: endpointOf(new URL(named)), isGuess: false, chain: [] }];
  return [
    ...first,
    { kind: 'endpoint', endpoint: endpointAt(domain), isGuess: true, chain: [] },
    { kind: 'endpoint', endpoint: endpointAt(`autodiscover.${domain}`), isGuess: false, chain: [] },
    { kind: 'http-redirect', url: `http://autodiscover.${domain}${servicePath}.xml` },
    { kind: 'srv', name: `_autodiscover._tcp.${domain}` },
  ];
}

const servicePath = '/autodiscover/autodiscover';

export const endpointAt = (authority: string): Endpoint => ({
  pox: `https://${authority}${servicePath}.xml`,
  soap: `https://${authority}${servicePath}.svc`,
});

/**
 * The service that a redirect points at. A known file name stands for its neighbour too (`.svc/wssecurity` and the like
 * are doors for other credentials); any other name is a place of its own that may only speak POX.
 */
export function endpointOf(url: URL): Endpoint {
  const known = /^(.*\/autodiscover)\.(?:xml|svc)(?:\/\w*)?$/i.exec(url.pathname);
  if (known === null) return { pox: url.href, soap: null };
  const base = `${url.origin}${known[1] ?? ''}`;
  return { pox: `${base}.xml${url.search}`, soap: `${base}.svc${url.search}` };
}

/** How a place is known in chains; letters keep their case, since some servers redirect to nothing but another case. */
export const keyOf = (endpoint: Endpoint, address: string): string =>
  `${endpoint.pox ?? endpoint.soap ?? ''} ${address.toLowerCase()}`;

/** Where a redirect leads, or null: not https, credentials in it, a port of another protocol, unreadable, endless. */
export function readTarget(text: string, base: string): URL | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 2084 || /[\s\p{Cc}\\]/u.test(trimmed)) return null;
  if (!URL.canParse(trimmed, base)) return null;
  const url = new URL(trimmed, base);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return null;
  if (!isPortAllowed(portOf(url))) return null;
  url.hash = '';
  return url;
}

export const portOf = (url: URL): number => (url.port === '' ? 443 : Number(url.port));

/** A host as an admin confirms it: with its port where that is not the usual one, which is another server. */
export function authorityOf(url: URL): string {
  const host = normalizeHost(url.hostname);
  const named = isIP(host) === 6 ? `[${host}]` : host;
  return portOf(url) === 443 ? named : `${named}:${portOf(url)}`;
}

/** The domain of an address as DNS knows it, or null: not an address that a server could be found for. */
export function domainOf(address: string): string | null {
  const match = /^[^\s@\p{Cc}"<>]{1,64}@([^\s@\p{Cc}]{1,253})$/u.exec(address);
  return match === null ? null : asHost(match[1] ?? '');
}

/** A host name in ASCII, or null. Addresses are no names: neither a domain nor SRV may bring in a literal. */
export function asHost(text: string): string | null {
  const host = normalizeHost(domainToASCII(text));
  const isName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/.test(host);
  return isName && isIP(host) === 0 ? host : null;
}
