import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryError } from '../../../bot/deliver/connector.ts';
import { SEND_LIMITS } from '../../../sandbox/teams/call-log.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { conversationChange, environmentId, OutboxStage, placeOf } from './outbox-stage.ts';

let stage: OutboxStage;
beforeEach(async () => {
  stage = await OutboxStage.open();
});
afterEach(async () => {
  await stage.dispose();
});

describe('failures', () => {
  test('a throttled conversation waits as long as Teams asks, with everything in it', async () => {
    await stage.know('c1', 'c2');
    stage.start();
    stage.teams.failures.push(new DeliveryError('throttled', 'TooManyRequests', { retryAfterMs: 30_000 }));
    await stage.wish('c1', 's1');
    await stage.wish('c1', 's2');
    await stage.wish('c2', 's3');
    await stage.idle();
    const start = stage.clock.now();
    await stage.advance(29_000);
    expect(stage.teams.shown('c1')).toEqual([]);
    expect(stage.teams.shown('c2')).toEqual(['s3']);
    await stage.advance(10_000);
    expect(stage.teams.shown('c1')).toEqual(['s1', 's2']);
    expect(stage.teams.calls.at(-1)?.at).toBeGreaterThanOrEqual(start + 30_000);
  });

  test('without Retry-After the wait doubles, and the intent remembers it', async () => {
    await stage.know('c1');
    stage.start();
    for (let index = 0; index < 4; index += 1) stage.teams.failures.push(new DeliveryError('unavailable', 'HTTP 502'));
    await stage.wish('c1', 's1');
    await stage.idle();
    const [intent] = await stage.store.query('intent', { limit: 1 });
    expect(intent?.value).toMatchObject({ attempts: 1, notBefore: stage.clock.now() + 2000 });
    await stage.advance(60_000);
    const times = stage.teams.calls.map(({ at }) => at);
    expect(times.map((at, index) => at - (times[index - 1] ?? at)).slice(1)).toEqual([2000, 4000, 8000, 16_000]);
    expect(stage.teams.shown('c1')).toEqual(['s1']);
  });

  test('the next try goes to the service address that Teams told of meanwhile', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.failures.push(new DeliveryError('unavailable', 'no answer'));
    await stage.wish('c1', 's1');
    await stage.idle();
    const key = keyOf(environmentId, 'c1');
    const known = await stage.store.get('conversation', key);
    const value = { ...known!.value, serviceUrl: 'https://smba.example/emea/', revision: 2 };
    await stage.store.commit([{ kind: 'put', collection: 'conversation', key, value }]);
    await stage.advance(5000);
    expect(stage.teams.calls.map(({ serviceUrl }) => serviceUrl)).toEqual([
      'https://smba.example/amer/',
      'https://smba.example/emea/',
    ]);
    expect(stage.teams.shown('c1')).toEqual(['s1']);
  });

  test('new wishes do not shorten the wait of a conversation that fails', async () => {
    await stage.know('c1');
    stage.start();
    for (let index = 0; index < 20; index += 1) stage.teams.failures.push(new DeliveryError('unavailable', 'HTTP 502'));
    for (let second = 0; second < 30; second += 1) {
      await stage.wish('c1', 's1', `${second}`);
      await stage.idle();
      await stage.advance(1000);
    }
    expect(stage.teams.calls.length).toBeLessThanOrEqual(5);
  });

  test('a dead conversation is marked, and what waited for it goes away with one line', async () => {
    await stage.know('c1', 'c2');
    for (let index = 0; index < 300; index += 1) await stage.wish('c1', `s${index}`);
    await stage.wish('c2', 'alive');
    stage.teams.failures.push(new DeliveryError('dead', 'MessageWritesBlocked'));
    stage.start({ pace: { inFlight: 1 } });
    await stage.idle();
    const conversation = await stage.store.get('conversation', keyOf(environmentId, 'c1'));
    expect(conversation?.value).toMatchObject({ deadReason: 'MessageWritesBlocked', revision: 2 });
    expect(await stage.intents()).toBe(0);
    expect(stage.teams.calls.filter(({ conversationId }) => conversationId === 'c1')).toHaveLength(1);
    expect(stage.teams.shown('c2')).toEqual(['alive']);
    expect(stage.lines.filter(({ details }) => details['waited'] === 300)).toHaveLength(1);
  });

  test('wishes for a conversation that is dead or not known go away without a call', async () => {
    await stage.store.commit([conversationChange('dead', 'MessageWritesBlocked')]);
    stage.start();
    await stage.wish('dead', 's1');
    await stage.wish('nowhere', 's2');
    await stage.idle();
    expect(stage.teams.calls).toEqual([]);
    expect(await stage.intents()).toBe(0);
    expect(stage.lines.filter(({ message }) => message === 'delivery moved elsewhere')).toHaveLength(2);
  });

  test('a message that Teams took without naming its id stands once, and its next change comes as a new one', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.namesNoId = true;
    await stage.wish('c1', 's1', 'first');
    await stage.idle();
    await stage.advance(10 * 60_000);
    expect(stage.teams.calls).toHaveLength(1);
    expect(await stage.intents()).toBe(0);
    stage.teams.namesNoId = false;
    await stage.wish('c1', 's1', 'second');
    await stage.idle();
    await stage.wish('c1', 's1', 'third');
    await stage.idle();
    expect(stage.teams.calls.map(({ call }) => call)).toEqual(['post', 'post', 'update']);
  });

  test('a thread that is gone is no channel that is gone: the card is posted anew', async () => {
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'conversation',
        key: keyOf(environmentId, 'c1'),
        value: placeOf('c1', { kind: 'channel' }),
      },
    ]);
    stage.start();
    await stage.wish('c1', 's1', 'first');
    await stage.idle();
    stage.teams.failures.push(new DeliveryError('dead', 'ConversationNotFound'));
    await stage.wish('c1', 's1', 'second');
    await stage.idle();
    expect(stage.teams.calls.map(({ call }) => call)).toEqual(['post', 'update', 'post']);
    expect((await stage.store.get('conversation', keyOf(environmentId, 'c1')))?.value.deadReason).toBeNull();
  });

  test('an address that answers "not found" to a post, without a word of Teams, kills nobody: it is tried again', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.failures.push(new DeliveryError('gone', 'HTTP 404'));
    await stage.wish('c1', 's1');
    await stage.idle();
    await stage.advance(10_000);
    expect(stage.teams.shown('c1')).toEqual(['s1']);
  });

  test('a server that asks for no wait at all gets one', async () => {
    await stage.know('c1');
    stage.start();
    for (let index = 0; index < 100; index += 1)
      stage.teams.failures.push(new DeliveryError('throttled', 'Throttled', { retryAfterMs: 0 }));
    await stage.wish('c1', 's1');
    await stage.idle();
    await stage.advance(60_000);
    expect(stage.teams.calls.length).toBeLessThanOrEqual(31);
  });

  test('a card that Teams will never take is dropped with a reference in the log, and the next one goes', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.failures.push(new DeliveryError('too-large', 'MessageSizeTooBig'));
    await stage.wish('c1', 'big');
    await stage.idle();
    await stage.wish('c1', 'small');
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['small']);
    expect(await stage.intents()).toBe(0);
    expect(stage.lines.find(({ level }) => level === 'error')?.details['reference']).toMatch(/^[\w]{4}-[\w]{4}$/);
  });

  test('a card that cannot be made is tried a few times and then dropped', async () => {
    await stage.know('c1');
    stage.start({ render: () => Promise.reject(new Error('no template')) });
    await stage.wish('c1', 's1');
    await stage.idle();
    await stage.advance(10 * 60_000);
    expect(await stage.intents()).toBe(0);
    expect(stage.lines.filter(({ message }) => message === 'a card cannot be made')).toHaveLength(5);
  });
});

describe('restarts', () => {
  test('what was not sent before the stop is sent after the start, and nothing twice', async () => {
    await stage.know('c1');
    for (let index = 0; index < 8; index += 1) await stage.wish('c1', `s${index}`);
    stage.start();
    await stage.idle();
    await stage.reopen();
    stage.start();
    await stage.idle();
    await stage.advance(30_000);
    expect(stage.teams.shown('c1').toSorted()).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7']);
    expect(stage.teams.calls.filter(({ call }) => call === 'post')).toHaveLength(8);
  });

  test('killed between an edit and its commit: the next start edits again and posts nothing', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', 'first');
    await stage.idle();
    await killDuringNextCall();
    await stage.wish('c1', 's1', 'second');
    await stage.idle();
    await stage.reopen();
    stage.start();
    await stage.idle();
    await stage.advance(1000);
    expect(stage.teams.calls.map(({ call }) => call)).toEqual(['post', 'update', 'update']);
    expect(stage.teams.shown('c1')).toEqual(['second']);
  });

  test('killed between a post and its commit: one message too many at most', async () => {
    await stage.know('c1');
    stage.start();
    await killDuringNextCall();
    await stage.wish('c1', 's1', 'card');
    await stage.idle();
    await stage.reopen();
    stage.start();
    await stage.idle();
    await stage.wish('c1', 's1', 'card 2');
    await stage.idle();
    expect(stage.teams.calls.map(({ call }) => call)).toEqual(['post', 'post', 'update']);
  });

  test('a wait that Teams asked for outlives a restart', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.failures.push(new DeliveryError('throttled', 'TooManyRequests', { retryAfterMs: 60_000 }));
    await stage.wish('c1', 's1');
    await stage.idle();
    await stage.reopen();
    stage.start();
    await stage.idle();
    await stage.advance(59_000);
    expect(stage.teams.calls).toHaveLength(1);
    await stage.advance(2000);
    expect(stage.teams.shown('c1')).toEqual(['s1']);
  });

  test('what waits behind a failure keeps its place over a restart', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.failures.push(new DeliveryError('throttled', 'TooManyRequests', { retryAfterMs: 60_000 }));
    await stage.wish('c1', 's1');
    await stage.idle();
    await stage.advance(10);
    await stage.wish('c1', 's2');
    await stage.reopen();
    stage.start();
    await stage.idle();
    expect(stage.teams.calls).toHaveLength(1);
    await stage.advance(62_000);
    expect(stage.teams.shown('c1')).toEqual(['s1', 's2']);
  });

  test('a restart gives a conversation no second budget', async () => {
    await stage.know('c1');
    for (let index = 0; index < 120; index += 1) await stage.wish('c1', `s${index}`);
    for (let restart = 0; restart < 12; restart += 1) {
      stage.start();
      await stage.idle();
      await stage.advance(1500);
      await stage.reopen();
    }
    const times = stage.teams.calls.map(({ at }) => at);
    for (const { windowMs, sends } of SEND_LIMITS) {
      const most = Math.max(...times.map((end) => times.filter((at) => at > end - windowMs && at <= end).length));
      expect(most, `${windowMs} ms`).toBeLessThanOrEqual(sends);
    }
    expect(times.length).toBeGreaterThan(30);
  });

  test('a restart gives the app no second budget either, not even where each kill cuts off all that is under way', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `c${index}`);
    await stage.know(...ids);
    for (const id of ids) await stage.wish(id, `${id}-a`);
    for (let restart = 0; restart < 30; restart += 1) {
      // Of three starts one is let work.
      if (restart % 3 > 0) killWhenUnderWay(16);
      stage.start();
      await stage.idle();
      await stage.advance(restart % 2 === 0 ? 200 : 1100);
      stage.teams.during = null;
      await stage.reopen();
    }
    const times = stage.teams.calls.map(({ at }) => at);
    const most = Math.max(...times.map((end) => times.filter((at) => at > end - 1000 && at <= end).length));
    expect(most).toBeLessThanOrEqual(45);
    expect(times.length).toBeGreaterThan(200);
  });

  test('after the stop nothing is sent any more', async () => {
    await stage.know('c1');
    stage.start();
    await stage.outbox?.stop();
    await stage.wish('c1', 's1');
    await stage.advance(10_000);
    expect(stage.teams.calls).toEqual([]);
  });

  /** As a kill would: the call reaches Teams, but nothing of this process is written any more. */
  /** So many calls go out, and none of them is written down. */
  function killWhenUnderWay(count: number): void {
    const { store } = stage;
    const killed = Promise.withResolvers<void>();
    let underWay = 0;
    stage.teams.during = async () => {
      underWay += 1;
      if (underWay === count) void store.close().then(killed.resolve);
      await killed.promise;
    };
  }

  async function killDuringNextCall(): Promise<void> {
    const { store } = stage;
    stage.teams.during = async () => {
      stage.teams.during = null;
      await store.close();
    };
    return Promise.resolve();
  }
});
