import { describe, expect, it } from 'vitest';
import { expandMembers, type Expansion } from '../../../services/mailboxes/expand-members.ts';
import type { DirectoryEntry, DirectoryKind } from '../../../services/model/directory.ts';
import { lookupLimits } from '../../../services/model/directory-lookup.ts';
import type { Fault } from '../../../services/model/fault.ts';

const entry = (address: string, kind: DirectoryKind = 'mailbox', name = address): DirectoryEntry => ({
  name,
  address,
  kind,
});
const group = (address: string): DirectoryEntry => entry(address, 'group');

/** Expands the first list of these, and counts how often each was opened. */
async function expand(
  lists: Readonly<Record<string, readonly DirectoryEntry[] | Fault>>,
  onProgress = async () => true,
) {
  const opened: string[] = [];
  const [first = ''] = Object.keys(lists);
  const expansion = await expandMembers(
    group(first),
    async (address) => {
      opened.push(address);
      const members = lists[address] ?? [];
      if ('code' in members) return { entries: [], isComplete: true, fault: members };
      return { entries: members, isComplete: !address.startsWith('partial'), fault: null };
    },
    onProgress,
  );
  return { expansion, opened };
}

const rowsOf = (expansion: Expansion | null): unknown[] => {
  if (expansion === null || !('rows' in expansion)) throw new Error(`no rows: ${JSON.stringify(expansion)}`);
  return expansion.rows.map(({ line, address, refusal }) => [line, address, refusal?.code ?? 'ok']);
};
const other: Fault = { code: 'EwsOther', params: {}, raw: 'ErrorNameResolutionNoResults' };

describe('the members of a list', () => {
  it('are there once, with those of the lists within it, whatever the case of their addresses', async () => {
    const { expansion, opened } = await expand({
      'all@x.test': [entry('A@x.test'), group('east@x.test'), group('west@x.test')],
      'east@x.test': [entry('b@x.test'), entry('a@X.test')],
      'west@x.test': [entry('c@x.test'), entry('b@x.test')],
    });
    expect(rowsOf(expansion)).toEqual([
      [1, 'a@x.test', 'ok'],
      [2, 'b@x.test', 'ok'],
      [3, 'c@x.test', 'ok'],
    ]);
    expect(expansion).toMatchObject({ groups: 3, repeated: 2 });
    expect(opened).toEqual(['all@x.test', 'east@x.test', 'west@x.test']);
  });

  it('end where lists contain each other, and a list itself', async () => {
    const { expansion, opened } = await expand({
      'a@x.test': [group('B@x.test'), group('a@x.test'), entry('kim@x.test')],
      'b@x.test': [group('A@x.test'), group('b@x.test'), entry('lee@x.test')],
    });
    expect(rowsOf(expansion)).toEqual([
      [1, 'kim@x.test', 'ok'],
      [2, 'lee@x.test', 'ok'],
    ]);
    expect(opened).toEqual(['a@x.test', 'b@x.test']);
  });

  it('that are no mailboxes are rows with their reason', async () => {
    const { expansion } = await expand({
      'all@x.test': [
        entry('pat@other.test', 'contact'),
        entry('news@x.test', 'public-folder'),
        entry('team@x.test', 'group-mailbox'),
        entry('', 'private-group', 'My friends'),
        entry('x@other.test', 'one-off'),
        entry('y@x.test', 'unknown'),
        entry('', 'mailbox', 'No address'),
        entry('not an address', 'mailbox'),
        entry('', 'group', 'List without an address'),
      ],
    });
    expect(rowsOf(expansion).map((row) => (row as string[])[2])).toEqual([
      'member-contact',
      'member-public-folder',
      'member-group-mailbox',
      'member-private-group',
      'member-outside',
      'member-unknown',
      'address-missing',
      'address-invalid',
      'group-unreadable',
    ]);
  });

  it('are there for those lists that can be opened; the others say so', async () => {
    const { expansion } = await expand({
      'all@x.test': [group('hidden@x.test'), group('partial@x.test'), entry('kim@x.test')],
      'hidden@x.test': { code: 'ErrorAccessDenied', params: {} },
      'partial@x.test': [entry('lee@x.test')],
    });
    expect(rowsOf(expansion)).toEqual([
      [1, 'kim@x.test', 'ok'],
      [2, 'hidden@x.test', 'group-unreadable'],
      [3, '', 'group-incomplete'],
      [4, 'lee@x.test', 'ok'],
    ]);
  });

  it('are not there at all when the server is in trouble', async () => {
    const fault: Fault = { code: 'ConnectionReset', params: { host: 'mail.x.test' } };
    const { expansion } = await expand({
      'all@x.test': [group('east@x.test'), entry('kim@x.test')],
      'east@x.test': fault,
    });
    expect(expansion).toEqual({ fault, problem: null });
  });

  it.each([
    ['no-members', { 'all@x.test': [] }],
    ['no-list', { 'all@x.test': other }],
  ])('may be a problem: %s', async (problem, lists) => {
    expect((await expand(lists)).expansion).toEqual({ fault: null, problem });
  });

  it('of a list that may not be opened are a fault with its next step', async () => {
    const fault: Fault = { code: 'ErrorAccessDenied', params: {} };
    expect((await expand({ 'all@x.test': fault })).expansion).toEqual({ fault, problem: null });
  });

  it('are at most 10,000: none is left out in silence', async () => {
    const many = (count: number): DirectoryEntry[] =>
      Array.from({ length: count }, (_, index) => entry(`u${index}@x.test`));
    expect(rowsOf((await expand({ 'all@x.test': many(10_000) })).expansion)).toHaveLength(10_000);
    expect((await expand({ 'all@x.test': many(10_001) })).expansion).toEqual({ fault: null, problem: 'too-many' });
  });

  it('are sought in so many lists and so deep, and no further', async () => {
    const wide = { 'all@x.test': Array.from({ length: lookupLimits.groups }, (_, index) => group(`g${index}@x.test`)) };
    expect((await expand(wide)).expansion).toEqual({ fault: null, problem: 'too-many-groups' });
    const chain = Array.from({ length: 40 }, (_, depth): [string, DirectoryEntry[]] => [
      `g${depth}@x.test`,
      [group(`g${depth + 1}@x.test`), entry(`u${depth}@x.test`)],
    ]);
    const { expansion, opened } = await expand(Object.fromEntries(chain));
    expect(opened).toHaveLength(lookupLimits.depth + 1);
    expect(rowsOf(expansion).at(-1)).toEqual([
      lookupLimits.depth + 2,
      `g${lookupLimits.depth + 1}@x.test`,
      'group-too-deep',
    ]);
  });

  it('are sought no longer when nobody waits for them', async () => {
    const { expansion, opened } = await expand({ 'a@x.test': [group('b@x.test')], 'b@x.test': [] }, async () => false);
    expect([expansion, opened]).toEqual([null, ['a@x.test']]);
  });
});

it('an entry that is no list is a row of its own', async () => {
  const never = () => Promise.reject(new Error('nobody is asked'));
  const one = (kind: DirectoryKind) => expandMembers(entry('kim@x.test', kind), never, async () => true);
  expect(rowsOf(await one('mailbox'))).toEqual([[1, 'kim@x.test', 'ok']]);
  expect(rowsOf(await one('contact'))).toEqual([[1, 'kim@x.test', 'member-contact']]);
});
