import type { MailboxType } from './mailbox.ts';

/** Approvers who decide about some of the mailboxes: those of a profile, of a type, or of both. */
export interface ApproverSet {
  readonly id: string;
  readonly name: string;
  /** Null: mailboxes of every profile. */
  readonly profileId: string | null;
  /** Null: mailboxes of both types. */
  readonly mailboxType: MailboxType | null;
  /** Entra object ids. Who of them has lost the role of an approver does not decide any more. */
  readonly members: readonly string[];
  /** The set that decides too once a request is escalated; null: everybody who may decide. */
  readonly secondSetId: string | null;
}
