import type { IndexedFields } from './field-index.ts';
import { Table } from './table.ts';
import { chainStart, nextLink } from './log-chain.ts';
import {
  queues,
  type Change,
  type Collection,
  type Link,
  type LogHead,
  type QueueFields,
  type Records,
} from './store.ts';

/** A change as the journal keeps it: what is appended to a log has its link. Journals of before have none. */
export type LinkedChange =
  (Change & { readonly link?: Link }) | { readonly kind: 'trim'; readonly log: string; readonly trimmed: Trimmed };

/** The last entry of a log that was removed on purpose, and the commit that had written it. */
export interface Trimmed extends Link {
  readonly seq: number;
}

/** One commit as the journal keeps it. */
export interface Commit {
  /** Sequence number: one more than the commit before; becomes the version of every record it puts. */
  readonly s: number;
  /** Time of the commit, epoch ms: the day file that its log entries go to. */
  readonly t: number;
  readonly ops: readonly LinkedChange[];
}

/** What one commit appended to one log: a line of its day file. */
export interface LogBatch {
  readonly s: number;
  readonly t: number;
  readonly entries: readonly unknown[];
  /** One for each entry; absent in batches that were written before logs had a chain. */
  readonly links?: readonly Link[];
}

/** A log: up to commit `exported` it is in day files, the rest waits in `tail` (and in the journals) for a checkpoint. */
export interface LogState {
  exported: number;
  tail: LogBatch[];
  /** Where the chain ends; null while there are entries that it does not count yet. */
  head: LogHead | null;
  /** Files may still hold what was removed, until they are deleted: it is not read any more. */
  trimmed: Trimmed | null;
}

/** All that is in memory: the data that lowdb holds. */
export interface Data {
  schema: number;
  seq: number;
  readonly tables: Map<string, Table>;
  readonly logs: Map<string, LogState>;
}

/** Where a full scan would hurt: queries that come with every commit, and fields that leave few of many records. */
const indexedFields: { readonly [C in Collection]?: IndexedFields<keyof Records[C] & string> } = {
  conversation: { where: ['deathNotice', 'aadObjectId'] },
  person: { where: ['account'] },
  ownerAlert: { where: ['aadObjectId', 'mailboxId'] },
  ownerNotice: { atMost: ['ringAt'] },
  ownerReview: { where: ['kind'] },
  mailbox: {
    where: ['profileId', 'approvalRequestId', 'status', 'owner'],
    atMost: ['postponedUntil'],
    counted: ['profileId', 'status', 'state', 'approval', 'type'],
  },
  secretRequest: { where: ['tokenHash', 'draftId'] },
  run: { where: ['state'] },
  task: { where: ['state', 'runId', 'subjectId', 'profileId'], atMost: ['dueAt'] },
  outcome: { where: ['runId', 'mailboxId', 'folded'] },
  maintenance: { where: ['state'] },
  poll: { where: ['profileId'], atMost: ['dueAt'], counted: ['profileId'] },
  alert: { where: ['mailboxId', 'causeId', 'profileId'], counted: ['causeId', 'level'] },
  incident: { where: ['causeId', 'state'], atMost: ['wakeAt'] },
  fileLink: { where: ['tokenHash'] },
  intent: { where: ['subjectId', 'conversationId'], atMost: ['notBefore'] },
  message: { where: ['subjectId', 'conversationId'] },
};

type AllQueues = Readonly<Record<string, QueueFields>>;

export function emptyData(schema: number): Data {
  return { schema, seq: 0, tables: new Map(), logs: new Map() };
}

/** The table of a collection. Names that this version does not know are kept as well: nothing is lost by a look. */
export function tableOf(data: Data, collection: string): Table {
  let table = data.tables.get(collection);
  if (table === undefined) {
    const fields = Object.hasOwn(indexedFields, collection) ? indexedFields[collection as Collection] : {};
    table = new Table(fields, Object.hasOwn(queues, collection) ? (queues as AllQueues)[collection] : undefined);
    data.tables.set(collection, table);
  }
  return table;
}

export function logOf(data: Data, log: string): LogState {
  let state = data.logs.get(log);
  if (state === undefined) {
    state = { exported: 0, tail: [], head: chainStart, trimmed: null };
    data.logs.set(log, state);
  }
  return state;
}

/** Links what a commit appends to the logs, in the order in which it is carried out. */
export function linkAppends(data: Data, ops: readonly Change[]): LinkedChange[] {
  const ends = new Map<string, Link>();
  return ops.map((op) => {
    if (op.kind !== 'append') return op;
    const link = nextLink(ends.get(op.log) ?? logOf(data, op.log).head ?? chainStart, op.entry);
    ends.set(op.log, link);
    return { ...op, link };
  });
}

/** Carries out a commit in memory, new or replayed: one function, so that a restart cannot see it differently. */
export function applyCommit(data: Data, commit: Commit): void {
  data.seq = commit.s;
  const batches = new Map<string, { readonly entries: unknown[]; readonly links: Link[] }>();
  for (const op of commit.ops) {
    switch (op.kind) {
      case 'put':
        tableOf(data, op.collection).put(op.key, commit.s, op.value);
        break;
      case 'delete':
        tableOf(data, op.collection).delete(op.key, commit.s);
        break;
      case 'append':
        if (!batches.has(op.log)) batches.set(op.log, { entries: [], links: [] });
        batches.get(op.log)!.entries.push(op.entry);
        if (op.link !== undefined) batches.get(op.log)!.links.push(op.link);
        break;
      case 'trim':
        logOf(data, op.log).trimmed = op.trimmed;
        break;
    }
  }
  for (const [log, { entries, links }] of batches) {
    const state = logOf(data, log);
    const last = links.length === entries.length ? links.at(-1) : undefined;
    state.head = last === undefined || state.head === null ? null : { ...state.head, ...last };
    state.tail.push({ s: commit.s, t: commit.t, entries, ...(last === undefined ? {} : { links }) });
  }
}
