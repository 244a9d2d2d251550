import { join } from 'node:path';
import { MailroomError } from '../model/error.ts';
import { encodeParts } from './crc-lines.ts';
import type { Commit } from './data.ts';
import type { Disk, DiskFile } from './disk.ts';
import { journalName } from './generations.ts';

/** Where a journal goes on: in `file`, the last one, cut to `size`. Number 0 has no file; the first `rotate` makes it. */
export interface JournalStart {
  readonly number: number;
  readonly file?: DiskFile;
  readonly size: number;
  /** Of all journals since the snapshot. */
  readonly bytes: number;
  readonly seq: number;
}

/** Commits that share one line, one write and one fsync. */
interface Group {
  /** Their values are frozen: they are turned into text when it is their turn. */
  readonly commits: Commit[];
  lastSeq: number;
  readonly durable: PromiseWithResolvers<void>;
}

interface Rotation {
  readonly capture: () => void;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Writes commits to the journal, in order. Everything queued during a write and its fsync goes out with the next one:
 * many writers cost few fsyncs. A line holds a whole group, so a torn write costs exactly one line, which nobody has
 * been told of.
 *
 * After the first failure the journal is dead for good. An fsync must never be tried again: the kernel may have dropped
 * the pages it could not write, and a second fsync would succeed without them.
 */
export class Journal {
  readonly #disk: Disk;
  readonly #folder: string;
  #number: number;
  #file: DiskFile | undefined;
  /** Bytes of the current file that are durable. */
  #size: number;
  #gathering = newGroup();
  #writing: Group | undefined;
  #rotation: Rotation | undefined;
  #running: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #durableSeq: number;
  /** Bytes written since the last checkpoint began. */
  bytes: number;

  constructor(disk: Disk, folder: string, start: JournalStart) {
    this.#disk = disk;
    this.#folder = folder;
    this.#number = start.number;
    this.#file = start.file;
    this.#size = start.size;
    this.bytes = start.bytes;
    this.#durableSeq = start.seq;
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** The file that `append` writes to now. */
  get number(): number {
    return this.#number;
  }

  assertAlive(): void {
    if (this.#failure) throw new MailroomError('store.dead', {}, this.#failure.cause);
  }

  /** Queues a commit; resolves when it is durable. Sequence numbers must come in order. */
  append(commit: Commit): Promise<void> {
    this.assertAlive();
    const group = this.#gathering;
    group.commits.push(commit);
    group.lastSeq = commit.s;
    this.#wake();
    return group.durable.promise;
  }

  /** Resolves when this commit is durable, at once if it is. */
  async whenDurable(seq: number): Promise<void> {
    this.assertAlive();
    if (seq <= this.#durableSeq) return;
    const group = this.#writing && seq <= this.#writing.lastSeq ? this.#writing : this.#gathering;
    await group.durable.promise;
  }

  /**
   * Starts the next file. `capture` runs at the moment when the data in memory is what the files up to the current one
   * will hold; the promise resolves when they do and commits go to the new file.
   */
  rotate<T>(capture: () => T): Promise<T> {
    this.assertAlive();
    const done = Promise.withResolvers<void>();
    let captured: T;
    this.#rotation = { capture: () => void (captured = capture()), done };
    this.#wake();
    return done.promise.then(() => captured);
  }

  /** Ends the journal: what is queued is rejected, and so is every later call. What is being written ends by itself. */
  fail(cause: unknown): void {
    if (this.#failure) return;
    this.#failure = { cause };
    const error = new MailroomError('store.dead', {}, cause);
    this.#gathering.durable.reject(error);
    this.#rotation?.done.reject(error);
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#file?.close();
    this.#file = undefined;
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Commits of the same turn of the event loop go out together.
    await Promise.resolve();
    while (this.alive && (this.#gathering.commits.length > 0 || this.#rotation)) await this.#next();
    this.#running = undefined;
  }

  async #next(): Promise<void> {
    const group = (this.#writing = this.#gathering);
    const rotation = this.#rotation;
    this.#gathering = newGroup();
    rotation?.capture();
    try {
      if (group.commits.length > 0) await this.#write(group);
      group.durable.resolve();
      this.#writing = undefined;
      if (rotation === undefined) return;
      await this.#startFile();
      this.#rotation = undefined;
      rotation.done.resolve();
    } catch (error) {
      this.fail(error);
      await this.#cutUnacknowledged();
      group.durable.reject(new MailroomError('store.dead', {}, error));
    }
  }

  /** A rejected commit must not come back after a restart. If the disk refuses this as well, it stays as it is. */
  async #cutUnacknowledged(): Promise<void> {
    await this.#file?.truncate(this.#size).catch(() => undefined);
  }

  async #write(group: Group): Promise<void> {
    const pieces = await encodeParts(textOf(group.commits));
    for (const piece of pieces) await this.#file!.append(piece);
    await this.#file!.sync();
    const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
    this.#size += length;
    this.bytes += length;
    this.#durableSeq = group.lastSeq;
  }

  async #startFile(): Promise<void> {
    const next = await this.#disk.open(join(this.#folder, journalName(this.#number + 1)));
    const last = this.#file;
    this.#file = next;
    this.#number++;
    this.#size = 0;
    this.bytes = 0;
    await last?.close();
    // A commit in a file whose name is not durable would be lost with the name.
    await this.#disk.syncFolder(this.#folder);
  }
}

/** Changes whose text is made in one step. */
const opsInPart = 100;

/** A JSON array of commits, in parts. */
function* textOf(commits: readonly Commit[]): Generator<string> {
  let before = '[';
  for (const { ops, ...rest } of commits) {
    if (ops.length <= opsInPart) {
      yield `${before}${JSON.stringify({ ...rest, ops })}`;
    } else {
      yield `${before}${JSON.stringify(rest).slice(0, -1)},"ops":[`;
      for (let from = 0; from < ops.length; from += opsInPart)
        yield `${from === 0 ? '' : ','}${JSON.stringify(ops.slice(from, from + opsInPart)).slice(1, -1)}`;
      yield ']}';
    }
    before = ',';
  }
  yield ']';
}

function newGroup(): Group {
  const durable = Promise.withResolvers<void>();
  // The commits of the group report its failure; without any, it must not count as unhandled.
  durable.promise.catch(() => undefined);
  return { commits: [], lastSeq: 0, durable };
}
