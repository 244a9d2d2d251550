import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Adapter } from 'lowdb';
import type { Clock } from '../model/clock.ts';
import { isMailroomError } from '../model/error.ts';
import { damaged, readLines } from './crc-lines.ts';
import { applyCommit, logOf, type Commit, type Data, type LogBatch } from './data.ts';
import type { Disk } from './disk.ts';
import { deepFreeze } from './frozen-json.ts';
import { findGeneration, journalName, retireBefore } from './generations.ts';
import { Journal } from './journal.ts';
import { LogFiles } from './log-files.ts';
import { chainStart, nextLink } from './log-chain.ts';
import { keepCopy, migrate, type Migration } from './migrations.ts';
import { capture, readSnapshot, writeSnapshot } from './snapshot.ts';

/** Where the store writes what operators need; `Log` of the services and a pino logger fit. */
export interface StoreLogger {
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** What the adapter needs; `openJournalStore` fills in the defaults. */
export interface AdapterOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: StoreLogger;
  readonly migrations: readonly Migration[];
}

/**
 * The lowdb adapter: `read` loads the snapshot and replays the journals, `write` is a checkpoint. Between the two, each
 * commit goes to `journal`. lowdb's own file adapter writes everything for each change (a second for 100 000 records),
 * without fsync.
 */
export class JournalAdapter implements Adapter<Data> {
  readonly #options: AdapterOptions;
  readonly logFiles: LogFiles;
  journal: Journal;
  /** True when `read` gave what no file holds: a new store, or migrated records. A checkpoint has to follow. */
  needsCheckpoint = false;
  /** Last commit that the snapshot holds; -1 while there is none. */
  #snapshotSeq = -1;

  constructor(options: AdapterOptions) {
    this.#options = options;
    this.logFiles = new LogFiles(options.disk, options.folder);
    this.journal = new Journal(options.disk, options.folder, { number: 0, size: 0, bytes: 0, seq: 0 });
  }

  /** True when a checkpoint would write something new. */
  snapshotIsBehind(data: Data): boolean {
    return data.seq > this.#snapshotSeq;
  }

  async read(): Promise<Data | null> {
    const { disk, folder, clock, migrations: steps } = this.#options;
    const files = await findGeneration(disk, folder);
    if (files === undefined) {
      this.needsCheckpoint = true;
      return null;
    }
    const data = await readSnapshot(folder, files.snapshot, steps.length + 1);
    this.#snapshotSeq = data.seq;
    const sizes: number[] = [];
    for (const number of files.journals) sizes.push(await this.#replay(data, number, number === files.journals.at(-1)));
    // Nothing is cut or deleted before everything has been read and found whole.
    for (const log of new Set([...data.logs.keys(), ...(await this.logFiles.logs())])) {
      const state = logOf(data, log);
      state.exported = await this.logFiles.findExported(log, state.exported);
      // Exported before a crash, but the journals were still there: it must not be exported again.
      state.tail = state.tail.filter((batch) => batch.s > state.exported);
    }
    const isLinked = await this.#linkOlder(data);
    await retireBefore(disk, folder, files.snapshot);
    this.needsCheckpoint = data.schema <= steps.length;
    if (this.needsCheckpoint) await keepCopy(disk, folder, files, data.schema, clock.now());
    const current = this.needsCheckpoint ? migrate(data, steps) : data;
    this.needsCheckpoint ||= isLinked;
    await this.#openJournal(files.journals.at(-1)!, sizes, current.seq);
    return current;
  }

  /** A checkpoint: logs to their day files, then the snapshot, then the files it replaces go. Commits go on meanwhile. */
  async write(data: Data): Promise<void> {
    const { disk, folder } = this.#options;
    const captured = await this.journal.rotate(() => capture(data));
    const { number } = this.journal;
    const exported: Record<string, number> = {};
    for (const [log, batches] of captured.logs) {
      const state = logOf(data, log);
      const last = batches.at(-1);
      if (last) {
        await this.logFiles.export(log, batches);
        state.exported = last.s;
        state.tail = state.tail.slice(batches.length);
      }
      exported[log] = state.exported;
    }
    await writeSnapshot(disk, folder, number, captured, exported);
    await retireBefore(disk, folder, number);
    this.#snapshotSeq = captured.seq;
  }

  /**
   * Begins the chain of logs that are older than it: the hash of what is there becomes what their next entry follows. The
   * old entries stay as they are; from the checkpoint on, which comes next, a change of them is found too.
   */
  async #linkOlder(data: Data): Promise<boolean> {
    let isLinked = false;
    for (const [log, state] of data.logs) {
      if (state.head !== null) continue;
      let end = chainStart;
      const take = ({ entries }: LogBatch): void => {
        for (const entry of entries) end = { ...nextLink(end, entry as object), unlinked: end.position + 1 };
      };
      try {
        if (state.exported > 0) for await (const batch of this.logFiles.read(log, 0, state.exported)) take(batch);
      } catch (error) {
        // A damaged trail is no reason not to work: whoever checks it is told.
        if (!isMailroomError(error, 'store.damaged')) throw error;
        this.#options.logger.error({ err: error }, 'a log is damaged');
      }
      state.tail.forEach(take);
      state.head = end;
      isLinked = true;
    }
    return isLinked;
  }

  /** Replays one journal and returns the size of its whole part: all of it, except for a torn end of the last one. */
  async #replay(data: Data, number: number, isLast: boolean): Promise<number> {
    const file = join(this.#options.folder, journalName(number));
    let whole = 0;
    let torn = false;
    for await (const { offset, end, value } of readLines(file)) {
      // A good line after a bad one: the bad one was durable before, so this is damage and not a torn write.
      if (torn && value !== undefined) throw damaged(file, whole);
      if (value === undefined && !isLast) throw damaged(file, offset);
      torn = value === undefined;
      if (torn) continue;
      for (const commit of value as readonly Commit[]) {
        if (commit.s !== data.seq + 1) throw damaged(file, offset);
        applyCommit(data, deepFreeze(commit));
      }
      whole = end;
    }
    return whole;
  }

  /** Opens the last journal for more, after its torn end is cut. `sizes`: the whole parts of all journals. */
  async #openJournal(number: number, sizes: readonly number[], seq: number): Promise<void> {
    const { disk, folder, logger } = this.#options;
    const path = join(folder, journalName(number));
    const size = sizes.at(-1)!;
    const torn = (await stat(path)).size - size;
    if (torn > 0) logger.warn({ file: path, offset: size, bytes: torn }, 'cut the torn end of the journal');
    const file = await disk.open(path);
    const bytes = sizes.reduce((sum, each) => sum + each);
    this.journal = new Journal(disk, folder, { number, file, size, bytes, seq });
    await file.truncate(size);
    // After a kill the last lines may be in the page cache only; from here on readers are told that they are durable.
    await file.sync();
  }
}
