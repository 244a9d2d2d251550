import { expect, test } from 'vitest';
import { runConnectorChaos } from './connector-faults.ts';
import { planWishes } from './wish-plan.ts';

test(
  'a Teams that fails every fifth call and a process killed twice: all is visible, in order, within the limits',
  { timeout: 60_000 },
  async () => {
    const figures = await runConnectorChaos({
      seed: 6,
      messages: 200,
      conversations: 50,
      kills: 2,
      retryMs: 100,
      wishesPerSecond: 200,
      timeouts: false,
    });
    expect(figures.broken).toEqual([]);
    expect(figures.kills).toBe(2);
    expect(figures.blocked, 'Teams refused one').toBe(1);
    expect(Object.keys(figures.faults).length, 'the kinds are mixed').toBeGreaterThan(6);
    expect(figures.duplicates).toBe(figures.duplicatesByKill + figures.duplicatesByLostAnswer);
  },
);

test('the same seed wishes the same', () => {
  const options = { seed: 7, messages: 100, conversations: ['a', 'b'] };
  expect(planWishes(options)).toEqual(planWishes(options));
  expect(planWishes(options)).not.toEqual(planWishes({ ...options, seed: 8 }));
});
