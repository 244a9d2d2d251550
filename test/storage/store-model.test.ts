import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, Store } from '../../services/storage/store.ts';
import { append, put, readAudit, remove } from '../contract/store.contract.ts';
import { openTempStore } from './open-temp-store.ts';

/** What a store should hold, in the simplest way that can be right. */
interface Model {
  readonly records: Map<string, number>;
  readonly log: number[];
}

const keys = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/1', '__proto__', 'ü', '');
const numbers = fc.integer({ min: 0, max: 9 });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(keys, numbers).map(([key, at]) => put(key, at)) },
  { weight: 1, arbitrary: keys.map(remove) },
  { weight: 1, arbitrary: numbers.map(append) },
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(change, { maxLength: 5 }).map((changes) => ({ kind: 'commit', changes }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(change, { minLength: 1, maxLength: 3 }), keys)
      .map(([changes, key]) => ({ kind: 'conflict', changes, key }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' } as const) },
);

function apply(model: Model, changes: readonly Change[]): void {
  for (const each of changes) {
    if (each.kind === 'append') model.log.push(each.entry.at);
    else if (each.kind === 'delete') model.records.delete(each.key);
    else if (each.collection === 'turnState') model.records.set(each.key, each.value.at);
  }
}

async function expectSame(store: Store, model: Model): Promise<void> {
  const sorted = [...model.records].sort(([a], [b]) => (a < b ? -1 : 1));
  const found = await store.query('turnState', { limit: 100 });
  expect(found.map((stored) => [stored.key, stored.value.at])).toEqual(sorted);
  const some = sorted.filter(([key, at]) => key.startsWith('a/') && at <= 5);
  const query = { prefix: 'a/', atMost: { at: 5 } } as const;
  expect((await store.query('turnState', { ...query, limit: 100 })).map((stored) => stored.key)).toEqual(
    some.map(([key]) => key),
  );
  expect(await store.count('turnState', query)).toBe(some.length);
  expect((await readAudit(store)).map((entry) => entry.at)).toEqual(model.log);
}

describe('a journal store', () => {
  test('after any commits, conflicts, checkpoints and restarts holds what a Map would hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.constantFrom(300, 3000, 1e9),
        async (steps, checkpointBytes) => {
          const opened = await openTempStore({ checkpointBytes });
          let { store } = opened;
          const model: Model = { records: new Map(), log: [] };
          try {
            for (const each of steps) {
              if (each.kind === 'reopen') {
                store = await opened.reopen();
              } else if (each.kind === 'commit') {
                await store.commit(each.changes);
                apply(model, each.changes);
              } else {
                const version = ((await store.get('turnState', each.key))?.version ?? 0) + 1;
                const commit = store.commit(each.changes, [{ collection: 'turnState', key: each.key, version }]);
                await expect(commit).rejects.toThrow('store.conflict');
              }
              await expectSame(store, model);
            }
            await expectSame(await opened.reopen(), model);
          } finally {
            await opened.dispose();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
