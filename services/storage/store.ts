import type { Alert, Incident } from '../model/alert.ts';
import type { AlertDigest, AlertEvent } from '../model/alert-digest.ts';
import type { ShownCause } from '../model/alert-route.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { AuditEntry } from '../model/audit.ts';
import type { BulkAction } from '../model/bulk-action.ts';
import type { ConversationReference, Subscription } from '../model/conversation.ts';
import type { DirectoryLookup } from '../model/directory-lookup.ts';
import type { ProfileDraft } from '../model/draft.ts';
import type { Environment } from '../model/environment.ts';
import type { FileLink } from '../model/file-link.ts';
import type { ImportBatch } from '../model/import-batch.ts';
import type { Intent, RecentSends, SentMessage } from '../model/intent.ts';
import type { KnownPerson } from '../model/known-person.ts';
import type { ListView } from '../model/list-view.ts';
import type { MailboxChange, UndoStep } from '../model/mailbox-change.ts';
import type { Mailbox } from '../model/mailbox.ts';
import type { MailboxSelection, MailboxView } from '../model/mailbox-view.ts';
import type { MaintenanceWindow } from '../model/maintenance.ts';
import type { OwnerAlert, OwnerNotice, OwnerReach, OwnerReview } from '../model/owner-alert.ts';
import type { Outage } from '../model/outage.ts';
import type { Poll } from '../model/poll.ts';
import type { Preference } from '../model/preference.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { RoleAssignment } from '../model/access.ts';
import type { RoleChange } from '../model/role-change.ts';
import type { RunbookNote } from '../model/runbook.ts';
import type { SettingsDraft } from '../model/settings-draft.ts';
import type { SettingsProposal } from '../model/settings-proposal.ts';
import type { Outcome, Run, Task } from '../model/run.ts';
import type { WeeklyStatus } from '../model/status.ts';
import type { Credential, SecretRequest } from '../model/secret-request.ts';
import type { TestHistoryEntry } from '../model/test-history.ts';

/** Dialog and conversation state of the bot, opaque to the services. */
export interface TurnState {
  readonly json: string;
  readonly at: number;
}

/** The collections and their records. Records are plain JSON and are replaced, never mutated. */
export interface Records {
  environment: Environment;
  preference: Preference;
  person: KnownPerson;
  role: RoleAssignment;
  roleChange: RoleChange;
  profile: EmailServerProfile;
  draft: ProfileDraft;
  secretRequest: SecretRequest;
  credential: Credential;
  mailbox: Mailbox;
  approvalRequest: ApprovalRequest;
  importBatch: ImportBatch;
  directoryLookup: DirectoryLookup;
  bulkAction: BulkAction;
  mailboxChange: MailboxChange;
  undoStep: UndoStep;
  listView: ListView;
  mailboxView: MailboxView;
  mailboxSelection: MailboxSelection;
  settingsDraft: SettingsDraft;
  settingsProposal: SettingsProposal;
  run: Run;
  task: Task;
  outcome: Outcome;
  poll: Poll;
  outage: Outage;
  maintenance: MaintenanceWindow;
  alert: Alert;
  incident: Incident;
  runbookNote: RunbookNote;
  alertEvent: AlertEvent;
  alertDigest: AlertDigest;
  shownCause: ShownCause;
  ownerAlert: OwnerAlert;
  ownerNotice: OwnerNotice;
  ownerReview: OwnerReview;
  ownerReach: OwnerReach;
  fileLink: FileLink;
  conversation: ConversationReference;
  subscription: Subscription;
  weeklyStatus: WeeklyStatus;
  intent: Intent;
  message: SentMessage;
  recentSends: RecentSends;
  turnState: TurnState;
}

export type Collection = keyof Records;

/** A record with its key and version. Versions grow with every change of the record and are never 0. */
export interface Stored<T> {
  readonly key: string;
  readonly version: number;
  readonly value: T;
}

/** The audit trail and other logs: appended in the same commit, not held in memory, read by streaming. */
export interface Logs {
  audit: AuditEntry;
  /** What tests and checks of mailboxes found. */
  outcome: TestHistoryEntry;
}

/** Where an entry stands in its log, counted from 1, and the hash that holds it there (`log-chain.ts`), 64 hex digits. */
export interface Link {
  readonly position: number;
  readonly hash: string;
}

/** An entry with its link. Null: the entry was there before logs had a chain. */
export interface Chained<T> {
  readonly entry: T;
  readonly link: Link | null;
}

/** The last link of a log, kept apart from the log itself, and how many of its first entries have no link of their own. */
export interface LogHead extends Link {
  readonly unlinked: number;
  /** The last entry that was removed on purpose (`trimLog`): what the first that is left follows. Absent: none was. */
  readonly removed?: Link;
}

export type ReadOrder = 'oldest-first' | 'newest-first';

export type Change =
  | {
      readonly [C in Collection]: {
        readonly kind: 'put';
        readonly collection: C;
        readonly key: string;
        readonly value: Records[C];
      };
    }[Collection]
  | { readonly kind: 'delete'; readonly collection: Collection; readonly key: string }
  | { readonly [L in keyof Logs]: { readonly kind: 'append'; readonly log: L; readonly entry: Logs[L] } }[keyof Logs];

/** What must still be true for the commit: the record has this version; 0 = it does not exist. */
export interface ExpectedVersion {
  readonly collection: Collection;
  readonly key: string;
  readonly version: number;
}

type Scalar = string | number | boolean | null;

/**
 * A query that an SQL store can answer with an index: conditions on top-level fields, ordered by key.
 * `prefix`: keys begin with it. `where`: equal, or one of. `atMost`: number not null and <=. `contains`: every word occurs
 * in the text field, without case. `after`: only keys greater than this one (paging).
 */
export interface Query<T> {
  readonly prefix?: string;
  readonly where?: { readonly [F in keyof T]?: Scalar | readonly Scalar[] };
  readonly atMost?: { readonly [F in keyof T]?: number };
  readonly contains?: { readonly [F in keyof T]?: readonly string[] };
  readonly after?: string;
  readonly limit: number;
}

/** How the records of a queue stand: in one line where they are equal in the fields `by`, ordered by the number `order`, then by key. */
export interface QueueFields<F extends string = string> {
  readonly by: readonly F[];
  readonly order: F;
}

/** The collections that are worked through in lines. An SQL store has an index on these fields, in this order. */
export const queues = {
  task: { by: ['state', 'priority', 'environmentId', 'profileId', 'runId'], order: 'dueAt' },
} as const satisfies { readonly [C in Collection]?: QueueFields<keyof Records[C] & string> };

export type Queue = keyof typeof queues;

/** Equal in these fields of the line: all or some of them. */
export type LineCondition<Q extends Queue> = Partial<Pick<Records[Q], (typeof queues)[Q]['by'][number]>>;

/**
 * Where Mailroom keeps what it knows. Contract (test/contract/store.contract.ts, every implementation passes it):
 * - `commit` is atomic and durable: when its promise resolves, all changes survive a kill -9; when it rejects, none is there.
 * - A version that does not match rejects with MailroomError `store.conflict` and changes nothing.
 * - Reads never show a change that is not durable yet.
 * - Each entry of a log is linked to the one before it, in the order of the commits; `verifyLog` finds what was changed since.
 * - After a failed write the store is dead: every later call rejects with `store.dead`.
 * - Values that come back are frozen.
 */
export interface Store {
  get<C extends Collection>(collection: C, key: string): Promise<Stored<Records[C]> | undefined>;
  query<C extends Collection>(collection: C, query: Query<Records[C]>): Promise<Stored<Records[C]>[]>;
  /** Number of records that match; `after` and `limit` do not count. */
  count<C extends Collection>(collection: C, query: Omit<Query<Records[C]>, 'after' | 'limit'>): Promise<number>;
  /**
   * The first `limit` records of each line of a queue, in their order. What this costs grows with the number of lines and of
   * the records that come back, and not with the number of those that wait.
   */
  heads<Q extends Queue>(queue: Q, where: LineCondition<Q>, limit: number): Promise<Stored<Records[Q]>[][]>;
  commit(changes: readonly Change[], expectedVersions?: readonly ExpectedVersion[]): Promise<void>;
  /** Streams a log, oldest first. */
  readLog<L extends keyof Logs>(log: L): AsyncIterable<Logs[L]>;
  /** The same with the links; in either order, up to the entry that is the last one when reading begins. */
  readChain<L extends keyof Logs>(log: L, order?: ReadOrder): AsyncIterable<Chained<Logs[L]>>;
  /** Where the chain of a log ends. */
  logHead(log: keyof Logs): Promise<LogHead>;
  /**
   * Removes entries of a log that are older than `before` (epoch ms), the oldest first and by whole days; the newest day stays.
   * The last one that goes is kept as an anchor, so that `verifyLog` tells a removal from a loss. `also` belongs into the
   * commit of the anchor. What does not fit its chain stays, for whoever looks into it. Gives the anchor; null: nothing went.
   */
  trimLog(log: keyof Logs, before: number, also?: (anchor: Link) => readonly Change[]): Promise<Link | null>;
  /** Calls back after every durable commit with the collections it touched; returns the way to stop. */
  onCommit(listener: (collections: ReadonlySet<Collection>) => void): () => void;
  /** False once a write has failed. */
  readonly alive: boolean;
  close(): Promise<void>;
}

/** Key of a record that belongs to an environment. */
export function keyOf(environmentId: string, ...parts: readonly string[]): string {
  return [environmentId, ...parts].join('/');
}
