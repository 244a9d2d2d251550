import { describe, expect, it } from 'vitest';
import { dueAfter, isLive, openQuestion, stageAt } from '../../services/model/approval-request.ts';

const hour = 3_600_000;
const day = 24 * hour;
const asked = { requestedAt: 1_000_000 };

describe('the stage of a request by the clock', () => {
  it.each([
    ['before it was asked, by a clock that was set back', -day, 'open'],
    ['at once', 0, 'open'],
    ['just before a day', day - 1, 'open'],
    ['a day', day, 'reminded'],
    ['just before three days', 3 * day - 1, 'reminded'],
    ['three days', 3 * day, 'escalated'],
    ['just before thirty days', 30 * day - 1, 'escalated'],
    ['thirty days', 30 * day, 'expired'],
    ['a year', 365 * day, 'expired'],
  ] as const)('%s', (_, age, stage) => {
    expect(stageAt(asked, asked.requestedAt + age)).toBe(stage);
  });

  it.each([
    ['open', day],
    ['reminded', 3 * day],
    ['escalated', 30 * day],
  ] as const)('%s ends when the next one begins', (stage, age) => {
    const at = dueAfter(asked, stage) ?? 0;
    expect(at).toBe(asked.requestedAt + age);
    expect(stageAt(asked, at - 1)).toBe(stage);
    expect(stageAt(asked, at)).not.toBe(stage);
  });

  it('nothing comes after the expiry', () => {
    expect(dueAfter(asked, 'expired')).toBeNull();
  });
});

it.each([
  [1, 'open', true],
  [1, 'reminded', true],
  [1, 'escalated', true],
  [1, 'expired', false],
  [0, 'open', false],
] as const)('with %i waiting and %s its cards decide: %s', (pending, stage, live) => {
  expect(isLive({ pending, stage })).toBe(live);
});

it('a question is open until it is answered', () => {
  const question = { address: null, by: 'Pia', at: 1, text: 'Why?', answer: null };
  const answered = { ...question, answer: { by: 'Ada', at: 2, text: 'So.' } };
  expect(openQuestion({ questions: [] })).toBeNull();
  expect(openQuestion({ questions: [answered, question] })).toBe(question);
  expect(openQuestion({ questions: [question, answered] })).toBeNull();
});
