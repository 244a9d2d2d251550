import type { Params } from './error.ts';
import type { FaultCode } from './fault-catalogue.ts';
import type { Fault } from './fault.ts';

/**
 * How Mailroom meets a code of the platform: as a fault of the catalogue, as the error that refuses the same input
 * (`error.CODE`), or not at all, and then why.
 */
export type PlatformMeaning =
  | { readonly kind: 'fault'; readonly code: FaultCode }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'never'; readonly because: NeverMet };

export type NeverMet =
  /** Profiles of Mailroom are for Exchange; the code is about SMTP, POP3 or IMAP. */
  | 'exchange-only'
  /** Mailroom always writes the one value that is right. */
  | 'fixed-value'
  /** Mailroom has no command that would do this. */
  | 'not-done'
  /** About mailboxes in Exchange Online. */
  | 'online';

export interface PlatformCode {
  /** As the platform calls it; null where its documentation gives the number alone. */
  readonly name: string | null;
  readonly meaning: PlatformMeaning;
}

const fault = (name: string | null, code: FaultCode): PlatformCode => ({ name, meaning: { kind: 'fault', code } });
const error = (name: string, code: string): PlatformCode => ({ name, meaning: { kind: 'error', code } });
const never = (name: string | null, because: NeverMet): PlatformCode => ({ name, meaning: { kind: 'never', because } });

/**
 * The codes with which Dynamics 365 refuses what people set up for server-side synchronization, and reports what it meets
 * itself, by their hexadecimal form (learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes;
 * facts/dynamics.md §3.4, §3.5).
 */
export const platformCodes: Readonly<Record<string, PlatformCode>> = {
  '8005E201': error('EmailServerProfileSslRequiredForOnline', 'server-location.not-https'),
  '8005E202': never('EmailServerProfileInvalidCredentialRetrievalForOnline', 'fixed-value'),
  '8005E203': never('EmailServerProfileInvalidCredentialRetrievalForExchange', 'fixed-value'),
  '8005E204': never('EmailServerProfileAutoDiscoverNotAllowed', 'exchange-only'),
  '8005E205': error('EmailServerProfileLocationNotRequired', 'profile.outgoing-with-autodiscover'),
  '8005E208': never('MailboxCannotModifyEmailAddress', 'not-done'),
  '8005E209': error('MailboxCredentialNotSpecified', 'profile.user-missing'),
  '8005E20A': error('EmailServerProfileInvalidServerLocation', 'server-location.invalid'),
  '8005E219': fault('InactiveMailbox', 'InactiveMailbox'),
  '8005E220': fault('UnapprovedMailbox', 'UnapprovedMailbox'),
  '8005E222': fault('EmailServerProfileNotAssociated', 'EmailServerProfileNotAssociated'),
  '8005E223': fault('IncomingDeliveryIsForwardMailbox', 'IncomingDeliveryIsForwardMailbox'),
  '8005E227': never('InaccessibleSmtpServer', 'exchange-only'),
  '8005E228': fault('InactiveEmailServerProfile', 'InactiveEmailServerProfile'),
  '8005E232': fault('NoTestEmailAccessPrivilege', 'NoTestEmailAccessPrivilege'),
  '8005E233': never('MailboxCannotDeleteEmails', 'not-done'),
  '8005E234': error('EmailServerProfileSslRequiredForOnPremise', 'server-location.not-https'),
  '8005E235': never('EmailServerProfileDelegateAccessNotAllowed', 'exchange-only'),
  '8005E236': never('EmailServerProfileImpersonationNotAllowed', 'exchange-only'),
  '8005E237': fault('EmailMessageSizeExceeded', 'ErrorMessageSizeExceeded'),
  '8005E23B': never('EmailServerProfileInvalidAuthenticationProtocol', 'fixed-value'),
  '8005E23C': error('EmailServerProfileADBasedAuthenticationProtocolNotAllowed', 'profile.ntlm-not-allowed'),
  '8005E23D': error('EmailServerProfileBasicAuthenticationProtocolNotAllowed', 'server-location.not-https'),
  '8005E23E': never('IncomingServerLocationAndSslSetToNo', 'fixed-value'),
  '8005E23F': never('OutgoingServerLocationAndSslSetToNo', 'fixed-value'),
  '8005E240': error('IncomingServerLocationAndSslSetToYes', 'server-location.not-https'),
  '8005E241': error('OutgoingServerLocationAndSslSetToYes', 'server-location.not-https'),
  '8005E247': fault('MailboxUnsupportedEmailServerType', 'MailboxUnsupportedEmailServerType'),
  '8005E259': fault(null, 'UserPrivilegeError'),
  '8005E272': fault(null, 'PlatformSignInRefused'),
  '8005E273': never(null, 'online'),
  '8005E274': fault('MailboxNotEnabledForRESTAPI', 'MailboxNotEnabledForRESTAPI'),
  '8005E276': never(null, 'online'),
  '8006088C': never('MailboxTrackingFolderMappingCannotBeUpdated', 'not-done'),
  '8009000B': fault('O365RoleUnsupportedForEmailApproval', 'O365RoleUnsupportedForEmailApproval'),
  '80090904': never(null, 'not-done'),
  '80090905': never('CannotAssignDelegatedMailboxApproverRoleToTeam', 'not-done'),
  '80044502': fault('InsufficientAccessMode', 'InsufficientAccessMode'),
  '80040220': fault('PrivilegeDenied', 'UserPrivilegeError'),
  '80048306': fault(null, 'UserPrivilegeError'),
  // The owner of a queue, and the team that owns one.
  '80040520': fault(null, 'UserPrivilegeError'),
  '80042F0A': fault(null, 'UserPrivilegeError'),
  '8004D24B': fault(null, 'UserNotLicensed'),
  // A plug-in or workflow aborted, or threw.
  '80040265': fault(null, 'PlatformItemRefused'),
  '80040224': fault(null, 'PlatformItemRefused'),
  '80040B0B': fault(null, 'PlatformRecipientInvalid'),
  // Unexpected; gone with the next cycle as a rule.
  '80040216': fault(null, 'PlatformOther'),
  '80072321': fault('ThrottlingTimeExceededError', 'PlatformBusy'),
  '80072322': fault('ThrottlingBurstRequestLimitExceededError', 'PlatformBusy'),
  '80072326': fault('ThrottlingConcurrencyLimitExceededError', 'PlatformBusy'),
  '8004F900': never('TraceMessageConstructionError', 'not-done'),
};

/**
 * A code of the platform as a fault. Alerts carry it as a signed number (-2147098080), the Web API as `0x8005E220`. One that
 * is unknown here, or that should not have come, becomes the honest default that shows it.
 */
export function platformFault(code: number | string, params: Params = {}): Fault {
  const hex = hexOf(code);
  const known = hex !== null && Object.hasOwn(platformCodes, hex) ? platformCodes[hex]?.meaning : undefined;
  const responseCode = hex === null ? String(code).slice(0, longestCode) : `0x${hex}`;
  const said: Params = { ...params, responseCode };
  return { code: known?.kind === 'fault' ? known.code : 'PlatformOther', params: said, raw: responseCode };
}

/** Whatever a server calls its error is kept with the mailbox, so it does not decide how long that is. */
const longestCode = 80;

/** Eight digits in capitals; null for what is no code of this form. */
function hexOf(code: number | string): string | null {
  if (typeof code === 'number')
    return Number.isInteger(code) ? (code >>> 0).toString(16).padStart(8, '0').toUpperCase() : null;
  if (/^-\d{1,10}$/.test(code.trim())) return hexOf(Number(code));
  return /^\s*(?:0x)?([\da-f]{8})\s*$/i.exec(code)?.[1]?.toUpperCase() ?? null;
}
