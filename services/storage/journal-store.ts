import { mkdir } from 'node:fs/promises';
import { Low } from 'lowdb';
import { systemClock, type Clock } from '../model/clock.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import type { Conditions } from './conditions.ts';
import {
  applyCommit,
  emptyData,
  linkAppends,
  logOf,
  tableOf,
  type Commit,
  type Data,
  type LogBatch,
  type LogState,
  type Trimmed,
} from './data.ts';
import { localDisk, type Disk } from './disk.ts';
import { lockFolder } from './folder-lock.ts';
import { folderProblem } from './folder-problem.ts';
import { deepFreeze, frozenCopy } from './frozen-json.ts';
import { JournalAdapter, type StoreLogger } from './journal-adapter.ts';
import { migrations as releasedMigrations, type Migration } from './migrations.ts';
import { chainStart, nextLink } from './log-chain.ts';
import { dayOf, type LogFiles } from './log-files.ts';
import type {
  Chained,
  Change,
  Collection,
  ExpectedVersion,
  LineCondition,
  Link,
  LogHead,
  Logs,
  Query,
  Queue,
  ReadOrder,
  Records,
  Store,
  Stored,
} from './store.ts';

export interface JournalStoreOptions {
  /** On a local disk; made, for its owner alone, if it is not there. */
  readonly folder: string;
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
  readonly disk?: Disk;
  readonly migrations?: readonly Migration[];
  /** Size of the journals that starts a checkpoint, bytes. Also bounds the log entries kept in memory. */
  readonly checkpointBytes?: number;
}

const silent: StoreLogger = { warn: () => undefined, error: () => undefined };

/**
 * Opens the embedded store: all records in memory, each commit in a journal on disk (facts/stack.md §2.3).
 * Rejects with `store.locked` (another process has the folder), `store.damaged` or `store.newer-schema` (with the file),
 * `store.folder-unusable` (nothing can be written there) or `store.disk-full`.
 */
export async function openJournalStore(options: JournalStoreOptions): Promise<Store> {
  try {
    return await open(options);
  } catch (error) {
    throw folderProblem(options.folder, error);
  }
}

async function open(options: JournalStoreOptions): Promise<Store> {
  const { folder, clock = systemClock, logger = silent, disk = localDisk } = options;
  const { migrations = releasedMigrations, checkpointBytes = 16 * 1024 * 1024 } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder);
  const adapter = new JournalAdapter({ folder, disk, clock, logger, migrations });
  const low = new Low<Data>(adapter, emptyData(migrations.length + 1));
  try {
    await low.read();
    if (adapter.needsCheckpoint) await low.write();
  } catch (error) {
    await adapter.journal.close().finally(() => lock.release());
    throw error;
  }
  return new JournalStore(low, adapter, { clock, logger, checkpointBytes, release: () => lock.release() });
}

interface Surroundings {
  readonly clock: Clock;
  readonly logger: StoreLogger;
  readonly checkpointBytes: number;
  readonly release: () => void;
}

class JournalStore implements Store {
  readonly #low: Low<Data>;
  readonly #adapter: JournalAdapter;
  readonly #around: Surroundings;
  readonly #listeners = new Set<(collections: ReadonlySet<Collection>) => void>();
  #checkpointing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(low: Low<Data>, adapter: JournalAdapter, around: Surroundings) {
    this.#low = low;
    this.#adapter = adapter;
    this.#around = around;
  }

  get alive(): boolean {
    return this.#adapter.journal.alive;
  }

  async get<C extends Collection>(collection: C, key: string): Promise<Stored<Records[C]> | undefined> {
    const table = tableOf(this.#data(), collection);
    const stored = table.get(key);
    await this.#adapter.journal.whenDurable(stored?.version ?? table.changedAt);
    return stored as Stored<Records[C]> | undefined;
  }

  async query<C extends Collection>(collection: C, query: Query<Records[C]>): Promise<Stored<Records[C]>[]> {
    const table = tableOf(this.#data(), collection);
    const found = table.query(query as Conditions, query.after, query.limit);
    await this.#adapter.journal.whenDurable(table.changedAt);
    return found as Stored<Records[C]>[];
  }

  async count<C extends Collection>(collection: C, query: Omit<Query<Records[C]>, 'after' | 'limit'>): Promise<number> {
    const table = tableOf(this.#data(), collection);
    const total = table.count(query as Conditions);
    await this.#adapter.journal.whenDurable(table.changedAt);
    return total;
  }

  async heads<Q extends Queue>(queue: Q, where: LineCondition<Q>, limit: number): Promise<Stored<Records[Q]>[][]> {
    const table = tableOf(this.#data(), queue);
    const found = table.heads(where, limit);
    await this.#adapter.journal.whenDurable(table.changedAt);
    return found as Stored<Records[Q]>[][];
  }

  /** Everything up to the first `await` is one step: no other commit comes between the check and the change. */
  async commit(changes: readonly Change[], expectedVersions: readonly ExpectedVersion[] = []): Promise<void> {
    const data = this.#data();
    for (const { collection, key, version } of expectedVersions) {
      const actual = tableOf(data, collection).get(key)?.version ?? 0;
      if (actual !== version) throw new MailroomError('store.conflict', { collection, key, expected: version, actual });
    }
    if (changes.length === 0) return this.#adapter.journal.whenDurable(data.seq);
    return this.#carryOut(linkAppends(data, frozenCopy(changes)));
  }

  async #carryOut(ops: Commit['ops']): Promise<void> {
    const data = this.#low.data;
    const commit: Commit = { s: data.seq + 1, t: this.#around.clock.now(), ops };
    const durable = this.#adapter.journal.append(commit);
    applyCommit(data, commit);
    await durable;
    this.#announce(commit);
    if (this.#adapter.journal.bytes > this.#around.checkpointBytes) void this.#checkpoint();
  }

  async *readLog<L extends keyof Logs>(log: L): AsyncGenerator<Logs[L]> {
    for await (const { entry } of this.readChain(log)) yield entry;
  }

  async *readChain<L extends keyof Logs>(log: L, order: ReadOrder = 'oldest-first'): AsyncGenerator<Chained<Logs[L]>> {
    const data = this.#data();
    const { exported, tail, trimmed } = logOf(data, log);
    const after = trimmed?.seq ?? 0;
    // A checkpoint may move the tail to the files meanwhile: this reader keeps to the border that it saw.
    const rest = [...tail];
    await this.#adapter.journal.whenDurable(data.seq);
    const { logFiles } = this.#adapter;
    if (order === 'newest-first') {
      for (const batch of rest.toReversed()) yield* chainedOf<Logs[L]>(batch).toReversed();
      if (exported > 0)
        for await (const batch of logFiles.readBackwards(log, after, exported))
          yield* chainedOf<Logs[L]>(batch).toReversed();
      return;
    }
    if (exported > 0) for await (const batch of logFiles.read(log, after, exported)) yield* chainedOf<Logs[L]>(batch);
    for (const batch of rest) yield* chainedOf<Logs[L]>(batch);
  }

  async logHead(log: keyof Logs): Promise<LogHead> {
    const data = this.#data();
    const { head, trimmed } = logOf(data, log);
    await this.#adapter.journal.whenDurable(data.seq);
    return { ...(head ?? chainStart), ...(trimmed === null ? {} : { removed: linkOf(trimmed) }) };
  }

  /** The anchor is durable before the first file goes. What a crash leaves of the files goes with the next trim. */
  async trimLog(
    log: keyof Logs,
    before: number,
    also: (anchor: Link) => readonly Change[] = () => [],
  ): Promise<Link | null> {
    const data = this.#data();
    // A quiet Mailroom writes no checkpoint for months: what is old by now comes out of the journal first.
    if ((logOf(data, log).tail[0]?.t ?? before) < before) await this.#checkpoint();
    await this.#checkpointing;
    const state = logOf(this.#data(), log);
    const { logFiles } = this.#adapter;
    const names = await logFiles.before(log, dayOf(before));
    if (names.length === 0) return null;
    const followed = await followFiles(logFiles, names, state);
    if (followed === null) {
      this.#around.logger.error({ log }, 'old entries of a log do not fit together, and are kept');
      return null;
    }
    const from = state.trimmed?.seq ?? 0;
    if (followed.seq > from) {
      const ops = linkAppends(this.#data(), frozenCopy(also(linkOf(followed))));
      await this.#carryOut([...ops, { kind: 'trim', log, trimmed: followed }]);
    }
    try {
      await logFiles.remove(names);
    } catch (error) {
      this.#around.logger.warn(
        { err: error, log },
        'old files of a log could not be deleted; they are not read any more',
      );
    }
    return followed.seq > from ? linkOf(followed) : null;
  }

  onCommit(listener: (collections: ReadonlySet<Collection>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#checkpointing;
      if (this.alive && this.#adapter.snapshotIsBehind(this.#low.data)) await this.#checkpoint();
      await this.#adapter.journal.close();
    } finally {
      this.#around.release();
    }
  }

  #data(): Data {
    if (this.#closing) throw new MailroomError('store.closed');
    this.#adapter.journal.assertAlive();
    return this.#low.data;
  }

  /** One at a time. A failure is a failed write like any other, though nothing is lost: the journals have it all. */
  #checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#low
      .write()
      .catch((error: unknown) => this.#adapter.journal.fail(error))
      .finally(() => (this.#checkpointing = undefined));
    return this.#checkpointing;
  }

  #announce(commit: Commit): void {
    const collections = new Set(
      commit.ops.flatMap((op) => (op.kind === 'put' || op.kind === 'delete' ? op.collection : [])),
    );
    for (const listener of this.#listeners) {
      try {
        listener(collections);
      } catch (err) {
        // The commit is durable; its caller must not be told that it failed.
        this.#around.logger.error({ err }, 'a listener of the store failed');
      }
    }
  }
}

const linkOf = ({ position, hash }: Link): Link => ({ position, hash });

/**
 * Follows the chain through files from where the log begins now: their last entry, as what is left will follow it. Null: they
 * are damaged, do not fit together, or hold what the store does not know yet.
 */
async function followFiles(
  files: LogFiles,
  names: readonly string[],
  { head, exported, trimmed }: LogState,
): Promise<Trimmed | null> {
  let at: Trimmed = trimmed ?? { ...linkOf(chainStart), seq: 0 };
  try {
    for (const name of names) {
      for await (const batch of files.readFile(name)) {
        if (batch.s <= at.seq) continue;
        if (batch.s > exported || head === null) return null;
        for (const { entry, link } of chainedOf<object>(batch)) {
          const next = nextLink(at, entry);
          const fits = link === null ? next.position <= head.unlinked : link.hash === next.hash;
          if (!fits) return null;
          at = { ...next, seq: at.seq };
        }
        at = { ...at, seq: batch.s };
      }
    }
  } catch (error) {
    if (!isMailroomError(error, 'store.damaged')) throw error;
    return null;
  }
  return at;
}

/** The entries of a batch with their links. What came from a file is frozen here, and nothing else is changed by it. */
function chainedOf<T>({ entries, links }: LogBatch): Chained<T>[] {
  return entries.map((entry, index) => ({ entry: deepFreeze(entry) as T, link: links?.[index] ?? null }));
}
