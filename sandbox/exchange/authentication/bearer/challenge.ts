/** What a server with OAuth tells a client that has no token yet. */
export interface BearerTerms {
  /** Directories whose tokens are taken. */
  readonly tenants?: readonly string[];
  /** Only with Hybrid Modern Authentication; an empty text leaves it out. */
  readonly authorizationUri?: string;
}

/** Application id of Exchange in every Entra directory. */
export const EXCHANGE_APP_ID = '00000002-0000-0ff1-ce00-000000000000';
const TOKEN_SERVICE = '00000001-0000-0000-c000-000000000000';
const LOGIN = 'https://login.windows.net/common/oauth2/authorize';

/** Value of WWW-Authenticate as HMA servers send it (shared facts, exchange.md §6.3); an error follows a bad token. */
export function bearerChallenge(terms: BearerTerms, error?: string): string {
  const { tenants = ['contoso.test'], authorizationUri = LOGIN } = terms;
  const parts = [
    `client_id="${EXCHANGE_APP_ID}"`,
    `trusted_issuers="${tenants.map((tenant) => `${TOKEN_SERVICE}@${tenant}`).join(',')}"`,
    'token_types="app_asserted_user_v1 service_asserted_app_v1"',
  ];
  if (authorizationUri !== '') parts.push(`authorization_uri="${authorizationUri}"`);
  if (error !== undefined) parts.push(`error="${error}"`);
  return `Bearer ${parts.join(', ')}`;
}
