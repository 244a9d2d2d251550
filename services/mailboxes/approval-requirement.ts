import type { EmailSettings } from '../model/environment.ts';
import { approvalStatus, type ApprovalStatus, type Mailbox, type MailboxType } from '../model/mailbox.ts';

/** True when the organization processes email only for approved mailboxes of this type. */
export function needsApproval(settings: EmailSettings, type: MailboxType): boolean {
  return type === 'queue' ? settings.requireApprovalForQueues : settings.requireApprovalForUsers;
}

/** What a new mailbox starts with. */
export function initialApproval(settings: EmailSettings, type: MailboxType): ApprovalStatus {
  return needsApproval(settings, type) ? approvalStatus.pending : approvalStatus.empty;
}

/** DESIGN, law 2: a mailbox is never tested or enabled while its approval is required and missing. */
export function mayBeTested(settings: EmailSettings, mailbox: Mailbox): boolean {
  return mailbox.approval === approvalStatus.approved || !needsApproval(settings, mailbox.type);
}
