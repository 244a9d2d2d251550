import type { FaultCode } from './fault-catalogue.ts';

/**
 * What to do about a fault beyond its next step: steps that many codes share, whom to ask, and where Microsoft writes about
 * it. The sentences are `card.runbook.step.PROCEDURE.N` in each locale; a test compares their number with `steps`.
 */
export interface Procedure {
  readonly steps: number;
  /** Who can help: a sentence `card.runbook.ask.TEAM`. */
  readonly ask: Team;
  readonly page: string | null;
}

export const teams = [
  'operator',
  'network',
  'exchange',
  'certificates',
  'directory',
  'entra',
  'admin',
  'dynamics',
] as const;
export type Team = (typeof teams)[number];

const platform = 'https://learn.microsoft.com/power-platform/admin';
const support = 'https://learn.microsoft.com/troubleshoot/power-platform/dataverse/email-exchange-synchronization';
const ews = 'https://learn.microsoft.com/exchange/client-developer/exchange-web-services';

export const procedures = {
  address: { steps: 2, ask: 'operator', page: null },
  dns: { steps: 3, ask: 'network', page: `${support}/email-cannot-be-received-mailbox` },
  connection: { steps: 4, ask: 'network', page: `${support}/error-occurs-sending-email-for-mailbox` },
  tls: { steps: 4, ask: 'certificates', page: `${platform}/server-cipher-tls-requirements` },
  credential: { steps: 4, ask: 'directory', page: `${support}/exception-when-using-server-side-sync` },
  scheme: { steps: 3, ask: 'exchange', page: `${platform}/connect-exchange-server-on-premises` },
  endpoint: { steps: 4, ask: 'exchange', page: `${platform}/connect-exchange-server-on-premises` },
  throttling: { steps: 4, ask: 'exchange', page: `${ews}/ews-throttling-in-exchange` },
  impersonation: { steps: 4, ask: 'exchange', page: `${ews}/how-to-configure-impersonation` },
  forbidden: { steps: 3, ask: 'exchange', page: `${support}/http-server-returned-forbidden-exception` },
  store: { steps: 4, ask: 'exchange', page: `${support}/general-mailbox-access-error-occurred` },
  identity: { steps: 4, ask: 'exchange', page: `${support}/error-when-testing-enabling-mailbox` },
  size: { steps: 3, ask: 'exchange', page: null },
  content: { steps: 3, ask: 'exchange', page: null },
  organization: { steps: 3, ask: 'admin', page: `${platform}/when-would-want-use-check-box` },
  token: { steps: 4, ask: 'entra', page: `${platform}/connect-exchange-server-on-premises` },
  vault: { steps: 3, ask: 'entra', page: `${platform}/connect-exchange-server-on-premises` },
  autodiscover: { steps: 4, ask: 'exchange', page: `${ews}/autodiscover-for-exchange` },
  configuration: { steps: 3, ask: 'admin', page: `${support}/mailbox-does-not-have-email-server-profile` },
  engine: { steps: 2, ask: 'operator', page: null },
  alarm: { steps: 4, ask: 'admin', page: null },
  platform: { steps: 3, ask: 'dynamics', page: `${support}/error-when-you-test-enable-a-mailbox` },
} as const satisfies Readonly<Record<string, Procedure>>;
export type ProcedureName = keyof typeof procedures;

const procedureOfCode: Readonly<Record<FaultCode, ProcedureName>> = {
  AddressLoopback: 'address',
  AddressLinkLocal: 'address',
  AddressNotAllowed: 'address',
  DnsNotFound: 'dns',
  DnsFailure: 'dns',
  ConnectionRefused: 'connection',
  ConnectionTimedOut: 'connection',
  ConnectionReset: 'connection',
  HostUnreachable: 'connection',
  ConnectionOther: 'connection',
  ProxyRefused: 'connection',
  TlsUntrusted: 'tls',
  TlsExpired: 'tls',
  TlsNameMismatch: 'tls',
  TlsProtocol: 'tls',
  TlsWeak: 'tls',
  TlsFailure: 'tls',
  CredentialRefused: 'credential',
  CredentialMissing: 'credential',
  BasicNotOffered: 'scheme',
  NtlmNotOffered: 'scheme',
  BearerNotOffered: 'scheme',
  AccountLocked: 'credential',
  HttpForbidden: 'forbidden',
  HttpNotFound: 'endpoint',
  HttpRedirect: 'endpoint',
  HttpSignInPage: 'endpoint',
  HttpRequestRefused: 'endpoint',
  HttpUnavailable: 'throttling',
  HttpStatus: 'endpoint',
  DeadlineExceeded: 'connection',
  AnswerTooLarge: 'endpoint',
  AnswerNotSoap: 'endpoint',
  ErrorServerBusy: 'throttling',
  ErrorExceededConnectionCount: 'throttling',
  ErrorMailboxStoreUnavailable: 'store',
  ErrorMailboxMoveInProgress: 'store',
  ErrorMailboxFailover: 'store',
  ErrorADUnavailable: 'store',
  ErrorInsufficientResources: 'throttling',
  ErrorInternalServerTransientError: 'store',
  ErrorInternalServerError: 'store',
  ErrorConnectionFailed: 'store',
  ErrorTimeoutExpired: 'store',
  ErrorTooManyObjectsOpened: 'throttling',
  ErrorNoRespondingCASInDestinationSite: 'store',
  ErrorSubmissionQuotaExceeded: 'size',
  ErrorNonExistentMailbox: 'identity',
  ErrorImpersonateUserDenied: 'impersonation',
  ErrorImpersonationDenied: 'impersonation',
  ErrorImpersonationFailed: 'impersonation',
  ErrorInvalidExchangeImpersonationHeaderData: 'identity',
  ErrorInvalidUserPrincipalName: 'identity',
  ErrorNonPrimarySmtpAddress: 'identity',
  ErrorAccessDenied: 'impersonation',
  ErrorAccountDisabled: 'identity',
  ErrorPasswordExpired: 'credential',
  ErrorPasswordChangeRequired: 'credential',
  ErrorInvalidSmtpAddress: 'identity',
  ErrorMissingEmailAddress: 'identity',
  ErrorMailboxConfiguration: 'identity',
  ErrorQuotaExceeded: 'size',
  ErrorSendAsDenied: 'impersonation',
  ErrorMessageSizeExceeded: 'size',
  ErrorFolderNotFound: 'content',
  ErrorItemNotFound: 'content',
  ErrorInvalidServerVersion: 'endpoint',
  ErrorInvalidRequest: 'endpoint',
  ErrorSchemaValidation: 'endpoint',
  EwsOther: 'store',
  OAuthInvalidClient: 'token',
  OAuthCertificateExpired: 'token',
  OAuthAppNotFound: 'token',
  OAuthTenantNotFound: 'token',
  OAuthResourceNotFound: 'token',
  OAuthConsentMissing: 'token',
  OAuthRoleMissing: 'token',
  OAuthTokenRefused: 'token',
  OAuthClockSkew: 'token',
  OAuthUnreachable: 'token',
  OAuthOther: 'token',
  KeyVaultForbidden: 'vault',
  KeyVaultSecretNotFound: 'vault',
  KeyVaultUnreachable: 'vault',
  KeyVaultOther: 'vault',
  HmaNotSupported: 'scheme',
  AutodiscoverNotFound: 'autodiscover',
  AutodiscoverHostDeclined: 'autodiscover',
  AutodiscoverAddressUnknown: 'identity',
  AutodiscoverUrlMissing: 'autodiscover',
  AutodiscoverUrlRefused: 'autodiscover',
  AutodiscoverSchemeNotOffered: 'autodiscover',
  AutodiscoverRedirectLoop: 'autodiscover',
  AutodiscoverRedirectRefused: 'autodiscover',
  AutodiscoverAnswerInvalid: 'autodiscover',
  AutodiscoverError: 'autodiscover',
  FolderRightsMissing: 'impersonation',
  OrganizationStampForeign: 'organization',
  TestMessageNotFound: 'content',
  ServerTooOld: 'endpoint',
  UnapprovedMailbox: 'configuration',
  EmailServerProfileNotAssociated: 'configuration',
  InactiveEmailServerProfile: 'configuration',
  WorkerFailed: 'engine',
  ProfileMostlyFailing: 'alarm',
  InactiveMailbox: 'configuration',
  IncomingDeliveryIsForwardMailbox: 'configuration',
  MailboxUnsupportedEmailServerType: 'configuration',
  NoTestEmailAccessPrivilege: 'platform',
  O365RoleUnsupportedForEmailApproval: 'platform',
  UserPrivilegeError: 'platform',
  UserNotLicensed: 'platform',
  InsufficientAccessMode: 'platform',
  MailboxNotEnabledForRESTAPI: 'configuration',
  PlatformSignInRefused: 'platform',
  PlatformBusy: 'platform',
  PlatformItemRefused: 'platform',
  PlatformRecipientInvalid: 'platform',
  PlatformOther: 'platform',
};

export const procedureOf = (code: FaultCode): ProcedureName => procedureOfCode[code];

/** What an organization itself writes about a fault: a short text, and where there is more. One a code. */
export interface RunbookNote {
  readonly environmentId: string;
  readonly code: FaultCode;
  /** Lines as typed. */
  readonly text: string;
  /** An https address; null: none. */
  readonly link: string | null;
  readonly by: string;
  readonly byName: string;
  readonly at: number;
  readonly revision: number;
}

export const runbookLimits = { text: 1000, link: 500 } as const;

/** What is wrong with a note; null: nothing. */
export type NoteProblem = 'text-too-long' | 'link-too-long' | 'link-not-https' | 'link-with-password';

/** A note as it is kept. An address carries no sign-in: it would be read by everybody. */
export function readNote(typed: {
  readonly text: string;
  readonly link: string;
}): { readonly text: string; readonly link: string | null } | NoteProblem {
  const text = typed.text.replaceAll(/\r\n?/g, '\n').trim();
  const link = typed.link.trim();
  if (text.length > runbookLimits.text) return 'text-too-long';
  if (link === '') return { text, link: null };
  if (link.length > runbookLimits.link) return 'link-too-long';
  const url = /^https:\/\/[^/\\]/i.test(link) && URL.canParse(link) ? new URL(link) : null;
  if (url === null) return 'link-not-https';
  if (url.username !== '' || url.password !== '') return 'link-with-password';
  return url.href.length > runbookLimits.link ? 'link-too-long' : { text, link: url.href };
}
