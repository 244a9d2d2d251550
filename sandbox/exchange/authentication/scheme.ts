import type { Account } from './account.ts';

/** A TLS connection of a client. Schemes that sign on the connection instead of the request keep their state by it. */
export interface ClientConnection {
  readonly id: number;
}

export type SignInOutcome = 'accepted' | 'wrong-password' | 'unknown-user' | 'locked' | 'malformed' | 'not-offered';

/** What became of the credentials in one request. */
export type Verdict =
  | { readonly outcome: 'accepted'; readonly userName: string; readonly account: Account }
  | { readonly outcome: Exclude<SignInOutcome, 'accepted'>; readonly userName: string | undefined };

/** A way to sign in that the server understands. */
export interface AuthenticationScheme {
  /** As in the headers; compared without regard to case. */
  readonly name: SchemeName;
  /** @param credentials what follows the name in the Authorization header */
  check(credentials: string, connection: ClientConnection): Verdict;
}

/** The schemes Exchange can list in a 401. Listing one does not mean that the stand-in can sign anybody in with it. */
export type SchemeName = 'Negotiate' | 'NTLM' | 'Basic' | 'Bearer';

export const SCHEME_NAMES: readonly SchemeName[] = ['Negotiate', 'NTLM', 'Basic', 'Bearer'];

const BEARER_CHALLENGE =
  'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@contoso.test", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.windows.net/common/oauth2/authorize"';

/** Values of WWW-Authenticate (shared facts, exchange.md §6.3). */
export function challenge(scheme: SchemeName, host: string): string {
  if (scheme === 'Basic') return `Basic realm="${host}"`;
  return scheme === 'Bearer' ? BEARER_CHALLENGE : scheme;
}
