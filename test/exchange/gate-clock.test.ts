import { beforeEach, describe, expect, test } from 'vitest';
import { Gate } from '../../services/exchange/gate.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { bad, good, visitorsOf } from './gate-visitors.ts';

const dayMs = 24 * 60 * 60_000;
let clock: FakeClock;
let gate: Gate;
beforeEach(() => {
  clock = new FakeClock();
  gate = new Gate({ clock, accountLimit: 5, circuit: { threshold: 1 } });
});

describe('a clock that is set by a day', () => {
  test.each([-dayMs, dayMs])('(%d ms) makes a proof worthless: one call goes first again', async (jump) => {
    const one = visitorsOf(gate);
    await one.prove();
    clock.jump(jump);
    await one.visitMany(4);
    expect(one.inside).toHaveLength(1);
    one.inside[0]?.end(good);
    await settle();
    expect(one.inside).toHaveLength(3);
  });

  test('does not make the rest that a server asked for a day long', async () => {
    const one = visitorsOf(gate);
    await one.prove();
    await one.visitMany(1);
    one.inside[0]?.end(bad('ErrorServerBusy', { backOffMs: 4000 }));
    await settle();
    void one.visit('next');
    clock.jump(-dayMs);
    await clock.advance(4000);
    expect(one.inside.map(({ name }) => name)).toEqual(['next']);
  });

  test('does not keep an open circuit from its probe', async () => {
    const one = visitorsOf(gate);
    void one.visit('first');
    await settle();
    one.inside[0]?.end(bad('ConnectionRefused'));
    await settle();
    expect(await one.visit('early')).toMatchObject({ circuitOpen: true });
    clock.jump(-dayMs);
    void one.visit('probe');
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['probe']);
  });
});
