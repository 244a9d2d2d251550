import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startProblem } from '../../bot/start-problem.ts';
import { freePort } from '../../sandbox/bot-process.ts';
import { localDisk, type Disk } from '../../services/storage/disk.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { put } from '../contract/store.contract.ts';
import { makeTempFolder } from './open-temp-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const systemError = (code: string): Error => Object.assign(new Error(`${code}: system text, open '/x'`), { code });

/** A disk that lets everything be read and refuses every write with this code. */
const refusing = (code: string): Disk => ({ ...localDisk, open: () => Promise.reject(systemError(code)) });

/** A disk that has room for names and none for bytes. */
const withoutRoom: Disk = {
  ...localDisk,
  open: async (path) => ({ ...(await localDisk.open(path)), append: () => Promise.reject(systemError('ENOSPC')) }),
};

const unusable = 'cannot be written to; give its rights to the account that runs Mailroom';

describe('a data folder that cannot be opened', () => {
  test.each(['EACCES', 'EPERM', 'EROFS'])('for %s says in one line what to do, and names the folder', async (code) => {
    const error = await openJournalStore({ folder, disk: refusing(code) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'store.folder-unusable' });
    expect(startProblem(error)).toContain(`the data folder ${folder} ${unusable}`);
  });

  test('because a file is in its way', async () => {
    await writeFile(join(folder, 'file'), '');
    const error = await openJournalStore({ folder: join(folder, 'file', 'data') }).catch((reason: unknown) => reason);
    expect(startProblem(error)).toContain(unusable);
  });

  test('because even the lock cannot be made there', async () => {
    await mkdir(join(folder, 'lock.sqlite'));
    const error = await openJournalStore({ folder }).catch((reason: unknown) => reason);
    expect(startProblem(error)).toContain(unusable);
  });

  test('because the disk is full says so; with room it opens as it was', async () => {
    const before = await openJournalStore({ folder });
    await before.commit([put('a', 1)]);
    await before.close();
    const store = await openJournalStore({ folder, disk: withoutRoom });
    await expect(store.commit([put('b', 1)])).rejects.toMatchObject({ code: 'store.dead', cause: { code: 'ENOSPC' } });
    await store.close();
    const fresh = join(folder, 'fresh');
    const error = await openJournalStore({ folder: fresh, disk: withoutRoom }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'store.disk-full' });
    expect(startProblem(error)).toContain(`the disk of the data folder ${fresh} is full`);
    const after = await openJournalStore({ folder });
    expect((await after.query('turnState', { limit: 10 })).map(({ key }) => key)).toEqual(['a']);
    await after.close();
    await (await openJournalStore({ folder: fresh })).close();
  });

  test('for a reason that nobody foresaw shows that reason', async () => {
    const error = await openJournalStore({ folder, disk: refusing('EMFILE') }).catch((reason: unknown) => reason);
    expect(startProblem(error)).not.toContain(unusable);
  });
});

test('the process ends with that line on standard error', { timeout: 60_000 }, async () => {
  await writeFile(join(folder, 'file'), '');
  const bot = spawn(process.execPath, [fileURLToPath(new URL('../../bot/main.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(await freePort()),
      METRICS_PORT: 'off',
      MAILROOM_UNAUTHENTICATED: '1',
      MAILROOM_KEY: Buffer.alloc(32, 7).toString('base64'),
      MAILROOM_DATA_DIR: join(folder, 'file', 'data'),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [[exitCode], stderr] = await Promise.all([once(bot, 'exit'), text(bot.stderr)]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Mailroom cannot start: the data folder ${join(folder, 'file', 'data')} ${unusable}`);
});
