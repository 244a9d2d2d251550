import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { isMailroomError, MailroomError } from '../model/error.ts';
import { encodeLine, damaged, linesIn, readLines } from './crc-lines.ts';
import { localDisk } from './disk.ts';
import { findGeneration, journalName, snapshotName, type Generation } from './generations.ts';
import { openJournalStore } from './journal-store.ts';
import { logFileName } from './log-files.ts';

/*
 * A backup is one gzip file of lines with a checksum each: what it is, then for every file of the folder its name and its
 * lines (`[value]`), and at the end their number. It holds what the store holds: passwords only as envelopes, which
 * MAILROOM_KEY opens; the key is not in it.
 */
const format = 1;

export interface BackupReport {
  readonly lines: number;
  readonly bytes: number;
}

/**
 * Writes a backup of a data folder to a new file; Mailroom may be running meanwhile. What is in it is the store as it was
 * at one moment: commits made during the copy may be missing, and no earlier one is.
 * @throws MailroomError `backup.exists` {file}, `backup.no-store` {folder}, `store.damaged`, `backup.busy`
 */
export async function writeBackup(folder: string, file: string, now: number): Promise<BackupReport> {
  if (await isThere(file)) throw new MailroomError('backup.exists', { file });
  // Of its own: another backup into the same file may be under way.
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    for (let left = mostTries; left > 0; left -= 1) {
      const lines = await tryBackup(folder, partial, now);
      if (lines === null) continue;
      await syncFile(partial);
      await rename(partial, file);
      await localDisk.syncFolder(dirname(file));
      return { lines, bytes: (await stat(file)).size };
    }
    throw new MailroomError('backup.busy', { folder });
  } finally {
    await rm(partial, { force: true });
  }
}

/** A checkpoint comes every 16 MB of changes: two of them during one copy are rare, and ten do not happen. */
const mostTries = 10;

/**
 * One try. Null: a checkpoint moved the files on meanwhile, so that logs and journals may not fit each other. Without one,
 * everything that the day files hold of this generation is in its journals too, and a restart puts them together.
 */
async function tryBackup(folder: string, file: string, now: number): Promise<number | null> {
  const before = await generationOf(folder);
  if (before === 'moving') return null;
  if (before === undefined) throw new MailroomError('backup.no-store', { folder });
  let lines = 0;
  const count = async function* (): AsyncGenerator<string> {
    for await (const line of backupLines(folder, before, now)) {
      lines += 1;
      yield line;
    }
    yield encodeLine(JSON.stringify({ end: lines }));
  };
  await rm(file, { force: true });
  try {
    await pipeline(
      Readable.from(count()),
      createGzip({ level: 6 }),
      // A new file and nothing else: in a folder that others write to as well, a link of theirs may lie in wait.
      createWriteStream(file, { flags: 'wx', mode: 0o600 }),
    );
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  const after = await generationOf(folder);
  return JSON.stringify(after) === JSON.stringify(before) ? lines : null;
}

async function generationOf(folder: string): Promise<Generation | 'moving' | undefined> {
  try {
    return await findGeneration(localDisk, folder);
  } catch (error) {
    if (isGone(error)) return (await isThere(folder)) ? 'moving' : undefined;
    throw error;
  }
}

async function* backupLines(folder: string, { snapshot, journals }: Generation, now: number): AsyncGenerator<string> {
  yield encodeLine(JSON.stringify({ mailroom: 'backup', format, createdAt: now }));
  const logs = (await readdir(folder)).filter((name) => logFileName.test(name)).sort();
  const growing = journals.at(-1);
  for (const name of logs) yield* fileLines(folder, name, true);
  yield* fileLines(folder, snapshotName(snapshot), false);
  for (const number of journals) yield* fileLines(folder, journalName(number), number === growing);
}

/** `mayBeTorn`: somebody may be appending to it just now; its torn end was never told to anybody as done. */
async function* fileLines(folder: string, name: string, mayBeTorn: boolean): AsyncGenerator<string> {
  yield encodeLine(JSON.stringify({ file: name }));
  const path = join(folder, name);
  let tornAt: number | null = null;
  for await (const { offset, value } of readLines(path)) {
    if (tornAt !== null) throw damaged(path, tornAt);
    if (value === undefined) tornAt = offset;
    else yield encodeLine(JSON.stringify([value]));
  }
  if (tornAt !== null && !mayBeTorn) throw damaged(path, tornAt);
}

/**
 * Makes a data folder out of a backup. The whole backup is read, checked and opened as a store beside the folder first; the
 * folder appears in one step, so a restore that fails leaves nothing half done.
 * @throws MailroomError `restore.not-empty` {folder}, `backup.damaged` {file, line}, and what opening a store throws
 */
export async function restoreBackup(file: string, folder: string): Promise<{ readonly createdAt: number }> {
  if ((await namesIn(folder)).length > 0) throw new MailroomError('restore.not-empty', { folder });
  const staging = `${folder}.restoring`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true, mode: 0o700 });
  try {
    const createdAt = await unpack(file, staging);
    await (await openJournalStore({ folder: staging })).close();
    await removeEmpty(folder);
    await rename(staging, folder);
    await localDisk.syncFolder(dirname(folder));
    return { createdAt };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function unpack(file: string, folder: string): Promise<number> {
  let number = 0;
  let createdAt: number | null = null;
  let isWhole = false;
  let target: Awaited<ReturnType<typeof localDisk.open>> | null = null;
  const refuse = (): MailroomError => new MailroomError('backup.damaged', { file, line: number });
  try {
    for await (const { value } of unzippedLines(file, refuse)) {
      number += 1;
      if (isWhole) throw refuse();
      if (createdAt === null) {
        const header = value as { mailroom?: unknown; format?: unknown; createdAt?: unknown } | undefined;
        if (header?.mailroom !== 'backup' || header.format !== format || typeof header.createdAt !== 'number')
          throw refuse();
        createdAt = header.createdAt;
      } else if (Array.isArray(value)) {
        if (target === null) throw refuse();
        await target.append(encodeLine(JSON.stringify(value[0])));
      } else if (isObject(value) && typeof value['file'] === 'string') {
        if (!isStoreFile(value['file'])) throw refuse();
        await settle(target);
        target = await localDisk.open(join(folder, value['file']));
      } else if (isObject(value) && value['end'] === number - 1) isWhole = true;
      else throw refuse();
    }
  } finally {
    await settle(target);
  }
  if (createdAt === null || !isWhole) throw refuse();
  return createdAt;
}

/** A few kilobytes of gzip can be gigabytes without a line end. No commit is as large as this. */
const longestLine = 256 * 1024 * 1024;

async function* unzippedLines(file: string, refuse: () => MailroomError) {
  const source = createReadStream(file);
  const unzip = createGunzip();
  source.on('error', (error) => unzip.destroy(error));
  try {
    yield* linesIn(source.pipe(unzip), longestLine);
  } catch (error) {
    // What zlib says of a file that is cut or no gzip at all.
    throw isMailroomError(error) || isGone(error) ? error : refuse();
  } finally {
    source.destroy();
  }
}

async function settle(target: Awaited<ReturnType<typeof localDisk.open>> | null): Promise<void> {
  await target?.sync();
  await target?.close();
}

/** A name and no path: the backup says where nothing goes. */
const isStoreFile = (name: string): boolean =>
  /^(snapshot|journal)-\d{8}\.ndjson$/.test(name) || (/^[\w.-]+$/.test(name) && logFileName.test(name));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Only an empty one: since the first look somebody may have started a Mailroom there. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (isGone(error)) return;
    throw (await namesIn(folder)).length > 0 ? new MailroomError('restore.not-empty', { folder }, error) : error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await isThere(folder)) ? readdir(folder) : [];
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
