import type { AutodiscoverAction, ExchangeOptions, FaultAction } from '../../sandbox/exchange/index.ts';
import type { VaultMisbehaviour } from '../../sandbox/entra/key-vault.ts';
import type { ScriptedRefusal } from '../../sandbox/entra/scripted-refusals.ts';
import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import { responses, statuses } from '../model/fault-table.ts';

export const authentications = ['basic', 'ntlm', 'oauth'] as const;
export type MatrixAuthentication = (typeof authentications)[number];
export const products = ['2013sp1', '2016', '2019', 'se'] as const;
export type MatrixProduct = (typeof products)[number];

/** Null: everything is well. `confirm-host`: the search stops and asks a person. */
export type End = FaultCode | 'confirm-host' | null;
type ByAuthentication = Readonly<Record<MatrixAuthentication, End>>;

/** What is wrong in a cell, and where it has to end. `found`: where the search for the server ends, if it does not pass. */
export type MatrixFault = { readonly name: string; readonly is: ByAuthentication; readonly found?: End } & (
  | { readonly at: 'nowhere' }
  /** The stand-in's EWS, for the cell's own mailbox. */
  | { readonly at: 'ews'; readonly action: FaultAction }
  | { readonly at: 'autodiscover'; readonly action: AutodiscoverAction }
  /** A server of its own. */
  | { readonly at: 'server'; readonly options: ExchangeOptions; readonly takesTokens?: false; readonly isLocked?: true }
  | { readonly at: 'mailbox' }
  | { readonly at: 'password' }
  | {
      readonly at: 'app';
      readonly refusal?: ScriptedRefusal;
      readonly change?: 'no role' | 'ended certificate' | 'no certificate' | 'other audience';
    }
  /** The certificate of the app lies in a vault. */
  | {
      readonly at: 'vault';
      readonly misbehaviour?: VaultMisbehaviour;
      readonly secret?: 'hma' | 'disabled' | 'missing';
      readonly isStranger?: true;
    }
  /** The sign-in service itself is not there. */
  | { readonly at: 'login' }
);

const all = (end: End): ByAuthentication => ({ basic: end, ntlm: end, oauth: end });
const onlyOAuth = (end: End): ByAuthentication => ({ basic: null, ntlm: null, oauth: end });

const ews = (name: string, action: FaultAction, end: End | ByAuthentication): MatrixFault => ({
  name,
  at: 'ews',
  action,
  is: typeof end === 'object' && end !== null ? end : all(end),
});
const autodiscover = (name: string, action: AutodiscoverAction, found: End): MatrixFault => ({
  name,
  at: 'autodiscover',
  action,
  is: all(null),
  found,
});
const server = (name: string, options: ExchangeOptions, end: End | ByAuthentication, found?: End): MatrixFault => ({
  name,
  at: 'server',
  options,
  is: typeof end === 'object' && end !== null ? end : all(end),
  ...(found === undefined ? {} : { found }),
});

/** The rows of the reviewed table that this stand-in can play: a response code, a status without a header of its own. */
const fromTable: readonly MatrixFault[] = [
  ...responses
    .filter(({ values = {} }) => Object.keys(values).every((name) => name === 'BackOffMilliseconds'))
    .map(({ response, http, values = {}, is: [code] }): MatrixFault => {
      const backOff = Number(values['BackOffMilliseconds'] ?? 0);
      const rest = backOff > 0 ? { backOffMilliseconds: backOff } : {};
      const action = http === 500 ? { fault: response, ...rest } : { message: response, ...rest };
      return ews(`${response} in ${http}${backOff > 0 ? ' with a back-off' : ''}`, action, code);
    }),
  ...statuses
    .filter(
      ({ status, headers, body }) => status >= 400 && status !== 401 && headers === undefined && body === undefined,
    )
    .map(({ status, is: [code] }): MatrixFault => {
      // No account is behind a token, so none is locked.
      const end = code === 'AccountLocked' ? { basic: code, ntlm: code, oauth: 'HttpStatus' as const } : code;
      return ews(`HTTP ${status}`, { status }, end);
    }),
];

const app = (
  name: string,
  end: FaultCode,
  how: Pick<MatrixFault & { at: 'app' }, 'refusal' | 'change'>,
): MatrixFault => ({
  name: `app: ${name}`,
  at: 'app',
  is: onlyOAuth(end),
  ...how,
});
const vault = (
  name: string,
  end: End,
  how: Pick<MatrixFault & { at: 'vault' }, 'misbehaviour' | 'secret' | 'isStranger'>,
): MatrixFault => ({ name: `vault: ${name}`, at: 'vault', is: onlyOAuth(end), ...how });

const refusals: readonly (readonly [ScriptedRefusal, FaultCode])[] = [
  ['wrong-secret', 'OAuthInvalidClient'],
  ['expired-secret', 'OAuthInvalidClient'],
  ['unknown-certificate', 'OAuthInvalidClient'],
  ['clock-skew', 'OAuthClockSkew'],
  ['app-not-found', 'OAuthAppNotFound'],
  ['app-disabled', 'OAuthAppNotFound'],
  ['tenant-not-found', 'OAuthTenantNotFound'],
  ['resource-not-found', 'OAuthResourceNotFound'],
  ['consent-missing', 'OAuthConsentMissing'],
  ['role-missing', 'OAuthRoleMissing'],
  ['conditional-access', 'OAuthOther'],
  ['throttled', 'OAuthUnreachable'],
  ['unavailable', 'OAuthUnreachable'],
];

const misbehaviours: readonly (readonly [VaultMisbehaviour, FaultCode])[] = [
  ['firewall', 'KeyVaultForbidden'],
  ['throttled', 'KeyVaultUnreachable'],
  ['unavailable', 'KeyVaultUnreachable'],
  ['redirect', 'KeyVaultOther'],
  ['html', 'KeyVaultOther'],
  ['empty', 'KeyVaultOther'],
  ['silent', 'KeyVaultUnreachable'],
];

/** Stand for what only the stage knows: the cell's own address, and the Autodiscover of another server. */
export const itself = 'ITSELF';
export const anotherServer = 'https://ANOTHER-SERVER/autodiscover/autodiscover.xml';

export const faults: readonly MatrixFault[] = [
  { name: 'nothing', at: 'nowhere', is: all(null) },
  ...fromTable,
  // The wire of Exchange Web Services.
  ews('a page with 200', 'html200', 'AnswerNotSoap'),
  ews('an empty 500', 'empty500', 'HttpStatus'),
  ews('a text with 500', 'text500', 'HttpStatus'),
  ews('a reset', 'reset', 'ConnectionReset'),
  ews('half an answer', 'cut', 'ConnectionReset'),
  ews('a lost answer', 'lost', 'ConnectionReset'),
  ews('silence', 'hang', 'DeadlineExceeded'),
  ews('an answer after the deadline', { slowMs: 60_000 }, 'DeadlineExceeded'),
  ews('an answer within the deadline', { slowMs: 200 }, null),
  ews('a gzip bomb', { gzipBomb: 3_000_000 }, 'AnswerNotSoap'),
  ews('an endless answer', { huge: 3_000_000 }, 'AnswerTooLarge'),
  ews(
    '401 to a good credential',
    { status: 401 },
    { basic: 'CredentialRefused', ntlm: 'CredentialRefused', oauth: 'OAuthTokenRefused' },
  ),
  ews('503 with a time to wait', { status: 503, retryAfter: 60 }, 'HttpUnavailable'),
  ews('a redirect', { redirect: 'https://elsewhere.test/EWS/Exchange.asmx' }, 'HttpRedirect'),
  ews('a redirect to a sign-in page', { redirect: '/owa/auth/logon.aspx?url=x' }, 'HttpSignInPage'),
  ews('the page for errors', { redirect: '/ews/genericerrorpage.htm?x' }, 'HttpUnavailable'),
  // Who is asked for, and who asks.
  { name: 'no mailbox', at: 'mailbox', is: all('ErrorNonExistentMailbox'), found: 'AutodiscoverAddressUnknown' },
  { name: 'a wrong password', at: 'password', is: all('CredentialRefused'), found: 'CredentialRefused' },
  // The server as a whole.
  server('an expired certificate', { certificate: 'expired' }, 'TlsExpired', 'TlsExpired'),
  server('a certificate of a stranger', { certificate: 'untrusted' }, 'TlsUntrusted', 'TlsUntrusted'),
  server('a certificate of its own', { certificate: 'self-signed' }, 'TlsUntrusted', 'TlsUntrusted'),
  server('a certificate for another name', { certificate: 'wrong-name' }, 'TlsNameMismatch', 'TlsNameMismatch'),
  server('a weak certificate', { certificate: 'weak' }, 'TlsWeak', 'TlsWeak'),
  server('no TLS 1.2', { tlsMin: '1.0', tlsMax: '1.1' }, 'TlsProtocol', 'TlsProtocol'),
  {
    name: 'Windows authentication alone',
    at: 'server',
    options: { schemes: ['Negotiate', 'NTLM'] },
    takesTokens: false,
    is: { basic: 'BasicNotOffered', ntlm: null, oauth: 'BearerNotOffered' },
  },
  {
    name: 'Basic alone',
    at: 'server',
    options: { schemes: ['Basic'] },
    takesTokens: false,
    is: { basic: null, ntlm: 'NtlmNotOffered', oauth: 'BearerNotOffered' },
  },
  server('impersonation for nobody', { impersonationScope: 'none' }, 'ErrorImpersonateUserDenied'),
  {
    name: 'a locked account',
    at: 'server',
    options: { lockout: 1 },
    isLocked: true,
    // Exchange says no more than no.
    is: { basic: 'CredentialRefused', ntlm: 'CredentialRefused', oauth: null },
    found: 'CredentialRefused',
  },
  // Autodiscover.
  autodiscover('an unknown address', { error: 'InvalidUser' }, 'AutodiscoverAddressUnknown'),
  autodiscover('a busy service', { error: 'ServerBusy' }, 'ErrorServerBusy'),
  autodiscover('an error of its own', { error: 'InternalServerError' }, 'AutodiscoverError'),
  autodiscover(
    'no address of EWS',
    { settings: { externalEwsUrl: null, internalEwsUrl: null } },
    'AutodiscoverUrlMissing',
  ),
  autodiscover(
    'a forbidden address of EWS',
    { settings: { externalEwsUrl: 'https://169.254.169.254/EWS/Exchange.asmx', internalEwsUrl: null } },
    'AutodiscoverUrlRefused',
  ),
  autodiscover('a redirect to another address and back', { redirectAddress: itself }, 'AutodiscoverRedirectLoop'),
  autodiscover(
    'a redirect to a place that is none',
    { redirectUrl: 'http://127.0.0.1/autodiscover.xml' },
    'AutodiscoverRedirectRefused',
  ),
  autodiscover('a redirect to a host outside the domain', { redirectUrl: anotherServer }, 'confirm-host'),
  autodiscover('a page with 200', 'html200', 'AutodiscoverAnswerInvalid'),
  autodiscover('an empty 500', 'empty500', 'HttpStatus'),
  autodiscover('503', { status: 503 }, 'HttpUnavailable'),
  autodiscover('456', { status: 456 }, 'AccountLocked'),
  autodiscover('a reset', 'reset', 'ConnectionReset'),
  autodiscover('silence', 'hang', 'DeadlineExceeded'),
  autodiscover('an endless answer', { huge: 3_000_000 }, 'AnswerTooLarge'),
  autodiscover('a gzip bomb', { gzipBomb: 3_000_000 }, 'AutodiscoverAnswerInvalid'),
  // Hybrid Modern Authentication.
  ...refusals.map(([refusal, code]) => app(refusal, code, { refusal })),
  app('no role', 'OAuthRoleMissing', { change: 'no role' }),
  app('an ended certificate', 'OAuthCertificateExpired', { change: 'ended certificate' }),
  app('no certificate', 'CredentialMissing', { change: 'no certificate' }),
  app('a token for another audience', 'OAuthTokenRefused', { change: 'other audience' }),
  vault('well', null, { secret: 'hma' }),
  vault('a missing certificate', 'KeyVaultSecretNotFound', { secret: 'missing' }),
  vault('a disabled certificate', 'KeyVaultForbidden', { secret: 'disabled' }),
  vault('an app without rights', 'KeyVaultForbidden', { secret: 'hma', isStranger: true }),
  ...misbehaviours.map(([misbehaviour, code]) => vault(misbehaviour, code, { misbehaviour })),
  { name: 'app: no sign-in service', at: 'login', is: onlyOAuth('OAuthUnreachable') },
];
