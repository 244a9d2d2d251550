import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreBackup, writeBackup } from '../../services/storage/backup.ts';
import { encodeLine, readLines } from '../../services/storage/crc-lines.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { verifyLog } from '../../services/storage/log-chain.ts';
import type { Store } from '../../services/storage/store.ts';
import { append, put, readAudit, readChain } from '../contract/store.contract.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { breakingDisk } from './breaking-disk.ts';
import { makeTempFolder } from './open-temp-store.ts';

const dayMs = 86_400_000;
let folder: string;
let clock: ManualClock;

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = new ManualClock();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const daysOf = async (log = 'audit', where = folder): Promise<string[]> =>
  (await readdir(where)).filter((name) => name.startsWith(log)).toSorted();
const read = async (store: Store): Promise<number[]> => (await readAudit(store)).map(({ at }) => at);

/** A day file a day with two entries each: 1 and 2 of the first, and so on. Closed. */
async function fiveDays(): Promise<void> {
  for (let day = 0; day < 5; day += 1) {
    const store = await openJournalStore({ folder, clock });
    await store.commit([append(2 * day + 1)]);
    await store.commit([append(2 * day + 2), put('a', day)]);
    await store.close();
    clock.advance(dayMs);
  }
}

/** Opens, works, and closes in any case. */
async function opened<T>(work: (store: Store) => Promise<T>, where = folder): Promise<T> {
  const store = await openJournalStore({ folder: where, clock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const keepDays = (store: Store, days: number) => store.trimLog('audit', clock.now() - days * dayMs);

async function rewrite(name: string, edit: (lines: Batch[]) => unknown[]): Promise<void> {
  const lines: Batch[] = [];
  for await (const { value } of readLines(join(folder, name))) lines.push(value as Batch);
  const text = edit(lines).map((line) => encodeLine(JSON.stringify(line)));
  await writeFile(join(folder, name), text.join(''));
}

interface Batch {
  entries: Record<string, unknown>[];
}

describe('entries that are older than their time', () => {
  test('go by whole days, and what is left is whole and says after what', async () => {
    await fiveDays();
    await opened(async (store) => {
      const all = await readChain(store);
      const anchor = await keepDays(store, 3);
      expect(anchor).toEqual(all[3]?.link);
      expect(await daysOf()).toHaveLength(3);
      expect(await read(store)).toEqual([5, 6, 7, 8, 9, 10]);
      expect((await readChain(store, 'newest-first')).map(({ entry }) => entry.at)).toEqual([10, 9, 8, 7, 6, 5]);
      expect((await store.logHead('audit')).removed).toEqual(anchor);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 4, entries: 6 });
      expect(await keepDays(store, 3)).toBeNull();
    });
    await opened(async (store) => {
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 4, entries: 6, since: 5 });
      await store.commit([append(11)]);
      expect(await keepDays(store, 1)).not.toBeNull();
      expect(await read(store)).toEqual([9, 10, 11]);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 8, entries: 3 });
    });
  });

  test('go with what belongs into the same commit', async () => {
    await fiveDays();
    await opened(async (store) => {
      await store.trimLog('audit', clock.now() - 3 * dayMs, ({ position }) => [append(100 + position)]);
      expect(await read(store)).toEqual([5, 6, 7, 8, 9, 10, 104]);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 4, entries: 7 });
    });
  });

  test('never go as a whole: the newest day stays', async () => {
    await fiveDays();
    clock.advance(1000 * dayMs);
    await opened(async (store) => {
      await keepDays(store, 1);
      expect(await read(store)).toEqual([9, 10]);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 8, entries: 2 });
    });
  });

  test('go from the journal too, where nothing wrote a checkpoint since', async () => {
    await opened(async (store) => {
      await store.commit([append(1)]);
      clock.advance(dayMs);
      await store.commit([append(2)]);
      clock.advance(100 * dayMs);
      await keepDays(store, 90);
      expect(await read(store)).toEqual([2]);
    });
  });

  test('are those of one log: another keeps its own time', async () => {
    const entry = { environmentId: 'e', at: 1, mailboxId: 'm', kind: 'test', runId: null, profileId: 'p' } as const;
    const outcome = {
      kind: 'append',
      log: 'outcome',
      entry: { ...entry, phases: [], code: null, willRetry: false, enabled: true },
    } as const;
    for (let day = 0; day < 2; day += 1) {
      await opened((store) => store.commit([append(day), outcome]));
      clock.advance(dayMs);
    }
    await opened(async (store) => {
      await store.trimLog('outcome', clock.now());
      expect([(await daysOf('audit')).length, (await daysOf('outcome')).length]).toEqual([2, 1]);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 0, entries: 2 });
      expect(await verifyLog(store, 'outcome')).toMatchObject({ problem: null, removed: 1, entries: 1 });
    });
  });
});

describe('a loss that nobody meant', () => {
  test('is found before a removal and after it', async () => {
    await fiveDays();
    await opened((store) => keepDays(store, 3));
    const [first = '', second = ''] = await daysOf();
    await rewrite(second, (lines) => lines.slice(1));
    expect(await opened((store) => verifyLog(store, 'audit'))).toMatchObject({ problem: 'missing', badPosition: 7 });
    await rm(join(folder, first));
    expect(await opened((store) => verifyLog(store, 'audit'))).toMatchObject({
      problem: 'begins-late',
      badPosition: 8,
    });
  });

  test('is no removal, though what is gone was old', async () => {
    await fiveDays();
    const [first = ''] = await daysOf();
    await rm(join(folder, first));
    await opened(async (store) => {
      expect(await keepDays(store, 3)).toBeNull();
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: 'begins-late', badPosition: 3 });
    });
    expect(await daysOf()).toHaveLength(4);
  });

  test('and a forged entry are kept for whoever looks into them', async () => {
    await fiveDays();
    const [first = ''] = await daysOf();
    await rewrite(first, ([one, two]) => {
      if (one?.entries[0] !== undefined) one.entries[0]['actorName'] = 'Somebody else';
      return [one, two];
    });
    const errors: string[] = [];
    const logger = { warn: () => undefined, error: (_: object, message: string) => void errors.push(message) };
    const store = await openJournalStore({ folder, clock, logger });
    expect(await keepDays(store, 3)).toBeNull();
    expect(await verifyLog(store, 'audit')).toMatchObject({ problem: 'changed', badPosition: 1 });
    await store.close();
    expect(await daysOf()).toHaveLength(5);
    expect(errors).toEqual(['old entries of a log do not fit together, and are kept']);
  });

  test('is seen where the first entry that is left is exchanged', async () => {
    await fiveDays();
    await opened((store) => keepDays(store, 3));
    const [first = ''] = await daysOf();
    await rewrite(first, ([one, two]) => {
      if (one?.entries[0] !== undefined) one.entries[0]['actorName'] = 'Somebody else';
      return [one, two];
    });
    expect(await opened((store) => verifyLog(store, 'audit'))).toMatchObject({ problem: 'changed', badPosition: 5 });
  });
});

describe('a kill during a removal', () => {
  test('at any step leaves a log that is whole, with the anchor or without it, and the next removal ends it', async () => {
    await fiveDays();
    const before = await makeTempFolder();
    await cp(folder, before, { recursive: true });
    let isOver = false;
    const seen = new Set<number>();
    for (let succeeding = 0; !isOver; succeeding += 1) {
      await rm(folder, { recursive: true });
      await cp(before, folder, { recursive: true });
      const disk = breakingDisk();
      const broken = await openJournalStore({ folder, clock, disk });
      disk.breakAfter(succeeding);
      const removal = await Promise.allSettled([keepDays(broken, 3)]);
      isOver = removal[0].status === 'fulfilled' && (await daysOf()).length === 3;
      await broken.close().catch(() => undefined);
      await opened(async (store) => {
        const verdict = await verifyLog(store, 'audit');
        expect(verdict.problem).toBeNull();
        expect([0, 4]).toContain(verdict.removed);
        expect(verdict.entries + verdict.removed).toBe(10);
        expect(await read(store)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].slice(verdict.removed));
        seen.add(verdict.removed);
        await keepDays(store, 3);
        expect(await daysOf()).toHaveLength(3);
        expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 4, entries: 6 });
      });
    }
    expect(seen).toEqual(new Set([0, 4]));
    await rm(before, { recursive: true });
  });

  test('does not lose the anchor with a snapshot that is damaged: the one before and its journals know it', async () => {
    await fiveDays();
    await opened((store) => keepDays(store, 3));
    await opened((store) => store.commit([put('b', 1)]));
    const names = await readdir(folder);
    const last =
      names
        .filter((name) => /^snapshot-\d+\.ndjson$/.test(name))
        .toSorted()
        .at(-1) ?? '';
    await rm(join(folder, last));
    for (const name of names.filter((each) => each.endsWith('.prev'))) {
      await cp(join(folder, name), join(folder, name.slice(0, -'.prev'.length)));
      await rm(join(folder, name));
    }
    expect(await opened((store) => verifyLog(store, 'audit'))).toMatchObject({ problem: null, removed: 4, entries: 6 });
  });
});

describe('a backup', () => {
  test('after a removal says the same of the log as the store', async () => {
    await fiveDays();
    const file = `${folder}.backup`;
    const restored = `${folder}-restored`;
    await opened(async (store) => {
      await keepDays(store, 3);
      await writeBackup(folder, file, clock.now());
    });
    await restoreBackup(file, restored);
    expect(await daysOf('audit', restored)).toHaveLength(3);
    expect(await opened((store) => verifyLog(store, 'audit'), restored)).toMatchObject({
      problem: null,
      removed: 4,
      entries: 6,
    });
    await rm(restored, { recursive: true });
    await rm(file);
  });

  test('during removals is one of before or of after', async () => {
    await fiveDays();
    const file = `${folder}.backup`;
    const restored = `${folder}-restored`;
    await opened(async (store) => {
      const writing = writeBackup(folder, file, clock.now());
      for (const days of [4, 3, 2]) await keepDays(store, days);
      await writing;
    });
    await restoreBackup(file, restored);
    const { problem, entries, removed } = await opened((store) => verifyLog(store, 'audit'), restored);
    expect(problem).toBeNull();
    expect(entries + removed).toBe(10);
    await rm(restored, { recursive: true });
    await rm(file);
  });
});

test('a log reads while old days of it go', async () => {
  await fiveDays();
  await opened(async (store) => {
    const seen: number[] = [];
    for await (const entry of store.readLog('audit')) {
      seen.push(entry.at);
      if (seen.length === 1) await keepDays(store, 2);
    }
    expect(seen.at(-1)).toBe(10);
    expect(seen).toEqual([...seen].toSorted((a, b) => a - b));
    expect(await readFile(join(folder, (await daysOf())[0] ?? ''), 'utf8')).toContain('"at":7');
  });
});
