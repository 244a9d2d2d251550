import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { tableOf, type Data } from './data.ts';
import type { Disk } from './disk.ts';
import { frozenCopy } from './frozen-json.ts';
import { journalName, snapshotName, type Generation } from './generations.ts';
import { toSchema2 } from './schema-2.ts';
import { toSchema3 } from './schema-3.ts';
import { toSchema4 } from './schema-4.ts';

/** All records, by collection and key. */
export type AllRecords = ReadonlyMap<string, ReadonlyMap<string, object>>;

/** Brings the records from one schema to the next. Pure: gets frozen records, gives all that shall be there afterwards. */
export type Migration = (records: AllRecords) => AllRecords;

/** In order: the first leads from schema 1 to 2. A released one is never changed again. */
export const migrations: readonly Migration[] = [toSchema2, toSchema3, toSchema4];

/** Migrates in memory; a checkpoint makes it durable. Changed records get a new version, the others keep theirs. */
export function migrate(data: Data, steps: readonly Migration[]): Data {
  const before: AllRecords = new Map(
    [...data.tables].map(([name, table]) => [name, new Map(table.copy().map((stored) => [stored.key, stored.value]))]),
  );
  const after = steps.slice(data.schema - 1).reduce((records, step) => step(records), before);
  const seq = data.seq + 1;
  const migrated: Data = { schema: steps.length + 1, seq, tables: new Map(), logs: data.logs };
  for (const [name, records] of after) {
    const table = tableOf(migrated, name);
    for (const [key, value] of records) {
      const stored = data.tables.get(name)?.get(key);
      if (stored && stored.value === value) table.put(key, stored.version, value);
      else table.put(key, seq, frozenCopy(value));
    }
  }
  return migrated;
}

/** Keeps the files as they were, in a folder with schema and date in its name, whatever later checkpoints delete. */
export async function keepCopy(
  disk: Disk,
  folder: string,
  files: Generation,
  schema: number,
  at: number,
): Promise<void> {
  const copies = join(folder, `schema-${schema}-${new Date(at).toISOString().replaceAll(':', '')}`);
  await mkdir(copies, { mode: 0o700 });
  for (const name of [snapshotName(files.snapshot), ...files.journals.map(journalName)]) {
    await disk.copy(join(folder, name), join(copies, name));
    const file = await disk.open(join(copies, name));
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await disk.syncFolder(copies);
  await disk.syncFolder(folder);
}
