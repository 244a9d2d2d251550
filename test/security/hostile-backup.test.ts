import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { restoreBackup, writeBackup } from '../../services/storage/backup.ts';
import { linesIn } from '../../services/storage/crc-lines.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';

let parent: string;
let folder: string;
let file: string;

beforeEach(async () => {
  parent = await makeTempFolder();
  folder = join(parent, 'data');
  file = join(parent, 'mailroom.backup');
  await (await openJournalStore({ folder })).close();
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/*
 * An operator may write a backup into a folder that others can write to as well, such as /tmp.
 */

test('a link that waits where a backup is begun leads nowhere: what it points at stays as it is', async () => {
  const precious = join(parent, 'precious');
  await writeFile(precious, 'precious');
  await symlink(precious, `${file}.partial`);
  await writeBackup(folder, file, 0);
  expect(await readFile(precious, 'utf8')).toBe('precious');
});

test('a file that waits there gives its rights to no backup', async () => {
  await writeFile(`${file}.partial`, '', { mode: 0o666 });
  await writeBackup(folder, file, 0);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('of two backups into one file at once none is half of the other', async () => {
  const both = await Promise.allSettled([writeBackup(folder, file, 1), writeBackup(folder, file, 2)]);
  expect(both.map(({ status }) => status)).toContain('fulfilled');
  const { createdAt } = await restoreBackup(file, join(parent, 'restored'));
  expect([1, 2]).toContain(createdAt);
  expect((await readdir(parent)).sort()).toEqual(['data', 'mailroom.backup', 'restored']);
});

test('a store that somebody starts in the folder while a backup is restored into it is not removed', async () => {
  await writeBackup(folder, file, 0);
  const other = join(parent, 'restored');
  const watcher = watch(parent, (_event, name) => {
    if (name !== 'restored.restoring') return;
    watcher.close();
    mkdirSync(other);
    writeFileSync(join(other, 'store'), 'live');
  });
  await expect(restoreBackup(file, other)).rejects.toMatchObject({ code: 'restore.not-empty' });
  expect(await readFile(join(other, 'store'), 'utf8')).toBe('live');
  await expect(stat(`${other}.restoring`)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a line without an end is given up, however much would follow', async () => {
  const chunk = Buffer.alloc(1024, 'x');
  async function* endless(): AsyncGenerator<Buffer> {
    for (let chunks = 0; chunks < 1000; chunks += 1) yield chunk;
    throw new Error('all of it was read');
  }
  const lines: unknown[] = [];
  for await (const { value } of linesIn(endless(), 100 * 1024)) lines.push(value);
  expect(lines).toEqual([undefined]);
});
