import { expect, it } from 'vitest';
import { nearLimits } from '../../services/model/store-limits.ts';
import { nextWeeklyAt, weekMs } from '../../services/model/status.ts';

const small = { mailboxes: 0, writesPerSecond: 0, memoryBytes: 0, memoryLimitBytes: 1000 };

it.each([
  [{}, []],
  [{ mailboxes: 39_999 }, []],
  [{ mailboxes: 40_000 }, [['mailboxes', 80]]],
  [{ mailboxes: 60_000 }, [['mailboxes', 120]]],
  [{ writesPerSecond: 399.9 }, []],
  [{ writesPerSecond: 400 }, [['writes', 80]]],
  [{ memoryBytes: 799 }, []],
  [{ memoryBytes: 950 }, [['memory', 95]]],
  // Nobody knows what it may have.
  [{ memoryBytes: 950, memoryLimitBytes: 0 }, []],
  [
    { mailboxes: 45_000, writesPerSecond: 490, memoryBytes: 810 },
    [
      ['writes', 98],
      ['mailboxes', 90],
      ['memory', 81],
    ],
  ],
])('with %j these are near: %j', (load, expected) => {
  expect(nearLimits({ ...small, ...load }).map(({ kind, percent }) => [kind, percent])).toEqual(expected);
});

it.each([
  [0, 1],
  [weekMs - 1, 1],
  [weekMs, 2],
  [5.5 * weekMs, 6],
  // The clock was set back behind its begin.
  [-3 * weekMs, 1],
])('from %i the next week is number %i', (now, week) => {
  expect(nextWeeklyAt({ setAt: 0 }, now)).toBe(week * weekMs);
});
