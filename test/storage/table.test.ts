import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Table } from '../../services/storage/table.ts';

/** Few values, so that each is met by many records, by none, and at the borders of the groups of an index. */
const keys = fc.integer({ min: 0, max: 400 }).map((n) => `${n % 3}/${n}`);
const record = fc.record({
  state: fc.constantFrom('ready', 'claimed', 'rare', null),
  dueAt: fc.constantFrom(0, 999, 1000, 1001, 5000, 60_000, null),
  name: fc.constantFrom('Sales', 'sales EMEA', 'support', null),
});
const change = fc.tuple(keys, fc.option(record, { freq: 5 }));
const query = fc.record(
  {
    prefix: fc.constantFrom('', '1/', '1/2', '9'),
    where: fc.record(
      {
        state: fc.constantFrom('ready', 'rare', 'none', null, ['rare', 'claimed'], []),
        name: fc.constantFrom('Sales', null, ['support', null]),
      },
      { requiredKeys: [] },
    ),
    atMost: fc.record({ dueAt: fc.constantFrom(-1, 0, 999, 1000, 1500, 60_000) }),
    contains: fc.record({ name: fc.constantFrom(['SALES'], ['sales', 'emea'], []) }),
  },
  { requiredKeys: [] },
);
const page = fc.record({ after: fc.option(keys, { nil: undefined }), limit: fc.constantFrom(0, 1, 7, 1000) });

describe('a table', () => {
  test('with indexes gives what a filter over all records gives, after any changes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(change, { maxLength: 350 }), query, page), { maxLength: 6 }), (rounds) => {
        const table = new Table({ where: ['state'], atMost: ['dueAt'], counted: ['state', 'name'] });
        const model = new Map<string, object>();
        let version = 0;
        for (const [changes, conditions, { after, limit }] of rounds) {
          for (const [key, value] of changes) {
            version++;
            if (value) table.put(key, version, value);
            else table.delete(key, version);
            if (value) model.set(key, value);
            else model.delete(key);
          }
          const plain = new Table();
          for (const [key, value] of model) plain.put(key, 1, value);
          const byFilter = [...model.keys()].filter((key) => plainMatch(key, model.get(key)!, conditions)).sort();
          const wanted = byFilter.filter((key) => after === undefined || key > after).slice(0, limit);
          for (const each of [table, plain]) {
            expect(each.query(conditions, after, limit).map((stored) => stored.key)).toEqual(wanted);
            expect(each.count(conditions)).toBe(byFilter.length);
            expect(each.copy().map((stored) => stored.key)).toEqual([...model.keys()].sort());
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

const isWanted = (wanted: string | null | (string | null)[] | undefined, value: string | null): boolean =>
  wanted === undefined || (Array.isArray(wanted) ? wanted : [wanted]).includes(value);

type Conditions = typeof query extends fc.Arbitrary<infer Q> ? Q : never;

function plainMatch(key: string, value: object, { prefix = '', where, atMost, contains }: Conditions): boolean {
  const { state, dueAt, name } = value as { state: string | null; dueAt: number | null; name: string | null };
  if (!key.startsWith(prefix)) return false;
  if (!isWanted(where?.state, state) || !isWanted(where?.name, name)) return false;
  if (atMost && (dueAt === null || dueAt > atMost.dueAt)) return false;
  return !contains || (name !== null && contains.name.every((word) => name.toLowerCase().includes(word.toLowerCase())));
}
