import { expect, test } from 'vitest';
import { runConnectorChaos } from './connector-faults.ts';
import { planWishes } from './wish-plan.ts';

test(
  'a Teams that fails every fifth call, conversations that die, live again and move, a process killed twice: all is visible, in order, within the limits',
  { timeout: 120_000 },
  async () => {
    const figures = await runConnectorChaos({
      seed: 6,
      messages: 150,
      conversations: 30,
      kills: 2,
      retryMs: 100,
      wishesPerSecond: 50,
      timeouts: false,
    });
    expect(figures.broken).toEqual([]);
    expect(figures).toMatchObject({
      kills: 2,
      conversations: { personal: 18, groupChat: 6, channel: 6 },
      diedForGood: 3,
      livedAgain: 4,
      moved: 3,
    });
    expect(Object.keys(figures.faults).length, 'the kinds are mixed').toBeGreaterThan(10);
    expect(figures.faults).toMatchObject({
      'refused: blocked, removed or deleted': expect.any(Number) as number,
      'the old address': expect.any(Number) as number,
    });
    const gone = ['404, the message is gone', '404, the thread is gone'].map((kind) => figures.faults[kind] ?? 0);
    expect(Math.max(...gone), 'messages that were gone').toBeGreaterThan(0);
    expect(figures.postedAnew, 'messages in their place').toBeGreaterThan(0);
    expect(figures.movedElsewhere, 'alerts that came to an admin instead').toBeGreaterThan(0);
    expect(figures.answers, 'people who were heard').toBeGreaterThan(0);
    expect(figures.ended, 'deleted subjects').toBeGreaterThan(0);
    expect(figures.duplicates).toBe(figures.duplicatesByKill + figures.duplicatesByLostAnswer);
  },
);

test('the same seed wishes the same', () => {
  const options = { seed: 7, messages: 100, conversations: ['a', 'b'], late: ['a'] };
  expect(planWishes(options)).toEqual(planWishes(options));
  expect(planWishes(options)).not.toEqual(planWishes({ ...options, seed: 8 }));
});
