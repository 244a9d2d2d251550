import { ActivityTypes, TestAdapter, type Activity } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryError } from '../../../bot/deliver/connector.ts';
import type { AnswerEnd, AnswerPlace } from '../../../bot/deliver/outbox.ts';
import { pacedAnswers } from '../../../bot/deliver/paced-answers.ts';
import { SEND_LIMITS } from '../../../sandbox/teams/call-log.ts';
import { intentChange } from '../../../services/conversations/intents.ts';
import { environmentId, OutboxStage } from './outbox-stage.ts';

let stage: OutboxStage;
let answered: number[];
let writing = 0;
beforeEach(async () => {
  stage = await OutboxStage.open();
  answered = [];
  await stage.know('c1', 'c2');
  const commit = stage.store.commit.bind(stage.store);
  stage.store.commit = async (changes, expected) => {
    writing += 1;
    await commit(changes, expected).finally(() => (writing -= 1));
  };
});
afterEach(async () => {
  await stage.dispose();
});

/** As a turn asks before it sends. */
async function answer(waitMs = 8000, conversationId = 'c1', isShared = false): Promise<boolean> {
  const end = (await stage.outbox?.admitAnswer({ environmentId, conversationId, isShared }, waitMs)) ?? null;
  if (end === null) return false;
  answered.push(stage.clock.now());
  end(true);
  return true;
}

/** Resolves when no commit is under way. */
async function written(): Promise<void> {
  if (writing === 0) return;
  await new Promise(setImmediate);
  await written();
}

/** Time goes on, and whoever waited for a moment acts in that moment. */
async function pass(ms: number): Promise<void> {
  const acted = async (): Promise<void> => {
    await stage.idle();
    await new Promise(setImmediate);
    await written();
  };
  await acted();
  await stage.clock.advance(ms, acted);
  await acted();
}

async function wishMany(count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_unused, index) => `s${index}`);
  for (const id of ids) stage.subjects.set(id, { card: {}, summary: id });
  const now = stage.clock.now();
  await stage.store.commit(ids.map((id) => intentChange(environmentId, 'incident', id, 'c1', now)));
}

/** The most sends in any span, answers and messages of the outbox together. */
function peaks(): [spanMs: number, most: number, allowed: number][] {
  const times = [...answered, ...stage.teams.calls.map(({ at }) => at)].toSorted((left, right) => left - right);
  return SEND_LIMITS.map(({ windowMs, sends }) => {
    let first = 0;
    let most = 0;
    for (const [index, at] of times.entries()) {
      while (times[first]! <= at - windowMs) first += 1;
      most = Math.max(most, index - first + 1);
    }
    return [windowMs, most, sends];
  });
}

function expectLimits(): void {
  for (const [spanMs, most, allowed] of peaks()) expect(most, `${spanMs} ms`).toBeLessThanOrEqual(allowed);
}

describe('an impatient typist in a conversation that has much to show', () => {
  test.each([
    ['three a second', 333, 120],
    ['twenty at once, every ten seconds', 0, 200],
    ['one each five seconds, for an hour and more', 5000, 800],
  ])('%s: Teams’ limits hold with the answers', async (_name, everyMs, count) => {
    await wishMany(2500);
    stage.start();
    await stage.idle();
    const pending: Promise<boolean>[] = [];
    for (let index = 0; index < count; index += 1) {
      pending.push(answer());
      await pass(everyMs > 0 ? everyMs : index % 20 === 19 ? 10_000 : 0);
    }
    await pass(20_000);
    await Promise.all(pending);
    expectLimits();
    expect(answered.length, 'answers go first').toBeGreaterThan(count / 3);
    expect(stage.teams.calls.length, 'and the rest goes on').toBeGreaterThan(10);
  });

  test('who types as people do is answered at once, whatever the line has sent', async () => {
    await wishMany(500);
    stage.start();
    await stage.idle();
    for (let turn = 0; turn < 30; turn += 1) {
      await pass(4000);
      const asked = stage.clock.now();
      const admitted = answer();
      await pass(1000);
      expect(await admitted).toBe(true);
      expect(answered.at(-1)! - asked).toBeLessThanOrEqual(1000);
    }
    expectLimits();
  });
});

test.each([600, 2050, 2390])(
  'somebody who types in a channel each %i ms for two hours holds back none of its alerts for long',
  async (everyMs) => {
    stage.start();
    await stage.idle();
    const minutes = 120;
    let typed = 0;
    const waits: number[] = [];
    for (let minute = 0; minute < minutes; minute += 1) {
      const wishedAt = stage.clock.now();
      const calls = stage.teams.calls.length;
      await stage.wish('c1', `s${minute}`);
      for (; typed * everyMs < (minute + 1) * 60_000; typed += 1) {
        void answer(0, 'c1', true);
        await pass(everyMs);
      }
      const sent = stage.teams.calls[calls];
      if (sent !== undefined) waits.push(sent.at - wishedAt);
    }
    expect(waits).toHaveLength(minutes);
    expect(Math.max(...waits)).toBeLessThan(30_000);
    expectLimits();
  },
);

describe('an answer', () => {
  test('does not wait for a lane that Teams asked to be silent for an hour', async () => {
    stage.start();
    stage.teams.failures.push(new DeliveryError('throttled', 'Throttled', { retryAfterMs: 3_600_000 }));
    await stage.wish('c1', 's1');
    await stage.idle();
    expect(await answer(0)).toBe(true);
  });

  test('does not wait for a call that hangs', async () => {
    stage.start();
    let finish = (): void => undefined;
    stage.teams.during = () => new Promise((resolve) => (finish = resolve));
    await stage.wish('c1', 's1');
    await expect.poll(() => stage.teams.calls.length).toBe(1);
    expect(await answer(0)).toBe(true);
    finish();
    await stage.idle();
  });

  test('makes the messages of its conversation step back, and of no other', async () => {
    stage.start();
    for (let count = 0; count < 5; count += 1) await answer();
    await stage.wish('c1', 's1');
    await stage.wish('c2', 's2');
    await stage.idle();
    expect(stage.teams.calls.map(({ conversationId }) => conversationId)).toEqual(['c2']);
    await pass(1000);
    expect(stage.teams.shown('c1')).toEqual(['s1']);
  });

  test('counts until Teams has taken it: one that is long on its way does not meet those that come after it', async () => {
    stage.start();
    const ends: AnswerEnd[] = [];
    const admit = async (): Promise<void> => {
      const end =
        (await stage.outbox?.admitAnswer({ environmentId, conversationId: 'c1', isShared: false }, 60_000)) ?? null;
      if (end !== null) ends.push(end);
    };
    for (let count = 0; count < 20; count += 1) void admit();
    await pass(0);
    expect(ends).toHaveLength(6);
    await pass(10_000);
    expect(ends, 'nobody knows when they arrive').toHaveLength(6);
    for (const end of ends) end(true);
    await pass(999);
    expect(ends).toHaveLength(6);
    await pass(1);
    expect(ends, 'the seventh in two seconds').toHaveLength(7);
    await pass(999);
    expect(ends).toHaveLength(7);
    await pass(1);
    expect(ends.length).toBeGreaterThan(7);
  });

  test('that could not be written down counts no more, and those after it go on', async () => {
    stage.start();
    const commit = stage.store.commit.bind(stage.store);
    let isBroken = false;
    stage.store.commit = (...args) => (isBroken ? Promise.reject(new Error('the disk is full')) : commit(...args));
    for (let count = 0; count < 3; count += 1) expect(await answer()).toBe(true);
    isBroken = true;
    await expect(answer()).rejects.toThrow('the disk is full');
    isBroken = false;
    for (let count = 0; count < 3; count += 1) expect(await answer(0)).toBe(true);
  });

  test('goes in its order and waits its time at most', async () => {
    stage.start();
    const order: number[] = [];
    const all = Array.from({ length: 12 }, async (_unused, index) => {
      if (await answer(1500)) order.push(index);
    });
    await pass(10_000);
    await Promise.all(all);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expectLimits();
  });

  test('of before counts after it was the first that was heard of a conversation', async () => {
    for (let index = 0; index < 6; index += 1) await stage.wish('c1', `s${index}`);
    stage.start();
    await stage.idle();
    await stage.reopen();
    stage.start();
    for (let count = 0; count < 4; count += 1) void answer(0);
    await stage.idle();
    await pass(0);
    expectLimits();
  });
});

describe('a turn', () => {
  const asked: string[] = [];
  let admits = true;
  const outbox = {
    admitAnswer: async ({ conversationId, isShared }: AnswerPlace, waitMs: number) => {
      asked.push(`${conversationId} ${isShared} ${waitMs}`);
      return Promise.resolve(admits ? () => undefined : null);
    },
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const template = (conversationId: string): Partial<Activity> => ({
    conversation: { id: conversationId, isGroup: true, conversationType: 'channel', name: '' },
  });

  test('counts what it sends for its channel, whatever the thread, and the outcome of an invoke not at all', async () => {
    asked.length = 0;
    admits = true;
    const turn = pacedAnswers(
      async (context) => {
        await context.sendActivity('one');
        await context.sendActivities([{ type: ActivityTypes.Message, text: 'two' }, { type: ActivityTypes.Typing }]);
        await context.sendActivity({ type: 'invokeResponse', value: { status: 200 } });
      },
      environmentId,
      outbox,
      log,
    );
    const adapter = new TestAdapter(turn, template('19:c@thread.tacv2;messageid=17'));
    await adapter.send('hello').startTest();
    expect(asked).toEqual(Array.from({ length: 3 }, () => '19:c@thread.tacv2 true 8000'));
    asked.length = 0;
    await adapter.send({ type: 'invoke', name: 'adaptiveCard/action' }).startTest();
    expect(asked, 'whoever clicked waits for the outcome').toEqual(
      Array.from({ length: 3 }, () => '19:c@thread.tacv2 true 1500'),
    );
  });

  test('leaves out what Teams would refuse and goes on', async () => {
    admits = false;
    let reached = false;
    const turn = pacedAnswers(
      async (context) => {
        await context.sendActivity('one');
        reached = true;
      },
      environmentId,
      outbox,
      log,
    );
    const adapter = new TestAdapter(turn, template('c1'));
    await adapter.send('hello').startTest();
    expect(reached).toBe(true);
    expect(adapter.activeQueue).toEqual([]);
  });
});
