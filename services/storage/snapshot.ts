import { join } from 'node:path';
import { MailroomError } from '../model/error.ts';
import { appendLines, damaged, encodeLine, readLines } from './crc-lines.ts';
import { emptyData, logOf, tableOf, type Data, type LogBatch, type Trimmed } from './data.ts';
import type { Disk } from './disk.ts';
import { deepFreeze } from './frozen-json.ts';
import { snapshotName } from './generations.ts';
import { chainStart } from './log-chain.ts';
import type { LogHead, Stored } from './store.ts';

/** What a snapshot is written from: a shallow copy, taken in one step, of values that never change. */
export interface Capture {
  readonly schema: number;
  readonly seq: number;
  readonly tables: readonly (readonly [string, readonly Stored<object>[]])[];
  readonly logs: readonly (readonly [string, readonly LogBatch[]])[];
  readonly heads: Readonly<Record<string, LogHead>>;
  readonly trimmed: Readonly<Record<string, Trimmed>>;
}

interface Header {
  readonly schema: number;
  readonly seq: number;
  /** Last commit of each log that the day files hold: from here on a restart keeps the entries it replays. */
  readonly logs: Readonly<Record<string, number>>;
  /** Where the chain of each log ends: not in the log itself, so that a log that is cut shows it. Absent before there was one. */
  readonly heads?: Readonly<Record<string, LogHead>>;
  /** Up to where each log was removed on purpose. */
  readonly trimmed?: Readonly<Record<string, Trimmed>>;
}

export function capture(data: Data): Capture {
  return {
    schema: data.schema,
    seq: data.seq,
    tables: [...data.tables].map(([name, table]) => [name, table.copy()]),
    logs: [...data.logs].map(([name, log]) => [name, [...log.tail]]),
    heads: Object.fromEntries([...data.logs].map(([name, log]) => [name, log.head ?? chainStart])),
    trimmed: Object.fromEntries(
      [...data.logs].flatMap(([name, { trimmed }]) => (trimmed === null ? [] : [[name, trimmed]])),
    ),
  };
}

/**
 * Writes `snapshot-N.ndjson`: header, a line a record ([collection, key, version, value]), footer with their number.
 * The file gets its name when all of it is on the disk, so what carries the name is always complete.
 */
export async function writeSnapshot(
  disk: Disk,
  folder: string,
  number: number,
  from: Capture,
  logs: Header['logs'],
): Promise<void> {
  const path = join(folder, snapshotName(number));
  const file = await disk.open(`${path}.new`);
  try {
    await file.truncate(0);
    await appendLines(file, snapshotLines(from, logs));
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(`${path}.new`, path);
  await disk.syncFolder(folder);
}

function* snapshotLines({ schema, seq, tables, heads, trimmed }: Capture, logs: Header['logs']): Generator<string> {
  yield encodeLine(JSON.stringify({ schema, seq, logs, heads, trimmed } satisfies Header));
  let end = 0;
  for (const [name, records] of tables) {
    for (const { key, version, value } of records) {
      yield encodeLine(JSON.stringify([name, key, version, value]));
      end++;
    }
  }
  yield encodeLine(JSON.stringify({ end }));
}

/** Loads a snapshot that this version can read; refuses one that is not whole or is from a newer version. */
export async function readSnapshot(folder: string, number: number, supportedSchema: number): Promise<Data> {
  const file = join(folder, snapshotName(number));
  let data: Data | undefined;
  let records = 0;
  let footer: number | undefined;
  let size = 0;
  for await (const { offset, end, value } of readLines(file)) {
    if (value === undefined || footer !== undefined) throw damaged(file, offset);
    size = end;
    if (data === undefined) {
      data = startFrom(value as Header, file, supportedSchema);
    } else if (Array.isArray(value)) {
      const [collection, key, version, record] = value as [string, string, number, object];
      tableOf(data, collection).put(key, version, deepFreeze(record));
      records++;
    } else {
      footer = (value as { end: number }).end;
      if (footer !== records) throw damaged(file, offset);
    }
  }
  if (data === undefined || footer === undefined) throw damaged(file, size);
  return data;
}

function startFrom(header: Header, file: string, supportedSchema: number): Data {
  if (header.schema > supportedSchema)
    throw new MailroomError('store.newer-schema', {
      file,
      offset: 0,
      schema: header.schema,
      supported: supportedSchema,
    });
  const data = emptyData(header.schema);
  data.seq = header.seq;
  for (const [log, exported] of Object.entries(header.logs)) {
    const state = logOf(data, log);
    state.exported = exported;
    state.head = header.heads?.[log] ?? null;
    state.trimmed = header.trimmed?.[log] ?? null;
  }
  return data;
}
