import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import type { Migration } from '../../services/storage/migrations.ts';
import type { Store } from '../../services/storage/store.ts';
import { verifyLog } from '../../services/storage/log-chain.ts';
import { append, put, readAudit, remove } from '../contract/store.contract.ts';
import { breakingDisk, type BreakingDisk } from './breaking-disk.ts';
import { makeTempFolder } from './open-temp-store.ts';

describe('a disk that fails', () => {
  let folder: string;
  let disk: BreakingDisk;
  let store: Store;

  beforeEach(async () => {
    folder = await makeTempFolder();
    disk = breakingDisk();
    store = await openJournalStore({ folder, disk });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const reopenOnGoodDisk = async () => {
    await store.close();
    store = await openJournalStore({ folder });
  };
  const keys = async () => (await store.query('turnState', { limit: 100 })).map((record) => record.key);

  test.each([
    ['write', 0],
    ['fsync', 1],
  ])('a failed %s rejects its commit and leaves the store dead for every later call', async (_, succeeding) => {
    await store.commit([put('a', 1)]);
    disk.breakAfter(succeeding);
    const dead = { name: 'MailroomError', code: 'store.dead', cause: { code: 'EIO' } };
    await expect(store.commit([put('b', 1)])).rejects.toMatchObject(dead);
    expect(store.alive).toBe(false);
    disk.breakAfter(Number.POSITIVE_INFINITY, 0);
    await expect(store.commit([put('c', 1)])).rejects.toMatchObject(dead);
    await expect(store.get('turnState', 'a')).rejects.toMatchObject(dead);
    await expect(store.query('turnState', { limit: 1 })).rejects.toMatchObject(dead);
    await expect(store.count('turnState', {})).rejects.toMatchObject(dead);
    await expect(readAudit(store)).rejects.toMatchObject(dead);
    await reopenOnGoodDisk();
    expect((await keys())[0]).toBe('a');
    expect(await keys()).not.toContain('c');
  });

  test('a commit that was rejected is not there after a restart, when the disk still lets it be cut', async () => {
    await store.commit([put('a', 1)]);
    disk.breakAfter(1, 1);
    const commits = await Promise.allSettled([store.commit([put('b', 1)]), store.commit([put('c', 1)])]);
    expect(commits.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    await reopenOnGoodDisk();
    expect(await keys()).toEqual(['a']);
  });

  test('a read that saw a change waits for it to be durable, and rejects when it never is', async () => {
    await store.commit([put('old', 1), put('deleted', 1)]);
    const release = disk.hold();
    const commit = store.commit([remove('deleted')]);
    const order: string[] = [];
    const reads = [
      store.get('turnState', 'deleted').then(() => order.push('get')),
      store.query('turnState', { limit: 9 }).then(() => order.push('query')),
      store.count('turnState', {}).then(() => order.push('count')),
      store.get('turnState', 'missing').then(() => order.push('missing')),
    ];
    void store.commit([put('new', 1)]).catch(() => undefined);
    reads.push(store.get('turnState', 'new').then(() => order.push('new')));
    expect(await store.get('turnState', 'old'), 'a record that is durable is there at once').toBeDefined();
    expect(await store.count('task', {}), 'so is a collection without pending changes').toBe(0);
    expect(order).toEqual([]);
    disk.breakAfter(0);
    release();
    await expect(commit).rejects.toMatchObject({ code: 'store.dead' });
    expect((await Promise.allSettled(reads)).every((read) => read.status === 'rejected')).toBe(true);
    expect(order).toEqual([]);
  });

  test('listeners are called after a commit is durable, never for one that failed', async () => {
    const heard: string[] = [];
    store.onCommit((collections) => heard.push([...collections].join()));
    const release = disk.hold();
    const commit = store.commit([put('a', 1)]);
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
    release();
    await commit;
    expect(heard).toEqual(['turnState']);
    disk.breakAfter(0);
    await expect(store.commit([put('b', 1)])).rejects.toThrow('store.dead');
    expect(heard).toEqual(['turnState']);
  });

  test('many commits that wait for one fsync share the next', async () => {
    const release = disk.hold();
    disk.calls.length = 0;
    const commits = Array.from({ length: 64 }, (_, n) => store.commit([put(`k${n}`, n)]));
    release();
    await Promise.all(commits);
    expect(disk.calls.length).toBeLessThanOrEqual(4);
  });

  test('a checkpoint makes each file durable before it takes away the one that it replaces', async () => {
    await store.commit([put('a', 1), append(1)]);
    disk.calls.length = 0;
    await store.close();
    const day = disk.calls.find((call) => call.startsWith('open audit-'))!.slice('open '.length);
    const writes = disk.calls.filter((call) => !/^(list|truncate) /.test(call));
    expect(writes).toEqual([
      'open journal-00000002.ndjson',
      'syncFolder ',
      `open ${day}`,
      `append ${day}`,
      `sync ${day}`,
      'syncFolder ',
      'open snapshot-00000002.ndjson.new',
      'append snapshot-00000002.ndjson.new',
      'sync snapshot-00000002.ndjson.new',
      'rename snapshot-00000002.ndjson',
      'syncFolder ',
      'rename journal-00000001.ndjson.prev',
      'rename snapshot-00000001.ndjson.prev',
      'syncFolder ',
    ]);
  });

  test('commits after a torn end was cut are there after the next crash', async () => {
    await store.commit([put('a', 1)]);
    disk.breakAfter(0);
    await expect(store.commit([put('torn', 1)])).rejects.toThrow('store.dead');
    await store.close();
    disk.breakAfter(Number.POSITIVE_INFINITY, 0);
    store = await openJournalStore({ folder, disk });
    await store.commit([put('b', 1)]);
    disk.breakAfter(0);
    await reopenOnGoodDisk();
    expect(await keys()).toEqual(['a', 'b']);
  });

  test('starts after crashes do not push out the previous generation', async () => {
    for (const n of [1, 2, 3]) {
      await store.commit([put(`k${n}`, n)]);
      disk.breakAfter(0);
      await store.close();
      disk.breakAfter(Number.POSITIVE_INFINITY, 0);
      store = await openJournalStore({ folder, disk });
    }
    expect(await keys()).toEqual(['k1', 'k2', 'k3']);
    expect((await readdir(folder)).filter((name) => name.startsWith('snapshot'))).toEqual(['snapshot-00000001.ndjson']);
  });

  test('an open that fails lets go of the folder', async () => {
    await store.close();
    disk.breakAfter(3);
    await expect(openJournalStore({ folder, disk })).rejects.toThrow('EIO');
    store = await openJournalStore({ folder });
    expect(store.alive).toBe(true);
  });
});

describe('a checkpoint that ends anywhere', () => {
  /** Three commits with records and log entries, then a checkpoint of which this many calls to the disk succeed. */
  async function endAfter(calls: number): Promise<{ finished: boolean }> {
    const folder = await makeTempFolder();
    const disk = breakingDisk();
    let store = await openJournalStore({ folder, disk });
    try {
      for (const n of [1, 2, 3]) await store.commit([put(`a${n}`, n), append(n)]);
      disk.breakAfter(calls);
      await store.close();
      const finished = store.alive;
      store = await openJournalStore({ folder });
      const found = await store.query('turnState', { limit: 9 });
      expect(
        found.map((record) => record.value.at),
        `records after ${calls} calls`,
      ).toEqual([1, 2, 3]);
      expect(
        (await readAudit(store)).map((entry) => entry.at),
        `log after ${calls} calls`,
      ).toEqual([1, 2, 3]);
      await store.commit([append(4)]);
      await store.close();
      store = await openJournalStore({ folder });
      expect(
        (await readAudit(store)).map((entry) => entry.at),
        `log in the end, after ${calls}`,
      ).toEqual([1, 2, 3, 4]);
      expect((await verifyLog(store, 'audit')).problem, `chain after ${calls} calls`).toBeNull();
      await store.close();
      return { finished };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test('loses no record, and no log entry is lost or doubled, whichever step was the last', async () => {
    let calls = 0;
    while (!(await endAfter(calls)).finished) calls++;
    expect(calls, 'the checkpoint has many steps').toBeGreaterThan(10);
  });
});

describe('a start that ends anywhere', () => {
  const upgrade: Migration = (records) =>
    new Map([...records].map(([name, all]) => [name, new Map([...all].map(([key, value]) => [`new/${key}`, value]))]));

  let parent: string;
  beforeEach(async () => void (parent = await makeTempFolder()));
  afterEach(() => rm(parent, { recursive: true, force: true }));

  /**
   * Starts copies of a folder with one working call to the disk more each time, until a start succeeds. After each start
   * that failed another one, on a good disk, must find these records and log entries. Returns the number of calls.
   */
  async function expectRepeatable(folder: string, migrations: readonly Migration[], records: string[], log: number[]) {
    for (let calls = 0; ; calls++) {
      const disk = breakingDisk();
      disk.breakAfter(calls);
      const copy = join(parent, String(calls));
      await cp(folder, copy, { recursive: true });
      const broken = await openJournalStore({ folder: copy, disk, migrations }).catch(() => undefined);
      await broken?.close();
      const store = await openJournalStore({ folder: copy, migrations });
      const found = await store.query('turnState', { limit: 9 });
      expect(
        found.map((record) => record.key),
        `records after ${calls} calls`,
      ).toEqual(records);
      expect(
        (await readAudit(store)).map((entry) => entry.at),
        `log after ${calls} calls`,
      ).toEqual(log);
      await store.close();
      if (broken) return calls;
    }
  }

  test('for the first time can be repeated', async () => {
    const folder = join(parent, 'data');
    await mkdir(folder);
    expect(await expectRepeatable(folder, [], [], [])).toBeGreaterThan(5);
  });

  test('while the records are migrated can be repeated, and migrates once', async () => {
    const folder = join(parent, 'data');
    const disk = breakingDisk();
    const store = await openJournalStore({ folder, disk, migrations: [] });
    await store.commit([put('a', 1), append(1)]);
    disk.breakAfter(0);
    await store.close();
    expect(await expectRepeatable(folder, [upgrade], ['new/a'], [1])).toBeGreaterThan(20);
  });
});
