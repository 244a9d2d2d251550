import type { Mailbox, MailboxType } from './mailbox.ts';

/** How many mailboxes of one profile and one type are decided about. */
export interface PendingGroup {
  readonly profileId: string | null;
  readonly type: MailboxType;
  readonly count: number;
}

/** Mailboxes of a request that one person rejected for one reason. */
export interface Rejection {
  readonly by: string;
  readonly reason: string;
  readonly count: number;
}

/** What a request is about, in numbers, with the first of its mailboxes by name. */
export interface PendingCount {
  readonly groups: readonly PendingGroup[];
  /** By address; a few. */
  readonly sample: readonly Mailbox[];
  /** The mailbox of a request about one, decided or not; null: it is about more, or it is not there any more. */
  readonly only: Mailbox | null;
  /** Why others of it were rejected, the largest first: what the last decision was does not tell of those before. */
  readonly rejections: readonly Rejection[];
}

/** Mailboxes counted by profile and type, the largest group first. */
export function groupsOf(mailboxes: Iterable<Pick<Mailbox, 'profileId' | 'type'>>): PendingGroup[] {
  const groups = new Map<string, PendingGroup>();
  for (const { profileId, type } of mailboxes) {
    const key = `${type} ${profileId ?? ''}`;
    groups.set(key, { profileId, type, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Rejected mailboxes by who said so and why, the most first. */
export function rejectionsOf(mailboxes: Iterable<Pick<Mailbox, 'decidedBy' | 'decisionReason'>>): Rejection[] {
  const rejections = new Map<string, Rejection>();
  for (const { decidedBy, decisionReason } of mailboxes) {
    const by = decidedBy ?? '';
    const reason = decisionReason ?? '';
    const key = JSON.stringify([by, reason]);
    rejections.set(key, { by, reason, count: (rejections.get(key)?.count ?? 0) + 1 });
  }
  return [...rejections.values()].sort((a, b) => b.count - a.count);
}
