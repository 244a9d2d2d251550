import type { IndexedFields } from './field-index.ts';
import { Table } from './table.ts';
import type { Change, Collection, Records } from './store.ts';

/** One commit as the journal keeps it. */
export interface Commit {
  /** Sequence number: one more than the commit before; becomes the version of every record it puts. */
  readonly s: number;
  /** Time of the commit, epoch ms: the day file that its log entries go to. */
  readonly t: number;
  readonly ops: readonly Change[];
}

/** What one commit appended to one log: a line of its day file. */
export interface LogBatch {
  readonly s: number;
  readonly t: number;
  readonly entries: readonly unknown[];
}

/** A log: up to commit `exported` it is in day files, the rest waits in `tail` (and in the journals) for a checkpoint. */
export interface LogState {
  exported: number;
  tail: LogBatch[];
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
  mailbox: { where: ['profileId', 'approvalRequestId'], atMost: ['postponedUntil'] },
  secretRequest: { where: ['tokenHash', 'draftId'] },
  task: { where: ['state', 'runId', 'subjectId'], atMost: ['dueAt'] },
  outcome: { where: ['runId', 'mailboxId', 'folded'] },
  alert: { where: ['mailboxId', 'causeId'] },
  incident: { where: ['causeId', 'state'] },
  intent: { where: ['subjectId', 'conversationId'], atMost: ['notBefore'] },
  message: { where: ['subjectId', 'conversationId'] },
};

export function emptyData(schema: number): Data {
  return { schema, seq: 0, tables: new Map(), logs: new Map() };
}

/** The table of a collection. Names that this version does not know are kept as well: nothing is lost by a look. */
export function tableOf(data: Data, collection: string): Table {
  let table = data.tables.get(collection);
  if (table === undefined) {
    table = new Table(Object.hasOwn(indexedFields, collection) ? indexedFields[collection as Collection] : {});
    data.tables.set(collection, table);
  }
  return table;
}

export function logOf(data: Data, log: string): LogState {
  let state = data.logs.get(log);
  if (state === undefined) {
    state = { exported: 0, tail: [] };
    data.logs.set(log, state);
  }
  return state;
}

/** Carries out a commit in memory, new or replayed: one function, so that a restart cannot see it differently. */
export function applyCommit(data: Data, commit: Commit): void {
  data.seq = commit.s;
  const entries = new Map<string, unknown[]>();
  for (const op of commit.ops) {
    switch (op.kind) {
      case 'put':
        tableOf(data, op.collection).put(op.key, commit.s, op.value);
        break;
      case 'delete':
        tableOf(data, op.collection).delete(op.key, commit.s);
        break;
      case 'append':
        if (!entries.has(op.log)) entries.set(op.log, []);
        entries.get(op.log)!.push(op.entry);
        break;
    }
  }
  for (const [log, batch] of entries) logOf(data, log).tail.push({ s: commit.s, t: commit.t, entries: batch });
}
