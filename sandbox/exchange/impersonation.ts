import type { Principal } from './authentication/scheme.ts';
import { globMatcher } from './faults/glob.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import type { Organization } from './mailbox/organization.ts';
import type { Impersonation } from './soap/call.ts';
import { ewsFault, noSuchMailbox } from './soap/ews-error.ts';

/** For which mailboxes the account holds ApplicationImpersonation: all, none, or a glob of addresses. */
export type ImpersonationScope = string;

/** The mailbox a request acts for. Whether it exists is told before whether it may be used, as on a real server. */
export function actingMailbox(
  organization: Organization,
  principal: Principal,
  impersonation: Impersonation | undefined,
  scope: ImpersonationScope,
): Mailbox {
  if (!impersonation) {
    if (principal.principalName === undefined) throw ewsFault('ErrorImpersonationRequired');
    const own = organization.find(principal.principalName);
    if (!own) throw ewsFault('ErrorMissingEmailAddress');
    return own;
  }
  const { kind, value } = impersonation;
  // No mailbox here has a security identifier, so a well-formed one leads nowhere.
  if (kind === 'SID') throw ewsFault(/^S-1-\d+(?:-\d+)+$/.test(value) ? 'ErrorImpersonationFailed' : 'ErrorInvalidSid');
  if (kind === 'PrincipalName' && !value.includes('@')) throw ewsFault('ErrorInvalidUserPrincipalName');
  const mailbox = organization.find(value);
  if (!mailbox) throw noSuchMailbox('fault', value);
  const isPrimary = mailbox.address.toLowerCase() === value.toLowerCase();
  if (kind === 'PrimarySmtpAddress' && !isPrimary) throw ewsFault('ErrorNonPrimarySmtpAddress');
  if (!isInScope(mailbox, scope)) throw ewsFault('ErrorImpersonateUserDenied');
  return mailbox;
}

function isInScope(mailbox: Mailbox, scope: ImpersonationScope): boolean {
  if (scope === 'all') return true;
  return scope !== 'none' && globMatcher(scope)(mailbox.address);
}
