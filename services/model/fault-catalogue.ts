import type { FaultNature, FaultScope } from './fault.ts';

interface FaultEntry {
  readonly nature: FaultNature;
  readonly scope: FaultScope;
}

const transient = (scope: FaultScope): FaultEntry => ({ nature: 'transient', scope });
const permanent = (scope: FaultScope): FaultEntry => ({ nature: 'permanent', scope });

/**
 * Every fault a user can see. EWS response codes keep their wire names
 * (learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode); natures follow the platform's
 * alert texts: "will try again later" is transient, "didn't synchronize" is permanent. Each code has a cause and a next
 * step in every locale (`locales/faults.*.json`); a test pins the two to each other.
 */
export const faultCatalogue = {
  // The address itself, before anything is sent.
  AddressLoopback: permanent('server'),
  AddressLinkLocal: permanent('server'),
  AddressNotAllowed: permanent('server'),
  // Name and connection.
  DnsNotFound: permanent('server'),
  DnsFailure: transient('server'),
  ConnectionRefused: transient('server'),
  ConnectionTimedOut: transient('server'),
  ConnectionReset: transient('server'),
  HostUnreachable: transient('server'),
  ConnectionOther: transient('server'),
  ProxyRefused: transient('server'),
  // TLS.
  TlsUntrusted: permanent('server'),
  TlsExpired: permanent('server'),
  TlsNameMismatch: permanent('server'),
  TlsProtocol: permanent('server'),
  TlsWeak: permanent('server'),
  TlsFailure: permanent('server'),
  // HTTP.
  CredentialRefused: permanent('server'),
  CredentialMissing: permanent('server'),
  BasicNotOffered: permanent('server'),
  NtlmNotOffered: permanent('server'),
  BearerNotOffered: permanent('server'),
  AccountLocked: permanent('server'),
  HttpForbidden: permanent('mailbox'),
  HttpNotFound: permanent('server'),
  HttpRedirect: permanent('server'),
  HttpSignInPage: permanent('server'),
  HttpRequestRefused: permanent('server'),
  HttpUnavailable: transient('server'),
  HttpStatus: transient('server'),
  DeadlineExceeded: transient('server'),
  AnswerTooLarge: permanent('server'),
  AnswerNotSoap: transient('server'),
  // Exchange Web Services.
  ErrorServerBusy: transient('server'),
  ErrorExceededConnectionCount: transient('server'),
  ErrorMailboxStoreUnavailable: transient('mailbox'),
  ErrorMailboxMoveInProgress: transient('mailbox'),
  ErrorMailboxFailover: transient('mailbox'),
  ErrorADUnavailable: transient('server'),
  ErrorInsufficientResources: transient('server'),
  ErrorInternalServerTransientError: transient('mailbox'),
  ErrorInternalServerError: transient('mailbox'),
  ErrorConnectionFailed: transient('server'),
  ErrorTimeoutExpired: transient('server'),
  ErrorTooManyObjectsOpened: transient('server'),
  ErrorNoRespondingCASInDestinationSite: transient('server'),
  ErrorSubmissionQuotaExceeded: transient('mailbox'),
  ErrorNonExistentMailbox: permanent('mailbox'),
  ErrorImpersonateUserDenied: permanent('mailbox'),
  ErrorImpersonationDenied: permanent('server'),
  ErrorImpersonationFailed: permanent('server'),
  ErrorInvalidExchangeImpersonationHeaderData: permanent('mailbox'),
  ErrorInvalidUserPrincipalName: permanent('mailbox'),
  ErrorNonPrimarySmtpAddress: permanent('mailbox'),
  ErrorAccessDenied: permanent('mailbox'),
  ErrorAccountDisabled: permanent('mailbox'),
  ErrorPasswordExpired: permanent('server'),
  ErrorPasswordChangeRequired: permanent('server'),
  ErrorInvalidSmtpAddress: permanent('mailbox'),
  ErrorMissingEmailAddress: permanent('mailbox'),
  ErrorMailboxConfiguration: permanent('mailbox'),
  ErrorQuotaExceeded: permanent('mailbox'),
  ErrorSendAsDenied: permanent('mailbox'),
  ErrorMessageSizeExceeded: permanent('mailbox'),
  ErrorFolderNotFound: permanent('mailbox'),
  ErrorItemNotFound: permanent('mailbox'),
  ErrorInvalidServerVersion: permanent('server'),
  ErrorInvalidRequest: permanent('server'),
  ErrorSchemaValidation: permanent('server'),
  EwsOther: transient('mailbox'),
  // Hybrid Modern Authentication: Entra's token endpoint, and the vault that holds the certificate.
  OAuthInvalidClient: permanent('server'),
  OAuthCertificateExpired: permanent('server'),
  OAuthAppNotFound: permanent('server'),
  OAuthTenantNotFound: permanent('server'),
  OAuthResourceNotFound: permanent('server'),
  OAuthConsentMissing: permanent('server'),
  OAuthRoleMissing: permanent('server'),
  OAuthTokenRefused: permanent('server'),
  OAuthClockSkew: permanent('server'),
  OAuthUnreachable: transient('server'),
  OAuthOther: transient('server'),
  KeyVaultForbidden: permanent('server'),
  KeyVaultSecretNotFound: permanent('server'),
  KeyVaultUnreachable: transient('server'),
  KeyVaultOther: transient('server'),
  HmaNotSupported: permanent('server'),
  // Autodiscover: the search for the server of an address.
  AutodiscoverNotFound: permanent('server'),
  AutodiscoverHostDeclined: permanent('server'),
  AutodiscoverAddressUnknown: permanent('mailbox'),
  AutodiscoverUrlMissing: permanent('server'),
  AutodiscoverUrlRefused: permanent('server'),
  AutodiscoverSchemeNotOffered: permanent('server'),
  AutodiscoverRedirectLoop: permanent('server'),
  AutodiscoverRedirectRefused: permanent('server'),
  AutodiscoverAnswerInvalid: transient('server'),
  AutodiscoverError: transient('server'),
  // What Mailroom itself finds.
  FolderRightsMissing: permanent('mailbox'),
  OrganizationStampForeign: permanent('mailbox'),
  TestMessageNotFound: transient('mailbox'),
  ServerTooOld: permanent('server'),
  UnapprovedMailbox: permanent('mailbox'),
  EmailServerProfileNotAssociated: permanent('mailbox'),
  InactiveEmailServerProfile: permanent('server'),
  WorkerFailed: transient('server'),
  ProfileMostlyFailing: permanent('server'),
  // What a Dynamics 365 environment says that keeps the mailboxes itself; `platform-code.ts` leads from its codes to these.
  InactiveMailbox: permanent('mailbox'),
  IncomingDeliveryIsForwardMailbox: permanent('mailbox'),
  MailboxUnsupportedEmailServerType: permanent('mailbox'),
  NoTestEmailAccessPrivilege: permanent('server'),
  O365RoleUnsupportedForEmailApproval: permanent('server'),
  UserPrivilegeError: permanent('mailbox'),
  UserNotLicensed: permanent('mailbox'),
  InsufficientAccessMode: permanent('mailbox'),
  MailboxNotEnabledForRESTAPI: permanent('mailbox'),
  PlatformSignInRefused: permanent('server'),
  PlatformBusy: transient('server'),
  PlatformItemRefused: transient('email'),
  PlatformRecipientInvalid: permanent('email'),
  PlatformOther: transient('mailbox'),
} as const satisfies Record<string, FaultEntry>;

export type FaultCode = keyof typeof faultCatalogue;
