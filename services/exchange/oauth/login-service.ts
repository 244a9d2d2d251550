import { isClientId } from '../../model/modern-authentication.ts';
import { normalizeHost, parseAllowList, type AddressPolicy } from '../address-guard.ts';

/** The sign-in service of Entra, as the operator sets it; a profile chooses only its tenant. */
export interface LoginService {
  /** `https://login.microsoftonline.com`, without a slash at the end. */
  readonly url: string;
  readonly host: string;
  /** msal knows it and needs no vouching. */
  readonly isMicrosofts: boolean;
}

export const defaultLoginUrl = 'https://login.microsoftonline.com';

/** Worldwide, US government, 21Vianet (learn.microsoft.com/entra/identity-platform/authentication-national-cloud). */
const microsoftLogins: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
]);

/** Null for a text that is not an https address without path, query and credentials. */
export function readLoginService(text: string = defaultLoginUrl): LoginService | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isBare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url.protocol !== 'https:' || !isBare) return null;
  return { url: url.origin, host: url.host, isMicrosofts: microsoftLogins.has(url.host) };
}

/**
 * The resource of a profile as Entra wants it in a scope. What Dynamics stores is the host of the EWS address
 * (`aadresourceid`, facts/dynamics.md §1.1); Exchange's service principal names it as an https address.
 */
export function resourceOf(serverLocation: string, resource: string | null): string {
  const named = resource?.trim() ?? '';
  if (named === '') return `https://${new URL(serverLocation).host}`;
  const isWhole = /^[a-z][a-z\d+.-]*:\/\//i.test(named) || isClientId(named);
  return isWhole ? named : `https://${named}`;
}

/**
 * `/.default`: the permissions that an admin has consented to, the only ones an app can have without a user. A slash at
 * the end of the resource stays, because it stays in the token's audience too
 * (learn.microsoft.com/entra/identity-platform/scopes-oidc, "Trailing slash and .default").
 */
export const scopeOf = (resource: string): string => `${resource}/.default`;

/**
 * Who may be called for sign-in and vault: exactly the named hosts. The list for Exchange is not used here, since
 * neither host is an Exchange server, and a host of Exchange is no place for an assertion.
 * @param networks CIDRs that a stand-in lies in; loopback is reachable by being listed only
 */
export function policyFor(hosts: readonly string[], networks: readonly string[] = []): AddressPolicy {
  return parseAllowList([...hosts.map(normalizeHost), ...networks]);
}
