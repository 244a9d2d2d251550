import { join } from 'node:path';
import { appendLines, damaged, encodeLine, readLines, readLinesBackwards, type Line } from './crc-lines.ts';
import type { LogBatch } from './data.ts';
import type { Disk } from './disk.ts';

/**
 * The day files of the logs, `audit-2026-01-31.ndjson`: a line a commit, in the order of the commits over all files.
 * Old ones may be taken away (retention); the store reads what is there.
 */
export class LogFiles {
  readonly #disk: Disk;
  readonly #folder: string;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /**
   * The last commit that the files hold, at least `known` (what the snapshot says). More than that, or a torn end, is
   * left by a crash between export and checkpoint: the end is cut, since the journals still have it. A torn end before
   * `known` is damage that nothing can repair here.
   */
  async findExported(log: string, known: number): Promise<number> {
    for (const name of (await this.#names(log)).toReversed()) {
      const file = join(this.#folder, name);
      let last = 0;
      let end = 0;
      let size = 0;
      for await (const line of readLines(file)) {
        size = line.end;
        if (line.value === undefined) continue;
        last = (line.value as LogBatch).s;
        end = line.end;
      }
      if (end < size && last < known) throw damaged(file, end);
      await this.#settle(file, end);
      if (last > 0) return Math.max(known, last);
    }
    return known;
  }

  /** Appends batches and makes them durable, a day after the other. */
  async export(log: string, batches: readonly LogBatch[]): Promise<void> {
    // A clock that was set back must not break the order of the files.
    let today = (await this.#names(log)).at(-1) ?? '';
    const byFile = new Map<string, LogBatch[]>();
    for (const batch of batches) {
      const name = fileName(log, dayOf(batch.t));
      if (name > today) today = name;
      if (!byFile.has(today)) byFile.set(today, []);
      byFile.get(today)!.push(batch);
    }
    for (const [name, some] of byFile) {
      const file = await this.#disk.open(join(this.#folder, name));
      try {
        await appendLines(file, linesOf(some));
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await this.#disk.syncFolder(this.#folder);
  }

  /**
   * Streams the batches after one commit up to another; what an export is appending meanwhile is never looked at. A file that
   * is removed meanwhile is left out: if it should not have been, the chain shows it.
   */
  async *read(log: string, after: number, upTo: number): AsyncGenerator<LogBatch> {
    for (const name of await this.#names(log)) {
      const file = join(this.#folder, name);
      for await (const { offset, value } of whileThere(readLines(file))) {
        if (value === undefined) throw damaged(file, offset);
        const batch = value as LogBatch;
        if (batch.s > after && batch.s <= upTo) yield batch;
        if (batch.s >= upTo) return;
      }
    }
  }

  /** The same, newest first. A file is read no further back than the reader wants to go. */
  async *readBackwards(log: string, after: number, upTo: number): AsyncGenerator<LogBatch> {
    let isSettled = false;
    for (const name of (await this.#names(log)).toReversed()) {
      const file = join(this.#folder, name);
      for await (const { offset, value } of whileThere(readLinesBackwards(file))) {
        // At the end there may be what an export is appending meanwhile.
        if (value === undefined && !isSettled) continue;
        if (value === undefined) throw damaged(file, offset);
        const batch = value as LogBatch;
        isSettled ||= batch.s <= upTo;
        if (batch.s <= after) return;
        if (isSettled) yield batch;
      }
    }
  }

  /** Files whose entries are all of days before this one, oldest first. Never the newest: others are put in order by it. */
  async before(log: string, day: string): Promise<string[]> {
    return (await this.#names(log)).slice(0, -1).filter((name) => name < fileName(log, day));
  }

  /** Streams the batches of one file. */
  async *readFile(name: string): AsyncGenerator<LogBatch> {
    const file = join(this.#folder, name);
    for await (const { offset, value } of readLines(file)) {
      if (value === undefined) throw damaged(file, offset);
      yield value as LogBatch;
    }
  }

  /** Oldest first, so that a crash half way leaves a log that is whole from some entry on. */
  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#disk.remove(join(this.#folder, name));
    if (names.length > 0) await this.#disk.syncFolder(this.#folder);
  }

  /** The logs that have files. */
  async logs(): Promise<string[]> {
    return [...new Set((await this.#disk.list(this.#folder)).flatMap((name) => logFileName.exec(name)?.[1] ?? []))];
  }

  async #names(log: string): Promise<string[]> {
    return (await this.#disk.list(this.#folder)).filter((name) => logFileName.exec(name)?.[1] === log).sort();
  }

  /** Cuts a file and makes the rest durable: after a kill, what the export wrote may be in the page cache only. */
  async #settle(path: string, size: number): Promise<void> {
    const file = await this.#disk.open(path);
    try {
      await file.truncate(size);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Name of a day file, with the log as its first group. */
export const logFileName = /^(.+)-\d{4}-\d{2}-\d{2}\.ndjson$/;

const fileName = (log: string, day: string): string => `${log}-${day}.ndjson`;

/** The day (UTC) of a time, `2026-01-31`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

async function* whileThere(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  try {
    yield* lines;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function* linesOf(batches: readonly LogBatch[]): Generator<string> {
  for (const batch of batches) yield encodeLine(JSON.stringify(batch));
}
