import { afterEach, beforeEach, expect, test } from 'vitest';
import { OutboxStage } from './outbox-stage.ts';

const dayMs = 24 * 60 * 60_000;
let stage: OutboxStage;
beforeEach(async () => {
  stage = await OutboxStage.open();
  await stage.know('c1');
  stage.start();
});
afterEach(async () => {
  await stage.dispose();
});

test('a conversation whose pace is used up goes on within seconds after the clock was set back by a day', async () => {
  for (let count = 0; count < 9; count += 1) await stage.wish('c1', `s${count}`);
  await stage.idle();
  const before = stage.teams.shown('c1').length;
  expect(before).toBeLessThan(9);
  stage.clock.jump(-dayMs);
  // Those that waited were wished for a day ahead; the clock watch moves their times, and wakes the outbox by that.
  for (let count = 0; count < 9; count += 1) await stage.wish('c1', `s${count}`);
  await stage.clock.advance(30_000, () => stage.idle());
  expect(stage.teams.shown('c1')).toHaveLength(9);
  expect(await stage.intents()).toBe(0);
});

test('a live card that had just changed changes again', async () => {
  await stage.wish('c1', 'run', 'first', { kind: 'run' });
  await stage.idle();
  await stage.wish('c1', 'run', 'second', { kind: 'run' });
  await stage.idle();
  await stage.clock.advance(2000, () => stage.idle());
  expect(stage.teams.shown('c1')).toEqual(['second']);
  stage.clock.jump(-dayMs);
  await stage.wish('c1', 'run', 'third', { kind: 'run' });
  await stage.idle();
  await stage.clock.advance(15_000, () => stage.idle());
  expect(stage.teams.shown('c1')).toEqual(['third']);
});
