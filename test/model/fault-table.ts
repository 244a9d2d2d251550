import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import type { FaultNature, FaultScope } from '../../services/model/fault.ts';
import type { Params } from '../../services/model/error.ts';

/**
 * The reviewed table of the faults: what was seen on the wire, from the platform or by Mailroom itself, and the code,
 * nature, scope and parameters that it must come to. Plain data; `fault-table.test.ts` feeds each row through the function
 * that judges it in the product. Sources: facts/exchange.md §1.5, §6.4, §6.5, §6.8; facts/dynamics.md §3.4, §3.5.
 */
type Verdict = readonly [code: FaultCode, nature: FaultNature, scope: FaultScope, params: Params, raw?: string];

export const host = 'mail.contoso.test';
export const address = 'kim@contoso.test';
const server = { host };
const mailbox = { host, address };

/** EWS response codes: with HTTP 500 in a SOAP fault, with 200 in a response message; `values` are those of MessageXml. */
export interface ResponseRow {
  readonly response: string;
  readonly http: 200 | 500;
  readonly values?: Readonly<Record<string, string>>;
  readonly is: Verdict;
}

const passing = (response: FaultCode, http: 200 | 500, scope: FaultScope): ResponseRow => ({
  response,
  http,
  is: [response, 'transient', scope, mailbox],
});
const lasting = (response: FaultCode, http: 200 | 500, scope: FaultScope): ResponseRow => ({
  response,
  http,
  is: [response, 'permanent', scope, mailbox],
});

export const responses: readonly ResponseRow[] = [
  passing('ErrorServerBusy', 500, 'server'),
  {
    response: 'ErrorServerBusy',
    http: 500,
    values: { BackOffMilliseconds: '297749' },
    is: ['ErrorServerBusy', 'transient', 'server', { ...mailbox, backOffMs: 297_749 }],
  },
  {
    response: 'ErrorInternalServerError',
    http: 200,
    values: { InnerErrorResponseCode: 'ErrorServerBusy' },
    is: ['ErrorServerBusy', 'transient', 'server', mailbox],
  },
  {
    response: 'ErrorExceededConnectionCount',
    http: 500,
    values: { Policy: 'MaxConcurrency', MaxConcurrencyLimit: '27' },
    is: ['ErrorExceededConnectionCount', 'transient', 'server', mailbox],
  },
  passing('ErrorMailboxStoreUnavailable', 200, 'mailbox'),
  passing('ErrorMailboxStoreUnavailable', 500, 'mailbox'),
  passing('ErrorMailboxMoveInProgress', 200, 'mailbox'),
  passing('ErrorMailboxFailover', 200, 'mailbox'),
  passing('ErrorADUnavailable', 500, 'server'),
  passing('ErrorInsufficientResources', 500, 'server'),
  passing('ErrorInternalServerTransientError', 200, 'mailbox'),
  passing('ErrorInternalServerError', 500, 'mailbox'),
  passing('ErrorConnectionFailed', 200, 'server'),
  passing('ErrorTimeoutExpired', 200, 'server'),
  passing('ErrorTooManyObjectsOpened', 200, 'server'),
  passing('ErrorNoRespondingCASInDestinationSite', 500, 'server'),
  passing('ErrorSubmissionQuotaExceeded', 200, 'mailbox'),
  {
    response: 'ErrorNonExistentMailbox',
    http: 500,
    values: { SmtpAddress: address },
    is: ['ErrorNonExistentMailbox', 'permanent', 'mailbox', mailbox],
  },
  lasting('ErrorNonExistentMailbox', 200, 'mailbox'),
  lasting('ErrorImpersonateUserDenied', 500, 'mailbox'),
  lasting('ErrorImpersonationDenied', 500, 'server'),
  lasting('ErrorImpersonationFailed', 500, 'server'),
  lasting('ErrorInvalidExchangeImpersonationHeaderData', 500, 'mailbox'),
  lasting('ErrorInvalidUserPrincipalName', 500, 'mailbox'),
  lasting('ErrorNonPrimarySmtpAddress', 500, 'mailbox'),
  lasting('ErrorAccessDenied', 200, 'mailbox'),
  lasting('ErrorAccountDisabled', 200, 'mailbox'),
  lasting('ErrorPasswordExpired', 200, 'server'),
  lasting('ErrorPasswordChangeRequired', 500, 'server'),
  lasting('ErrorInvalidSmtpAddress', 200, 'mailbox'),
  lasting('ErrorMissingEmailAddress', 200, 'mailbox'),
  lasting('ErrorMailboxConfiguration', 200, 'mailbox'),
  lasting('ErrorQuotaExceeded', 200, 'mailbox'),
  lasting('ErrorSendAsDenied', 200, 'mailbox'),
  lasting('ErrorMessageSizeExceeded', 200, 'mailbox'),
  lasting('ErrorFolderNotFound', 200, 'mailbox'),
  lasting('ErrorItemNotFound', 200, 'mailbox'),
  lasting('ErrorInvalidServerVersion', 500, 'server'),
  lasting('ErrorInvalidRequest', 500, 'server'),
  lasting('ErrorSchemaValidation', 500, 'server'),
  {
    response: 'ErrorNobodyKnows',
    http: 200,
    is: ['EwsOther', 'transient', 'mailbox', { ...mailbox, responseCode: 'ErrorNobodyKnows' }, 'ErrorNobodyKnows'],
  },
];

/** Answers that are no EWS answer. Scheme: what the profile signs in with; Basic unless said. */
export interface StatusRow {
  readonly status: number;
  readonly scheme?: 'basic' | 'ntlm' | 'bearer';
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly is: Verdict;
}

const exchangeOffers = { 'www-authenticate': ['Negotiate', 'NTLM'] };
const allOffered = {
  'www-authenticate': ['Negotiate', 'NTLM', 'Basic realm="mail.contoso.test"', 'Bearer client_id="1"'],
};

export const statuses: readonly StatusRow[] = [
  { status: 200, body: '<html><body>Sign in</body></html>', is: ['AnswerNotSoap', 'transient', 'server', server] },
  { status: 302, is: ['HttpRedirect', 'permanent', 'server', { host, location: host }] },
  {
    status: 301,
    headers: { location: 'https://other.contoso.test/EWS/Exchange.asmx' },
    is: ['HttpRedirect', 'permanent', 'server', { host, location: 'other.contoso.test' }],
  },
  {
    status: 302,
    headers: { location: '/owa/auth/logon.aspx?url=x&reason=0' },
    is: ['HttpSignInPage', 'permanent', 'server', { host, location: host }],
  },
  {
    status: 302,
    headers: { location: 'https://tmg.contoso.test/CookieAuth.dll?GetLogon' },
    is: ['HttpSignInPage', 'permanent', 'server', { host, location: 'tmg.contoso.test' }],
  },
  {
    status: 307,
    headers: { location: 'https://adfs.contoso.test/adfs/ls?version=1.0' },
    is: ['HttpSignInPage', 'permanent', 'server', { host, location: 'adfs.contoso.test' }],
  },
  {
    status: 302,
    headers: { location: '/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx' },
    is: ['HttpUnavailable', 'transient', 'server', { host, status: 302 }],
  },
  { status: 400, is: ['HttpStatus', 'transient', 'server', { host, status: 400 }] },
  { status: 401, headers: allOffered, is: ['CredentialRefused', 'permanent', 'server', server] },
  { status: 401, is: ['CredentialRefused', 'permanent', 'server', server] },
  {
    status: 401,
    scheme: 'ntlm',
    headers: exchangeOffers,
    is: ['CredentialRefused', 'permanent', 'server', { host, scheme: 'ntlm' }],
  },
  {
    status: 401,
    headers: exchangeOffers,
    is: ['BasicNotOffered', 'permanent', 'server', { host, schemes: 'Negotiate, NTLM' }],
  },
  {
    status: 401,
    scheme: 'ntlm',
    headers: { 'www-authenticate': 'Basic realm="x"' },
    is: ['NtlmNotOffered', 'permanent', 'server', { host, schemes: 'Basic' }],
  },
  {
    status: 401,
    scheme: 'bearer',
    headers: exchangeOffers,
    is: ['BearerNotOffered', 'permanent', 'server', { host, schemes: 'Negotiate, NTLM' }],
  },
  {
    status: 401,
    scheme: 'bearer',
    headers: {
      'www-authenticate': 'Bearer client_id="1", error="invalid_token"',
      'x-ms-diagnostics': '2000003;reason="The audience is not valid.";error_category="invalid_resource"',
    },
    is: ['OAuthTokenRefused', 'permanent', 'server', { host, responseCode: '2000003' }, '2000003'],
  },
  {
    status: 401,
    scheme: 'bearer',
    headers: { 'x-ms-diagnostics': 'reason="none"' },
    is: ['OAuthTokenRefused', 'permanent', 'server', server],
  },
  {
    status: 401,
    headers: allOffered,
    body: 'The referenced account is currently locked out and may not be logged on to.',
    is: ['AccountLocked', 'permanent', 'server', server],
  },
  { status: 403, is: ['HttpForbidden', 'permanent', 'mailbox', mailbox] },
  { status: 404, is: ['HttpNotFound', 'permanent', 'server', server] },
  { status: 405, is: ['HttpRequestRefused', 'permanent', 'server', { host, status: 405 }] },
  { status: 411, is: ['HttpRequestRefused', 'permanent', 'server', { host, status: 411 }] },
  { status: 413, is: ['HttpRequestRefused', 'permanent', 'server', { host, status: 413 }] },
  { status: 415, is: ['HttpRequestRefused', 'permanent', 'server', { host, status: 415 }] },
  {
    status: 429,
    headers: { 'retry-after': '7' },
    is: ['HttpUnavailable', 'transient', 'server', { host, status: 429, backOffMs: 7000 }],
  },
  { status: 440, is: ['HttpSignInPage', 'permanent', 'server', server] },
  { status: 449, is: ['HttpStatus', 'transient', 'server', { host, status: 449 }] },
  { status: 456, is: ['AccountLocked', 'permanent', 'server', server] },
  { status: 500, is: ['HttpStatus', 'transient', 'server', { host, status: 500 }] },
  {
    status: 500,
    body: "<html><title>Server Error in '/EWS' Application.</title></html>",
    is: ['HttpStatus', 'transient', 'server', { host, status: 500 }],
  },
  { status: 501, is: ['HttpRequestRefused', 'permanent', 'server', { host, status: 501 }] },
  { status: 502, is: ['HttpUnavailable', 'transient', 'server', { host, status: 502 }] },
  {
    status: 503,
    headers: { 'retry-after': '86400' },
    is: ['HttpUnavailable', 'transient', 'server', { host, status: 503, backOffMs: 300_000 }],
  },
  { status: 504, is: ['HttpUnavailable', 'transient', 'server', { host, status: 504 }] },
];

/** Errors of name resolution, sockets, TLS and the HTTP client: by `code`, or by OpenSSL's reason where Node has no code. */
export interface ErrorRow {
  readonly error: string;
  readonly message?: string;
  readonly is: Verdict;
}

export const errors: readonly ErrorRow[] = [
  { error: 'ENOTFOUND', is: ['DnsNotFound', 'permanent', 'server', server] },
  { error: 'ENODATA', is: ['DnsNotFound', 'permanent', 'server', server] },
  { error: 'EAI_AGAIN', is: ['DnsFailure', 'transient', 'server', server] },
  { error: 'EAI_FAIL', is: ['DnsFailure', 'transient', 'server', server] },
  { error: 'EAI_SYSTEM', is: ['DnsFailure', 'transient', 'server', server, 'EAI_SYSTEM'] },
  { error: 'ECONNREFUSED', is: ['ConnectionRefused', 'transient', 'server', server] },
  { error: 'ETIMEDOUT', is: ['ConnectionTimedOut', 'transient', 'server', server] },
  { error: 'UND_ERR_CONNECT_TIMEOUT', is: ['ConnectionTimedOut', 'transient', 'server', server] },
  { error: 'ECONNRESET', is: ['ConnectionReset', 'transient', 'server', server] },
  { error: 'ECONNABORTED', is: ['ConnectionReset', 'transient', 'server', server] },
  { error: 'EPIPE', is: ['ConnectionReset', 'transient', 'server', server] },
  { error: 'UND_ERR_SOCKET', is: ['ConnectionReset', 'transient', 'server', server] },
  { error: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', is: ['ConnectionReset', 'transient', 'server', server] },
  { error: 'HPE_INVALID_EOF_STATE', is: ['ConnectionReset', 'transient', 'server', server] },
  { error: 'EHOSTUNREACH', is: ['HostUnreachable', 'transient', 'server', server] },
  { error: 'ENETUNREACH', is: ['HostUnreachable', 'transient', 'server', server] },
  { error: 'EHOSTDOWN', is: ['HostUnreachable', 'transient', 'server', server] },
  { error: 'ENETDOWN', is: ['HostUnreachable', 'transient', 'server', server] },
  { error: 'EADDRNOTAVAIL', is: ['HostUnreachable', 'transient', 'server', server] },
  { error: 'ESOMETHINGNEW', is: ['ConnectionOther', 'transient', 'server', server, 'ESOMETHINGNEW'] },
  { error: 'UND_ERR_HEADERS_TIMEOUT', is: ['DeadlineExceeded', 'transient', 'server', server] },
  { error: 'UND_ERR_BODY_TIMEOUT', is: ['DeadlineExceeded', 'transient', 'server', server] },
  { error: 'UND_ERR_RES_EXCEEDED_MAX_SIZE', is: ['AnswerTooLarge', 'permanent', 'server', server] },
  { error: 'UND_ERR_HEADERS_OVERFLOW', is: ['AnswerTooLarge', 'permanent', 'server', server] },
  { error: 'HPE_HEADER_OVERFLOW', is: ['AnswerTooLarge', 'permanent', 'server', server] },
  { error: 'HPE_INVALID_CONSTANT', is: ['AnswerNotSoap', 'transient', 'server', server, 'HPE_INVALID_CONSTANT'] },
  { error: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'DEPTH_ZERO_SELF_SIGNED_CERT', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'SELF_SIGNED_CERT_IN_CHAIN', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'UNABLE_TO_GET_ISSUER_CERT', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'CERT_UNTRUSTED', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'CERT_REJECTED', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'CERT_SIGNATURE_FAILURE', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'CERT_CHAIN_TOO_LONG', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'INVALID_CA', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'INVALID_PURPOSE', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'PATH_LENGTH_EXCEEDED', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'CERT_REVOKED', is: ['TlsUntrusted', 'permanent', 'server', server] },
  { error: 'CERT_HAS_EXPIRED', is: ['TlsExpired', 'permanent', 'server', server] },
  { error: 'CERT_NOT_YET_VALID', is: ['TlsExpired', 'permanent', 'server', server] },
  { error: 'ERR_TLS_CERT_ALTNAME_INVALID', is: ['TlsNameMismatch', 'permanent', 'server', server] },
  { error: 'HOSTNAME_MISMATCH', is: ['TlsNameMismatch', 'permanent', 'server', server] },
  { error: 'ERR_TLS_CERT_ALTNAME_FORMAT', is: ['TlsNameMismatch', 'permanent', 'server', server] },
  { error: 'ERR_SSL_EE_KEY_TOO_SMALL', is: ['TlsWeak', 'permanent', 'server', server] },
  { error: 'ERR_SSL_CA_MD_TOO_WEAK', is: ['TlsWeak', 'permanent', 'server', server] },
  { error: 'ERR_SSL_DH_KEY_TOO_SMALL', is: ['TlsWeak', 'permanent', 'server', server] },
  { error: 'UNSPECIFIED', message: 'EE certificate key too weak', is: ['TlsWeak', 'permanent', 'server', server] },
  {
    error: 'UNSPECIFIED',
    message: 'CA signature digest algorithm too weak',
    is: ['TlsWeak', 'permanent', 'server', server],
  },
  {
    error: 'EPROTO',
    message: 'ssl routines: dh key too small',
    is: ['TlsWeak', 'permanent', 'server', server, 'EPROTO'],
  },
  {
    error: 'EPROTO',
    message: 'ssl3_read_bytes:tlsv1 alert protocol version',
    is: ['TlsProtocol', 'permanent', 'server', server],
  },
  { error: 'ERR_SSL_UNSUPPORTED_PROTOCOL', is: ['TlsProtocol', 'permanent', 'server', server] },
  { error: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', is: ['TlsProtocol', 'permanent', 'server', server] },
  { error: 'ERR_SSL_VERSION_TOO_LOW', is: ['TlsProtocol', 'permanent', 'server', server] },
  { error: 'ERR_SSL_NO_PROTOCOLS_AVAILABLE', is: ['TlsProtocol', 'permanent', 'server', server] },
  {
    error: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    is: ['TlsFailure', 'permanent', 'server', server, 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
  },
  {
    error: 'EPROTO',
    message: 'ssl3_get_record:wrong version number',
    is: ['TlsFailure', 'permanent', 'server', server, 'EPROTO'],
  },
  {
    error: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    is: ['TlsFailure', 'permanent', 'server', server, 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'],
  },
];

/** The address that a name stands for, where nothing is allowed but `*.contoso.test`. */
export const addresses: readonly { readonly ip: string; readonly name: string; readonly is: Verdict }[] = [
  { ip: '127.0.0.1', name: host, is: ['AddressLoopback', 'permanent', 'server', { host, address: '127.0.0.1' }] },
  { ip: '::1', name: host, is: ['AddressLoopback', 'permanent', 'server', { host, address: '::1' }] },
  {
    ip: '169.254.169.254',
    name: host,
    is: ['AddressLinkLocal', 'permanent', 'server', { host, address: '169.254.169.254' }],
  },
  {
    ip: '203.0.113.5',
    name: 'mail.example',
    is: ['AddressNotAllowed', 'permanent', 'server', { host: 'mail.example', address: '203.0.113.5' }],
  },
];

/** Refusals of Entra's token endpoint; the certificate of the app ends in 2033 unless `ended`. */
export interface TokenRow {
  readonly status: number;
  readonly word: string;
  readonly number: number | null;
  readonly ended?: true;
  readonly is: Verdict;
}

export const hmaApp = { host: 'login.microsoftonline.com', account: 'app-1', location: 'https://mail.contoso.test' };
export const authority = 'https://login.microsoftonline.com/contoso.test';
const tokenSaid = (responseCode: string, location = hmaApp.location): Params => ({ ...hmaApp, location, responseCode });

export const tokens: readonly TokenRow[] = [
  {
    status: 401,
    word: 'invalid_client',
    number: 7_000_215,
    is: ['OAuthInvalidClient', 'permanent', 'server', tokenSaid('AADSTS7000215'), 'AADSTS7000215'],
  },
  {
    status: 401,
    word: 'invalid_client',
    number: 700_027,
    ended: true,
    is: ['OAuthCertificateExpired', 'permanent', 'server', tokenSaid('AADSTS700027'), 'AADSTS700027'],
  },
  {
    status: 401,
    word: 'invalid_client',
    number: 700_024,
    is: ['OAuthClockSkew', 'permanent', 'server', tokenSaid('AADSTS700024'), 'AADSTS700024'],
  },
  {
    status: 400,
    word: 'unauthorized_client',
    number: 700_016,
    is: ['OAuthAppNotFound', 'permanent', 'server', tokenSaid('AADSTS700016'), 'AADSTS700016'],
  },
  {
    status: 400,
    word: 'invalid_request',
    number: 90_002,
    is: ['OAuthTenantNotFound', 'permanent', 'server', tokenSaid('AADSTS90002', authority), 'AADSTS90002'],
  },
  {
    status: 400,
    word: 'invalid_resource',
    number: 500_011,
    is: ['OAuthResourceNotFound', 'permanent', 'server', tokenSaid('AADSTS500011'), 'AADSTS500011'],
  },
  {
    status: 400,
    word: 'invalid_grant',
    number: 65_001,
    is: ['OAuthConsentMissing', 'permanent', 'server', tokenSaid('AADSTS65001'), 'AADSTS65001'],
  },
  {
    status: 400,
    word: 'invalid_grant',
    number: 501_051,
    is: ['OAuthRoleMissing', 'permanent', 'server', tokenSaid('AADSTS501051'), 'AADSTS501051'],
  },
  {
    status: 503,
    word: '',
    number: null,
    is: ['OAuthUnreachable', 'transient', 'server', tokenSaid('HTTP 503'), 'HTTP 503'],
  },
  {
    status: 400,
    word: 'invalid_grant',
    number: 53_003,
    is: ['OAuthOther', 'transient', 'server', tokenSaid('AADSTS53003'), 'AADSTS53003'],
  },
];

/** Refusals of Key Vault, by status and code. */
export const vaultApp = {
  host: 'contoso.vault.azure.net',
  account: 'vault-app',
  location: 'https://contoso.vault.azure.net/secrets/hma',
};
const vaultSaid = (responseCode: string): Params => ({ ...vaultApp, responseCode });

export const vaults: readonly { readonly status: number; readonly word: string; readonly is: Verdict }[] = [
  { status: 401, word: '', is: ['KeyVaultForbidden', 'permanent', 'server', vaultSaid('HTTP 401'), 'HTTP 401'] },
  {
    status: 403,
    word: 'ForbiddenByPolicy',
    is: ['KeyVaultForbidden', 'permanent', 'server', vaultSaid('ForbiddenByPolicy'), 'ForbiddenByPolicy'],
  },
  {
    status: 404,
    word: 'SecretNotFound',
    is: ['KeyVaultSecretNotFound', 'permanent', 'server', vaultSaid('SecretNotFound'), 'SecretNotFound'],
  },
  {
    status: 429,
    word: 'Throttled',
    is: ['KeyVaultUnreachable', 'transient', 'server', vaultSaid('Throttled'), 'Throttled'],
  },
  { status: 503, word: '', is: ['KeyVaultUnreachable', 'transient', 'server', vaultSaid('HTTP 503'), 'HTTP 503'] },
  {
    status: 400,
    word: 'BadParameter',
    is: ['KeyVaultOther', 'transient', 'server', vaultSaid('BadParameter'), 'BadParameter'],
  },
];

/** Error codes inside an answer of Autodiscover, in its two languages; null: the answer is a web page. */
export interface AutodiscoverRow {
  readonly language: 'soap' | 'pox';
  readonly error: string | null;
  readonly is: Verdict;
}

export const autodiscover: readonly AutodiscoverRow[] = [
  { language: 'soap', error: 'InvalidUser', is: ['AutodiscoverAddressUnknown', 'permanent', 'mailbox', mailbox] },
  { language: 'soap', error: 'InvalidDomain', is: ['AutodiscoverAddressUnknown', 'permanent', 'mailbox', mailbox] },
  { language: 'soap', error: 'ServerBusy', is: ['ErrorServerBusy', 'transient', 'server', server] },
  {
    language: 'soap',
    error: 'InternalServerError',
    is: [
      'AutodiscoverError',
      'transient',
      'server',
      { ...mailbox, responseCode: 'InternalServerError' },
      'InternalServerError',
    ],
  },
  { language: 'soap', error: null, is: ['AutodiscoverAnswerInvalid', 'transient', 'server', server] },
  { language: 'pox', error: '500', is: ['AutodiscoverAddressUnknown', 'permanent', 'mailbox', mailbox] },
  {
    language: 'pox',
    error: '600',
    is: ['AutodiscoverError', 'transient', 'server', { ...mailbox, responseCode: '600' }, '600'],
  },
  { language: 'pox', error: null, is: ['AutodiscoverAnswerInvalid', 'transient', 'server', server] },
];

/** Origin `platform`: codes of a Dynamics 365 environment that keeps the mailboxes itself. Hexadecimal, or as alerts carry them. */
export const platform: readonly { readonly said: string | number; readonly is: Verdict }[] = (
  [
    ['0x8005E219', 'InactiveMailbox', 'permanent', 'mailbox'],
    ['0x8005E220', 'UnapprovedMailbox', 'permanent', 'mailbox'],
    [-2_147_098_080, 'UnapprovedMailbox', 'permanent', 'mailbox', '0x8005E220'],
    ['0x8005E222', 'EmailServerProfileNotAssociated', 'permanent', 'mailbox'],
    ['0x8005E223', 'IncomingDeliveryIsForwardMailbox', 'permanent', 'mailbox'],
    ['0x8005E228', 'InactiveEmailServerProfile', 'permanent', 'server'],
    ['0x8005E232', 'NoTestEmailAccessPrivilege', 'permanent', 'server'],
    ['0x8005E237', 'ErrorMessageSizeExceeded', 'permanent', 'mailbox'],
    ['0x8005E247', 'MailboxUnsupportedEmailServerType', 'permanent', 'mailbox'],
    ['0x8005E259', 'UserPrivilegeError', 'permanent', 'mailbox'],
    ['0x80048306', 'UserPrivilegeError', 'permanent', 'mailbox'],
    ['0x80040220', 'UserPrivilegeError', 'permanent', 'mailbox'],
    [-2_147_220_192, 'UserPrivilegeError', 'permanent', 'mailbox', '0x80040520'],
    [-2_147_209_462, 'UserPrivilegeError', 'permanent', 'mailbox', '0x80042F0A'],
    [-2_147_167_669, 'UserNotLicensed', 'permanent', 'mailbox', '0x8004D24B'],
    ['0x80044502', 'InsufficientAccessMode', 'permanent', 'mailbox'],
    ['0x8005E272', 'PlatformSignInRefused', 'permanent', 'server'],
    ['0x8005E274', 'MailboxNotEnabledForRESTAPI', 'permanent', 'mailbox'],
    ['0x8009000B', 'O365RoleUnsupportedForEmailApproval', 'permanent', 'server'],
    ['0x80072321', 'PlatformBusy', 'transient', 'server'],
    ['0x80072322', 'PlatformBusy', 'transient', 'server'],
    ['0x80072326', 'PlatformBusy', 'transient', 'server'],
    [-2_147_220_891, 'PlatformItemRefused', 'transient', 'email', '0x80040265'],
    [-2_147_220_956, 'PlatformItemRefused', 'transient', 'email', '0x80040224'],
    [-2_147_218_677, 'PlatformRecipientInvalid', 'permanent', 'email', '0x80040B0B'],
    [-2_147_220_970, 'PlatformOther', 'transient', 'mailbox', '0x80040216'],
    ['0x8005E2FF', 'PlatformOther', 'transient', 'mailbox'],
    ['NoSuchCode', 'PlatformOther', 'transient', 'mailbox'],
  ] as const
).map(([code, name, nature, scope, shown = String(code)]) => ({
  said: code,
  is: [name, nature, scope, { address, responseCode: shown }, shown],
}));

/** What Mailroom itself finds in the course of things that take more than one answer: where it does, below `services/`. */
export interface OwnRow {
  /** Null: announced, and made by nothing yet. */
  readonly where: string | null;
  readonly is: readonly [code: FaultCode, nature: FaultNature, scope: FaultScope];
}

export const own: readonly OwnRow[] = [
  { where: 'exchange/proxy.ts', is: ['ProxyRefused', 'transient', 'server'] },
  { where: 'exchange/transport.ts', is: ['DeadlineExceeded', 'transient', 'server'] },
  { where: 'exchange/worker-client.ts', is: ['WorkerFailed', 'transient', 'server'] },
  { where: 'alerts/profile-alarm.ts', is: ['ProfileMostlyFailing', 'permanent', 'server'] },
  { where: 'exchange/diagnosis.ts', is: ['ServerTooOld', 'permanent', 'server'] },
  { where: 'exchange/oauth/hma-support.ts', is: ['HmaNotSupported', 'permanent', 'server'] },
  { where: 'exchange/oauth/token-source.ts', is: ['OAuthRoleMissing', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/verdict.ts', is: ['AutodiscoverNotFound', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/reactions.ts', is: ['AutodiscoverHostDeclined', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/reactions.ts', is: ['AutodiscoverUrlMissing', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/reactions.ts', is: ['AutodiscoverUrlRefused', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/reactions.ts', is: ['AutodiscoverSchemeNotOffered', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/reactions.ts', is: ['AutodiscoverRedirectLoop', 'permanent', 'server'] },
  { where: 'exchange/autodiscover/reactions.ts', is: ['AutodiscoverRedirectRefused', 'permanent', 'server'] },
  { where: 'exchange/ews/operations.ts', is: ['FolderRightsMissing', 'permanent', 'mailbox'] },
  { where: 'exchange/ews/organization-stamp.ts', is: ['OrganizationStampForeign', 'permanent', 'mailbox'] },
  { where: 'exchange/ews/mailbox-test.ts', is: ['TestMessageNotFound', 'transient', 'mailbox'] },
  { where: 'testing/run-phases.ts', is: ['CredentialMissing', 'permanent', 'server'] },
  { where: 'testing/run-phases.ts', is: ['UnapprovedMailbox', 'permanent', 'mailbox'] },
  { where: 'testing/run-phases.ts', is: ['EmailServerProfileNotAssociated', 'permanent', 'mailbox'] },
  { where: 'testing/run-phases.ts', is: ['InactiveEmailServerProfile', 'permanent', 'server'] },
];
