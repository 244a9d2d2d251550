import { beforeEach, expect, test } from 'vitest';
import { Gate } from '../../services/exchange/gate.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { bad, good, visitorsOf } from './gate-visitors.ts';

let clock: FakeClock;
let gate: Gate;
beforeEach(() => {
  clock = new FakeClock();
  gate = new Gate({ clock, accountLimit: 5, circuit: { threshold: 1 } });
});

test('the load of a server adds up its accounts and names none', async () => {
  expect(gate.load()).toEqual([]);
  const one = visitorsOf(gate);
  const two = visitorsOf(gate, { account: 'other', credentialId: 'c2', server: 'MAIL.contoso.test' });
  await one.prove();
  await two.prove();
  await one.visitMany(8);
  await two.visitMany(2);
  expect(gate.load()).toEqual([
    { server: 'mail.contoso.test', running: 7, limit: 10, waiting: 3, backOffMs: 0, isCircuitOpen: false },
  ]);
});

test('a server that is busy shows fewer slots and the time that it asked for, until that is over', async () => {
  const one = visitorsOf(gate);
  await one.prove();
  await one.visitMany(5);
  one.inside[0]?.end(bad('ErrorServerBusy', { backOffMs: 4000 }));
  await settle();
  const [busy] = gate.load();
  expect(busy?.backOffMs).toBe(4000);
  expect(busy?.limit).toBeLessThan(5);
  await clock.advance(1500);
  expect(gate.load()[0]?.backOffMs).toBe(2500);
  await clock.advance(2500);
  expect(gate.load()[0]?.backOffMs).toBe(0);
});

test('a server out of reach shows it until it answers', async () => {
  const one = visitorsOf(gate);
  void one.visit('a');
  await settle();
  one.inside[0]?.end(bad('ConnectionRefused'));
  await settle();
  expect(gate.load()).toMatchObject([{ isCircuitOpen: true, running: 0, waiting: 0 }]);
  await clock.advance(60_000);
  void one.visit('b');
  await settle();
  one.inside[0]?.end(good);
  await settle();
  expect(gate.load()).toMatchObject([{ isCircuitOpen: false }]);
});

test('servers that were asked once and never again are forgotten, those that something goes on at are not', async () => {
  const busy = visitorsOf(gate);
  await busy.prove();
  await busy.visitMany(1);
  const out = visitorsOf(gate, { server: 'out.contoso.test', account: 'other', credentialId: 'c2' });
  void out.visit('a');
  await settle();
  out.inside[0]?.end(bad('ConnectionRefused'));
  await settle();
  for (let count = 0; count < 300; count += 1) {
    const once = visitorsOf(gate, { server: `tried${count}.contoso.test`, credentialId: `c-${count}` });
    await once.prove();
    await clock.advance(6000);
  }
  const load = gate.load();
  expect(load.length).toBeLessThanOrEqual(100);
  expect(load).toContainEqual(expect.objectContaining({ server: 'mail.contoso.test', running: 1 }));
  expect(load).toContainEqual(expect.objectContaining({ server: 'out.contoso.test', isCircuitOpen: true }));
});
