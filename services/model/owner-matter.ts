import type { Alert, AlertLevel } from './alert.ts';
import type { FaultCode } from './fault-catalogue.ts';
import { scopeOf, type Fault } from './fault.ts';
import { isAddress, normalizeAddress, type Mailbox } from './mailbox.ts';

/**
 * What is wrong with a mailbox in the words of whoever owns it: nothing of servers and accounts, which are not theirs to mend
 * and not theirs to know.
 */
export const ownerMatters = [
  'full',
  'rules',
  'too-many',
  'approval',
  'passing',
  'access',
  'address',
  'account',
  'setup',
  'organization',
  'mailbox',
  'server',
] as const;
export type OwnerMatter = (typeof ownerMatters)[number];

/** By code, for the faults of a mailbox; a test holds them to the catalogue. */
export const matterOfCode: Readonly<Partial<Record<FaultCode, OwnerMatter>>> = {
  HttpForbidden: 'access',
  ErrorMailboxStoreUnavailable: 'passing',
  ErrorMailboxMoveInProgress: 'passing',
  ErrorMailboxFailover: 'passing',
  ErrorInternalServerTransientError: 'passing',
  ErrorInternalServerError: 'mailbox',
  ErrorSubmissionQuotaExceeded: 'too-many',
  ErrorNonExistentMailbox: 'address',
  ErrorImpersonateUserDenied: 'access',
  ErrorInvalidExchangeImpersonationHeaderData: 'address',
  ErrorInvalidUserPrincipalName: 'account',
  ErrorNonPrimarySmtpAddress: 'address',
  ErrorAccessDenied: 'access',
  ErrorAccountDisabled: 'account',
  ErrorInvalidSmtpAddress: 'address',
  ErrorMissingEmailAddress: 'address',
  ErrorMailboxConfiguration: 'mailbox',
  ErrorQuotaExceeded: 'full',
  ErrorSendAsDenied: 'access',
  ErrorMessageSizeExceeded: 'setup',
  ErrorFolderNotFound: 'mailbox',
  ErrorItemNotFound: 'rules',
  EwsOther: 'mailbox',
  AutodiscoverAddressUnknown: 'address',
  FolderRightsMissing: 'access',
  OrganizationStampForeign: 'organization',
  TestMessageNotFound: 'rules',
  UnapprovedMailbox: 'approval',
  EmailServerProfileNotAssociated: 'setup',
  InactiveMailbox: 'setup',
  IncomingDeliveryIsForwardMailbox: 'setup',
  MailboxUnsupportedEmailServerType: 'setup',
  UserPrivilegeError: 'account',
  UserNotLicensed: 'account',
  InsufficientAccessMode: 'account',
  MailboxNotEnabledForRESTAPI: 'setup',
  PlatformOther: 'mailbox',
};

export const matterOf = (fault: Pick<Fault, 'code'>): OwnerMatter => matterOfCode[fault.code] ?? 'server';

/** Who mends it. */
export type OwnerActor = 'you' | 'approver' | 'admin' | 'nobody';

/** A passing fault is tried again by itself; what is left needs somebody, and with few things that is the owner. */
export function actorOf(matter: OwnerMatter, level: AlertLevel): OwnerActor {
  if (level !== 'error') return 'nobody';
  if (matter === 'full' || matter === 'rules') return 'you';
  return matter === 'approval' ? 'approver' : 'admin';
}

/**
 * True when the owner hears of an alert (dynamics facts, 3.2): of one of the mailbox always, of one of the server where the
 * organization wants it. What concerns a single message belongs to the message.
 */
export function concernsOwner({ fault }: Pick<Alert, 'fault'>, notifyMailboxOwner: boolean): boolean {
  const scope = scopeOf(fault);
  return scope === 'mailbox' || (scope === 'server' && notifyMailboxOwner);
}

/**
 * The addresses by which the owner of a mailbox is looked for, in this order: the one that it names, and of a user's mailbox its
 * own. Never a name, which anybody can bear.
 */
export function ownerAddresses({ owner, type, address }: Pick<Mailbox, 'owner' | 'type' | 'address'>): string[] {
  const named = isAddress(owner.trim()) ? [normalizeAddress(owner)] : [];
  return type === 'user' && named[0] !== address ? [...named, address] : named;
}
