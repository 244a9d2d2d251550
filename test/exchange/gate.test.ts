import { beforeEach, describe, expect, test } from 'vitest';
import { Gate, type Ticket } from '../../services/exchange/gate.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { bad, good, visitorsOf } from './gate-visitors.ts';

let clock: FakeClock;
let gate: Gate;
beforeEach(() => {
  clock = new FakeClock();
  gate = new Gate({ clock, accountLimit: 27 });
});

const visitors = (changes: Partial<Ticket> = {}) => visitorsOf(gate, changes);

describe('the connections of an account', () => {
  test('are 27 over all its profiles, and a profile may have fewer', async () => {
    const one = visitors({ maxConnections: 10 });
    const two = visitors({ credentialId: 'c2', account: 'contoso\\SVC', server: 'MAIL.contoso.test' });
    await one.prove();
    await two.prove();
    await one.visitMany(30);
    expect(one.inside).toHaveLength(10);
    await two.visitMany(30);
    expect(one.inside.length + two.inside.length).toBe(27);
    one.inside[0]?.end(good);
    await settle();
    expect(one.inside.length + two.inside.length).toBe(27);
  });

  test('are counted apart for another account and another server', async () => {
    const one = visitors();
    const two = visitors({ account: 'other', credentialId: 'c2' });
    const three = visitors({ server: 'other.test', credentialId: 'c3' });
    for (const each of [one, two, three]) {
      await each.prove();
      await each.visitMany(30);
      expect(each.inside).toHaveLength(27);
    }
  });

  test('come in the order they asked, over all profiles', async () => {
    gate = new Gate({ clock, accountLimit: 1 });
    const one = visitors();
    const two = visitors({ credentialId: 'c2' });
    await one.prove();
    await two.prove();
    const order: string[] = [];
    void one.visit('a');
    void two.visit('b');
    void one.visit('c');
    void two.visit('d');
    await settle();
    while (one.inside.length + two.inside.length > 0) {
      expect(one.inside.length + two.inside.length).toBe(1);
      const call = one.inside[0] ?? two.inside[0];
      order.push(call?.name ?? '');
      call?.end(good);
      await settle();
    }
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  test('go to whoever is urgent first, and among those in the order they asked', async () => {
    gate = new Gate({ clock, accountLimit: 1 });
    const many = visitors();
    const urgent = visitors({ isUrgent: true });
    const others = visitors({ credentialId: 'c2', isUrgent: true });
    await many.prove();
    await others.prove();
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) void many.visit(name);
    void urgent.visit('u1');
    void others.visit('u2');
    void urgent.visit('u3');
    await settle();
    for (;;) {
      const call = [...many.inside, ...urgent.inside, ...others.inside][0];
      if (call === undefined) break;
      order.push(call.name);
      call.end(good);
      await settle();
    }
    expect(order).toEqual(['a', 'u1', 'u2', 'u3', 'b', 'c']);
  });

  test('are given back when a call fails', async () => {
    const one = visitors({ maxConnections: 1 });
    await one.prove();
    const failing = one.visit('v0');
    await one.visitMany(1, 'next');
    one.inside[0]?.fail(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['next0']);
  });
});

describe('a server that asks for time', () => {
  test.each(['ErrorServerBusy', 'ErrorExceededConnectionCount', 'HttpUnavailable'] as const)(
    'gets it from everybody: %s',
    async (code) => {
      const one = visitors();
      await one.prove();
      await one.visitMany(1);
      one.inside[0]?.end(bad(code, { backOffMs: 4000 }));
      await settle();
      await one.visitMany(5);
      await clock.advance(3999);
      expect(one.inside).toHaveLength(0);
      await clock.advance(1);
      expect(one.inside).toHaveLength(5);
      expect(clock.timers).toBe(0);
    },
  );

  test('gets a second when it names no time, and five minutes at most', async () => {
    const one = visitors();
    await one.prove();
    for (const [params, expected] of [
      [{}, 1000],
      [{ backOffMs: 86_400_000 }, 300_000],
    ] as const) {
      await one.visitMany(1);
      one.inside[0]?.end(bad('ErrorServerBusy', params));
      await settle();
      await one.visitMany(1);
      await clock.advance(expected - 1);
      expect(one.inside).toHaveLength(0);
      await clock.advance(1);
      expect(one.inside).toHaveLength(1);
      one.inside[0]?.end(good);
      await settle();
    }
  });

  test('a longer request replaces a shorter one, never the other way round', async () => {
    const one = visitors();
    await one.prove();
    await one.visitMany(3);
    one.inside[0]?.end(bad('ErrorServerBusy', { backOffMs: 1000 }));
    await settle();
    await one.visitMany(1, 'next');
    one.inside[0]?.end(bad('ErrorServerBusy', { backOffMs: 9000 }));
    await settle();
    one.inside[0]?.end(bad('ErrorServerBusy', { backOffMs: 10 }));
    await settle();
    await clock.advance(8999);
    expect(one.inside).toHaveLength(0);
    await clock.advance(1);
    expect(one.inside).toHaveLength(1);
  });

  test('an unproven credential waits too, and its canary is not the one to fail for all', async () => {
    const one = visitors();
    await one.visitMany(3);
    one.inside[0]?.end({ faults: [{ code: 'HttpUnavailable', params: { backOffMs: 2000 } }], signedIn: false });
    await settle();
    expect(one.inside).toHaveLength(0);
    await clock.advance(2000);
    expect(one.inside.map(({ name }) => name)).toEqual(['v1']);
  });
});

describe('who gives up', () => {
  test('leaves the queue with its own reason', async () => {
    const one = visitors({ maxConnections: 1 });
    await one.prove();
    await one.visitMany(1);
    const controller = new AbortController();
    const waiting = one.visit('impatient', controller.signal);
    await one.visitMany(1, 'next');
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    one.inside[0]?.end(good);
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['next0']);
  });

  test('ends the call it is in, and gives its place back', async () => {
    const one = visitors({ maxConnections: 1 });
    await one.prove();
    const controller = new AbortController();
    const running = one.visit('running', controller.signal);
    await one.visitMany(1, 'next');
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['next0']);
  });

  test('does not come in at all when it gave up before', async () => {
    const one = visitors();
    await expect(one.visit('v', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(one.admitted()).toBe(0);
  });

  test('closing the gate ends everybody who waits', async () => {
    const one = visitors();
    await one.visitMany(2);
    gate.close();
    await expect(one.results[1]).rejects.toMatchObject({ code: 'exchange.closed' });
  });
});
