import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreBackup, writeBackup } from '../../services/storage/backup.ts';
import { encodeLine } from '../../services/storage/crc-lines.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { append, put, readAudit, remove } from '../contract/store.contract.ts';
import { makeTempFolder } from './open-temp-store.ts';

const now = Date.UTC(2026, 10, 24);

let parent: string;
let folder: string;
let file: string;
let other: string;

beforeEach(async () => {
  parent = await makeTempFolder();
  folder = join(parent, 'data');
  file = join(parent, 'mailroom.backup');
  other = join(parent, 'restored');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

async function fill(records: number, checkpointBytes?: number) {
  const store = await openJournalStore({ folder, ...(checkpointBytes === undefined ? {} : { checkpointBytes }) });
  for (let n = 1; n <= records; n += 1) await store.commit([put(`k${n}`, n), append(n)]);
  return store;
}

async function contentOf(of: string) {
  const store = await openJournalStore({ folder: of });
  const records = await store.query('turnState', { limit: 100_000 });
  const audit = await readAudit(store);
  await store.close();
  return { records, audit };
}

describe('a backup', () => {
  test('of a stopped Mailroom gives back every record with its version, and the whole audit trail', async () => {
    const store = await fill(30);
    await store.commit([remove('k3')]);
    await store.close();
    const { lines, bytes } = await writeBackup(folder, file, now);
    expect(lines).toBeGreaterThan(30);
    expect(bytes).toBe((await stat(file)).size);
    expect(await restoreBackup(file, other)).toEqual({ createdAt: now });
    expect(await contentOf(other)).toEqual(await contentOf(folder));
  });

  test('of a running one holds what was committed before it began', async () => {
    const store = await fill(20);
    await writeBackup(folder, file, now);
    await store.commit([put('later', 1)]);
    await store.close();
    await restoreBackup(file, other);
    const { records, audit } = await contentOf(other);
    expect(records.map(({ key }) => key).sort()).toEqual(Array.from({ length: 20 }, (_, n) => `k${n + 1}`).sort());
    expect(audit).toHaveLength(20);
  });

  test('taken while commits and checkpoints go on is the store of one moment: records and audit trail fit', async () => {
    const store = await fill(50, 50_000);
    let last = 50;
    const end = new AbortController();
    const busy = (async () => {
      while (!end.signal.aborted) {
        last += 1;
        await store.commit([put(`k${last}`, last), append(last)]);
      }
    })();
    const acknowledged: number[] = [];
    try {
      for (const round of [1, 2, 3]) {
        acknowledged.push(last - 1);
        await writeBackup(folder, `${file}-${round}`, now);
      }
    } finally {
      end.abort();
      await busy;
      await store.close();
    }
    for (const [index, before] of acknowledged.entries()) {
      await restoreBackup(`${file}-${index + 1}`, `${other}-${index}`);
      const { records, audit } = await contentOf(`${other}-${index}`);
      expect(records.length).toBeGreaterThanOrEqual(before);
      expect(audit).toHaveLength(records.length);
    }
  });

  test('leaves out the torn end of the journal, as a start would', async () => {
    const store = await fill(5);
    const journal = (await readdir(folder))
      .filter((name) => name.startsWith('journal') && name.endsWith('.ndjson'))
      .at(-1);
    await appendFile(join(folder, journal ?? ''), '0badc0de [{"s":99');
    await writeBackup(folder, file, now);
    await restoreBackup(file, other);
    expect((await contentOf(other)).records).toHaveLength(5);
    await store.close();
  });

  test('is for its owner alone, and holds no key', async () => {
    await (await fill(1)).close();
    await writeBackup(folder, file, now);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('of a damaged store is refused with the file, and leaves none of its own', async () => {
    await (await fill(5)).close();
    const snapshot = (await readdir(folder)).find((name) => /^snapshot-\d+\.ndjson$/.test(name)) ?? '';
    const content = await readFile(join(folder, snapshot));
    content[20] = content[20]! ^ 1;
    await writeFile(join(folder, snapshot), content);
    await expect(writeBackup(folder, file, now)).rejects.toMatchObject({
      code: 'store.damaged',
      params: { file: join(folder, snapshot) },
    });
    expect((await readdir(parent)).sort()).toEqual(['data']);
  });

  test('never overwrites a file, and says when there is no store', async () => {
    await expect(writeBackup(folder, file, now)).rejects.toMatchObject({ code: 'backup.no-store', params: { folder } });
    await writeFile(file, 'precious');
    await (await fill(1)).close();
    await expect(writeBackup(folder, file, now)).rejects.toMatchObject({ code: 'backup.exists' });
    expect(await readFile(file, 'utf8')).toBe('precious');
  });
});

describe('a restore', () => {
  beforeEach(async () => {
    await (await fill(10)).close();
    await writeBackup(folder, file, now);
  });

  /** The lines of the backup, changed, as a new backup. */
  async function forge(change: (lines: string[]) => string[]): Promise<string> {
    const lines = gunzipSync(await readFile(file))
      .toString('utf8')
      .split('\n')
      .slice(0, -1);
    await writeFile(`${file}.forged`, gzipSync(`${change(lines).join('\n')}\n`));
    return `${file}.forged`;
  }
  const line = (value: unknown): string => encodeLine(JSON.stringify(value)).trimEnd();

  async function refused(from: string): Promise<void> {
    await expect(restoreBackup(from, other)).rejects.toMatchObject({ code: 'backup.damaged' });
    expect((await readdir(parent)).filter((name) => name.startsWith('restored'))).toEqual([]);
  }

  test('never touches a folder with something in it', async () => {
    const before = await readdir(folder);
    await expect(restoreBackup(file, folder)).rejects.toMatchObject({ code: 'restore.not-empty', params: { folder } });
    expect(await readdir(folder)).toEqual(before);
  });

  test('refuses a backup that is cut, flipped, or none at all, and leaves nothing half done', async () => {
    const whole = await readFile(file);
    await writeFile(`${file}.cut`, whole.subarray(0, whole.length - 20));
    await refused(`${file}.cut`);
    await writeFile(`${file}.text`, 'this is a letter');
    await refused(`${file}.text`);
    await writeFile(`${file}.empty`, '');
    await refused(`${file}.empty`);
    await refused(await forge((lines) => lines.slice(0, -1)));
    await refused(await forge((lines) => lines.filter((_, index) => index !== 4)));
    await refused(
      await forge((lines) => lines.map((text, index) => (index === 5 ? text.replace(/\d/, '0') + ' ' : text))),
    );
    await refused(await forge((lines) => [line({ mailroom: 'backup', format: 2, createdAt: 1 }), ...lines.slice(1)]));
  });

  test('writes no file but those of a store, wherever the backup wants them', async () => {
    for (const name of [
      '../escaped.ndjson',
      '/tmp/escaped.ndjson',
      'lock.sqlite',
      'snapshot-1.ndjson',
      'a/../../x-2026-01-01.ndjson',
    ]) {
      await refused(await forge((lines) => lines.map((text, index) => (index === 1 ? line({ file: name }) : text))));
    }
  });

  test('refuses a backup of a newer Mailroom', async () => {
    const from = await forge((lines) =>
      lines.map((text) => (text.includes('[{"schema":') ? line([{ schema: 999, seq: 1, logs: {} }]) : text)),
    );
    await expect(restoreBackup(from, other)).rejects.toMatchObject({ code: 'store.newer-schema' });
    await expect(stat(other)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('goes on after one that was killed half way', async () => {
    await openJournalStore({ folder: `${other}.restoring` }).then((store) => store.close());
    await restoreBackup(file, other);
    expect((await contentOf(other)).records).toHaveLength(10);
  });
});
