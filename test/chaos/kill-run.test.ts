import { expect, test } from 'vitest';
import { drawPoints, runWithKills } from './kill-run.ts';

const kills = 3;

test(
  'a run of 120 mailboxes survives kill -9 at three moments and ends as if nothing had happened',
  { timeout: 120_000 },
  async () => {
    const figures = await runWithKills({ seed: 20_260_101, kills, mailboxes: 120 });
    expect(figures.broken).toEqual([]);
    expect(figures).toMatchObject({
      kills,
      mailboxes: 120,
      different: 0,
      testedAfterOutcome: 0,
      secondMessagesDespiteMarker: 0,
    });
    expect(figures.inFlight, 'the kills hit something').toBeGreaterThan(0);
    expect(figures.secondMessages).toBeLessThanOrEqual(figures.sendsInFlight);
  },
);

test('the same seed kills at the same places', () => {
  expect(drawPoints(7, 20, 1000)).toEqual(drawPoints(7, 20, 1000));
  expect(drawPoints(7, 20, 1000)).not.toEqual(drawPoints(8, 20, 1000));
  expect(new Set(drawPoints(7, 20, 1000)).size).toBe(20);
});
