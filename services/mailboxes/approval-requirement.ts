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

/**
 * The type that an import may give a mailbox. One that waits for its approval, or was refused it, keeps the type that needs
 * it: otherwise whoever imports could lead it around the approvers by another name.
 */
export function typeAfterImport(settings: EmailSettings, mailbox: Mailbox, type: MailboxType): MailboxType {
  const escapes = needsApproval(settings, mailbox.type) && !needsApproval(settings, type);
  return escapes && mailbox.approval !== approvalStatus.approved ? mailbox.type : type;
}

/** True when importing this mailbox again asks for its approval again: it was rejected, and needs one. */
export function asksAgain(settings: EmailSettings, mailbox: Mailbox, type: MailboxType): boolean {
  return (
    mailbox.approval === approvalStatus.rejected && needsApproval(settings, typeAfterImport(settings, mailbox, type))
  );
}

/**
 * True when a mailbox needs an approval and nobody is asked for it: the request was taken back, or `expired`. Importing it
 * asks again.
 */
export function isUnasked(
  settings: EmailSettings,
  mailbox: Mailbox,
  type: MailboxType,
  expired: ReadonlySet<string>,
): boolean {
  const { state, approval, approvalRequestId } = mailbox;
  if (state === 'inactive' || !needsApproval(settings, typeAfterImport(settings, mailbox, type))) return false;
  if (approval === approvalStatus.empty) return true;
  return approval === approvalStatus.pending && approvalRequestId !== null && expired.has(approvalRequestId);
}

/** DESIGN, law 2: a mailbox is never tested or enabled while its approval is required and missing. */
export function mayBeTested(settings: EmailSettings, mailbox: Mailbox): boolean {
  return mailbox.approval === approvalStatus.approved || !needsApproval(settings, mailbox.type);
}
