import { expect, it } from 'vitest';
import { newMailbox } from '../../services/model/mailbox.ts';
import { isMailboxSort, sortRank, withAll, withTicks } from '../../services/model/mailbox-view.ts';

const shown = ['b@x.test', 'd@x.test', 'f@x.test'];

it.each([
  ['ticks are added in the order of the addresses', ['c@x.test'], { pick0: 'true', pick2: 'true' }, 'b c f'],
  ['what is unticked goes', ['b@x.test', 'd@x.test'], { pick0: 'false', pick1: 'true' }, 'd'],
  ['a box that was not sent stays as it was', ['b@x.test'], { pick1: 'true' }, 'b d'],
  ['what is selected on other pages stays', ['a@x.test', 'z@x.test'], { pick0: 'false', pick1: 'false' }, 'a z'],
  ['a box of no row is none', [], { pick3: 'true', pick10: 'true', 'pick-1': 'true', pick: 'true' }, ''],
  ['a value that no box sends is none', ['b@x.test'], { pick0: 'maybe', pick1: '1', pick2: '' }, 'b'],
])('%s', (_what, selected, inputs, expected) => {
  const ticked = withTicks(selected, shown, inputs);
  expect(ticked.map((id) => id.slice(0, 1)).join(' ')).toBe(expected);
});

it('gives the very same selection when nothing changes, so that nothing is written', () => {
  const selected = ['b@x.test'];
  expect(withTicks(selected, shown, { pick0: 'true', pick1: 'false', pick2: 'false' })).toBe(selected);
  expect(withTicks(selected, shown, {})).toBe(selected);
});

it('says the same as often as the same card is sent', () => {
  const inputs = { pick0: 'true', pick1: 'false', pick2: 'true' };
  const once = withTicks(['d@x.test'], shown, inputs);
  expect(once).toEqual(['b@x.test', 'f@x.test']);
  expect(withTicks(once, shown, inputs)).toBe(once);
});

it('adds all that match to what is selected, each once', () => {
  expect(withAll(['c@x.test', 'z@x.test'], ['d@x.test', 'c@x.test', 'a@x.test'])).toEqual([
    'a@x.test',
    'c@x.test',
    'd@x.test',
    'z@x.test',
  ]);
});

it('orders failures first, and what was tested last before what was never tested', () => {
  const mailbox = newMailbox(
    { environmentId: 'main', id: 'a', address: 'a', type: 'user', owner: '', importedBy: 'ada', createdAt: 0 },
    { profileId: null, incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 1 },
  );
  const byStatus = ([0, 1, 2] as const).toSorted(
    (a, b) => sortRank('status', { ...mailbox, status: a }) - sortRank('status', { ...mailbox, status: b }),
  );
  expect(byStatus).toEqual([2, 0, 1]);
  const byTest = [null, 5, 9].toSorted(
    (a, b) =>
      sortRank('lastTestedAt', { ...mailbox, lastTestedAt: a }) -
      sortRank('lastTestedAt', { ...mailbox, lastTestedAt: b }),
  );
  expect(byTest).toEqual([9, 5, null]);
  expect(['address', 'status', 'lastTestedAt', 'owner', '', 'constructor', undefined].map(isMailboxSort)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
