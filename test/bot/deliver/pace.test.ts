import { expect, test } from 'vitest';
import { SendLimits } from '../../../bot/deliver/pace.ts';

const twoASecond = [{ count: 2, spanMs: 1000 }];
const threeASecond = [{ count: 3, spanMs: 1000 }];

test('a call counts from when it is over: Teams may have counted it as late as that', () => {
  const limits = new SendLimits(twoASecond, threeASecond);
  limits.begin();
  limits.end(400, true);
  limits.begin();
  limits.end(900, true);
  expect(limits.readyAt(1000), 'the slow one began at the start of the second').toBe(1400);
  expect(limits.recent(1000)).toEqual([
    [400, 1],
    [900, 1],
  ]);
});

test('while it is under way it counts as one of now, however long it takes', () => {
  const limits = new SendLimits(twoASecond, threeASecond);
  limits.begin();
  limits.begin();
  expect(limits.readyAt(60_000)).toBe(61_000);
  expect(limits.answerAt(60_000), 'an answer may still go').toBe(60_000);
  expect(limits.recent(60_000)).toEqual([[60_000, 2]]);
  limits.end(60_000, true);
  expect(limits.readyAt(60_500)).toBe(61_000);
});

test('what made no call counts nothing', () => {
  const limits = new SendLimits(twoASecond, threeASecond);
  limits.begin();
  limits.begin();
  limits.end(10, false);
  expect(limits.readyAt(10)).toBe(10);
});
