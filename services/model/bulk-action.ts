import type { PendingGroup } from './pending-group.ts';
import type { LeftOut } from './run.ts';

/** What a bulk command would do, waiting for a yes. It acts on exactly the mailboxes that were counted. */
export interface BulkAction {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly kind: 'approve' | 'reject' | 'withdraw' | 'test';
  /** The filter as typed, for the title. */
  readonly filter: string;
  /** Of a rejection; null until its dialog says it. */
  readonly reason: string | null;
  /** All mailboxes of this profile are meant: it gives the run its title. */
  readonly profileName?: string;
  readonly mailboxIds: readonly string[];
  /** Of a decision: the revisions that were counted, by mailbox; one that was changed since is another question. */
  readonly revisions?: Readonly<Record<string, number>>;
  /** Of a decision: requests of theirs that had expired already; of one that expires later this question decides nothing. */
  readonly expired?: readonly string[];
  /** Of a decision: pending ones that match, but whose approval this person has asked for, so that others decide. */
  readonly own?: number;
  /** Of a decision: pending ones that match, and about which another approver set decides. */
  readonly ofOtherSets?: number;
  /** Of a decision about a selection: those of it that do not wait any more. */
  readonly notPending?: number;
  /** Of a decision: how many of which profile and type. */
  readonly groups?: readonly PendingGroup[];
  /** The list in which the mailboxes were selected. */
  readonly listId?: string;
  /** Of a test: those of them that could not be tested when it was asked, which stand last; the run sorts out anew. */
  readonly leftOut?: LeftOut;
  /** The question carries the choice to overwrite the stamps of other organizations. */
  readonly mayTakeOver?: boolean;
  readonly state: 'waiting' | 'done' | 'cancelled';
  readonly createdAt: number;
  readonly revision: number;
}
