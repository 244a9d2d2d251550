import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import type { Migration } from '../../services/storage/migrations.ts';
import { append, put, readAudit, remove } from '../contract/store.contract.ts';
import { makeTempFolder } from './open-temp-store.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await makeTempFolder();
  folder = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const namesOf = async () => (await readdir(folder)).filter((name) => !name.startsWith('lock')).sort();

describe('the folder of a store', () => {
  /** A process that opens the folder, says `open` or the code of the error, and stays until it is killed. */
  function otherProcess() {
    const module = new URL('../../services/storage/journal-store.ts', import.meta.url).href;
    const script = `
      const { openJournalStore } = await import(${JSON.stringify(module)});
      const folder = ${JSON.stringify(folder)};
      process.stdout.write(await openJournalStore({ folder }).then(() => 'open', (error) => error.code + ' ' + error.params.folder));
      setInterval(() => undefined, 1000);`;
    return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  test('belongs to one process, until that one is gone in whatever way', async () => {
    const first = otherProcess();
    const [firstSays] = (await once(first.stdout, 'data')) as [Buffer];
    expect(firstSays.toString()).toBe('open');
    await expect(openJournalStore({ folder })).rejects.toMatchObject({ code: 'store.locked', params: { folder } });
    // Stopped, as by a pause of its virtual machine, it still is the owner.
    first.kill('SIGSTOP');
    await expect(openJournalStore({ folder })).rejects.toMatchObject({ code: 'store.locked' });
    first.kill('SIGKILL');
    await once(first, 'exit');
    const store = await openJournalStore({ folder });
    const second = otherProcess();
    const [secondSays] = (await once(second.stdout, 'data')) as [Buffer];
    expect(secondSays.toString()).toBe(`store.locked ${folder}`);
    second.kill('SIGKILL');
    await store.close();
  });

  test('is refused to a second store of the same process too', async () => {
    const store = await openJournalStore({ folder });
    await expect(openJournalStore({ folder })).rejects.toMatchObject({ code: 'store.locked' });
    await store.close();
    await (await openJournalStore({ folder })).close();
  });

  test('and its files are readable for their owner alone', async () => {
    const store = await openJournalStore({ folder });
    await store.commit([put('a', 1), append(1)]);
    await store.close();
    const modes = [folder, ...(await readdir(folder)).map((name) => join(folder, name))].map(async (path) => {
      const { mode } = await stat(path);
      return mode & 0o077;
    });
    expect(new Set(await Promise.all(modes))).toEqual(new Set([0]));
  });

  test('keeps one generation back, and a close without new commits does not push it out', async () => {
    for (const n of [1, 2, 3]) {
      const store = await openJournalStore({ folder });
      await store.commit([put('a', n)]);
      await store.close();
    }
    const kept = [
      'journal-00000003.ndjson.prev',
      'journal-00000004.ndjson',
      'snapshot-00000003.ndjson.prev',
      'snapshot-00000004.ndjson',
    ];
    expect(await namesOf()).toEqual(kept);
    await (await openJournalStore({ folder })).close();
    expect(await namesOf()).toEqual(kept);
  });

  test('gets a checkpoint when the journal has grown, while commits go on', async () => {
    const store = await openJournalStore({ folder, checkpointBytes: 2000 });
    for (let n = 0; n < 100; n++) await store.commit([put(`k${n % 7}`, n), append(n)]);
    const journals = (await namesOf()).filter((name) => name.startsWith('journal'));
    expect(Number(/\d+/.exec(journals.at(-1)!)![0])).toBeGreaterThan(2);
    expect((await readAudit(store)).map((entry) => entry.at)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await store.close();
  });

  test('gets a file a day for each log, in the order of the commits even when the clock is set back', async () => {
    const day = 24 * 60 * 60 * 1000;
    let now = Date.UTC(2026, 0, 30, 23);
    const clock = { now: () => now, after: () => () => undefined };
    for (const step of [0, day, -5 * day, 6 * day]) {
      now += step;
      const store = await openJournalStore({ folder, clock });
      await store.commit([append(now)]);
      await store.close();
    }
    expect((await namesOf()).filter((name) => name.startsWith('audit'))).toEqual([
      'audit-2026-01-30.ndjson',
      'audit-2026-01-31.ndjson',
      'audit-2026-02-01.ndjson',
    ]);
    const store = await openJournalStore({ folder });
    const days = (await readAudit(store)).map((entry) => new Date(entry.at).getUTCDate());
    expect(days).toEqual([30, 31, 26, 1]);
    await store.close();
  });

  test('a reader of a log that is slower than a checkpoint sees each entry once', async () => {
    const store = await openJournalStore({ folder, checkpointBytes: 1000 });
    for (let n = 0; n < 20; n++) await store.commit([append(n)]);
    const seen: number[] = [];
    for await (const entry of store.readLog('audit')) {
      seen.push(entry.at);
      for (let n = 0; n < 3; n++) await store.commit([append(100 + n), put('a', n)]);
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await store.close();
  });
});

describe('a newer version of the records', () => {
  const doubled: Migration = (records) =>
    new Map(
      [...records].map(([collection, all]) => [
        collection,
        new Map([...all].map(([key, value]) => [key, key === 'same' ? value : { ...value, doubled: true }])),
      ]),
    );
  const renamed: Migration = (records) => {
    const { turnState = new Map<string, object>(), ...rest } = Object.fromEntries(records);
    return new Map([
      ...Object.entries(rest),
      ['turnState', new Map([...turnState].map(([key, value]) => [`n/${key}`, value]))],
    ]);
  };

  test('is made at the open, once, from records in snapshot and journal, after a dated copy of the files', async () => {
    let store = await openJournalStore({ folder, migrations: [] });
    await store.commit([put('a', 1), put('same', 2), append(1)]);
    await store.close();
    store = await openJournalStore({ folder, migrations: [] });
    await store.commit([put('b', 3), remove('never there')]);
    const versions = {
      a: (await store.get('turnState', 'a'))!.version,
      same: (await store.get('turnState', 'same'))!.version,
    };
    await store.close();

    const migrations = [doubled];
    for (const _ of ['migrates', 'finds it done']) {
      store = await openJournalStore({ folder, migrations });
      const a = (await store.get('turnState', 'a'))!;
      expect(a.value).toEqual({ json: '{"of":"a"}', at: 1, doubled: true });
      expect(Object.isFrozen(a.value)).toBe(true);
      expect(a.version).toBeGreaterThan(versions.a);
      expect((await store.get('turnState', 'same'))!.version).toBe(versions.same);
      expect((await store.get('turnState', 'b'))!.value).toMatchObject({ at: 3, doubled: true });
      expect((await readAudit(store)).map((entry) => entry.at)).toEqual([1]);
      await store.close();
    }
    const copies = (await readdir(folder)).filter((name) => name.startsWith('schema-1-'));
    expect(copies).toHaveLength(1);
    const old = await openJournalStore({ folder: join(folder, copies[0]!), migrations: [] });
    expect((await old.get('turnState', 'a'))!.value).toEqual({ json: '{"of":"a"}', at: 1 });
    await old.close();
  });

  test('runs the steps that are missing, in order, and none of those that were made', async () => {
    let store = await openJournalStore({ folder, migrations: [renamed] });
    await store.commit([put('a', 1)]);
    await store.close();
    store = await openJournalStore({ folder, migrations: [renamed, doubled, renamed] });
    const [only, ...others] = await store.query('turnState', { limit: 9 });
    expect(only).toMatchObject({ key: 'n/a', value: { doubled: true } });
    expect(others).toEqual([]);
    await store.close();
  });

  test('is not opened by an older version', async () => {
    await (await openJournalStore({ folder, migrations: [doubled] })).close();
    const refused = { code: 'store.newer-schema', params: { schema: 2, supported: 1 } };
    await expect(openJournalStore({ folder, migrations: [] })).rejects.toMatchObject(refused);
  });
});
