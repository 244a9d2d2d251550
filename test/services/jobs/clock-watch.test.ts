import { describe, expect, it, onTestFinished } from 'vitest';
import { pullDueTimes, startClockWatch } from '../../../services/jobs/clock-watch.ts';
import { startPoller } from '../../../services/jobs/poller.ts';
import { keyOf, type Store } from '../../../services/storage/store.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, adaChat, addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { storeUnavailable } from '../../support/scripted-exchange.ts';

const dayMs = 24 * 60 * 60_000;
const minuteMs = 60_000;
const [kim = '', lee = ''] = addresses(2);

/** A mailbox that failed for a passing reason and waits for its next try, and one that works and is checked. */
async function waiting(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes([kim, lee]);
  stage.exchange.answer = (address) => (address === kim ? storeUnavailable : null);
  await startRun(stage, env, ada, adaChat, { kind: 'approved' }, await stage.all('mailbox'));
  await stage.work();
  stage.exchange.tests.length = 0;
  stage.exchange.answer = () => null;
  return stage;
}

/** Everything that runs in the background, until the test ends. */
async function working(stage: MailroomStage) {
  const watch = startClockWatch(stage, env);
  const runner = await stage.runTasks();
  const poller = startPoller(stage, env);
  onTestFinished(async () => {
    await poller.stop();
    await runner.stop();
    await watch.stop();
  });
  const settle = async (): Promise<void> => {
    await watch.idle();
    await runner.idle();
    await poller.idle();
  };
  await settle();
  return {
    pass: async (ms: number, stepMs = 5000): Promise<void> => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        stage.clock.advance(stepMs);
        await settle();
      }
    },
  };
}

const asked = (stage: MailroomStage): string[] => stage.exchange.tests.map(({ address }) => address);

describe('a clock that is set by a day', () => {
  it.each([
    ['back', -dayMs],
    ['forward', dayMs],
  ])('%s while Mailroom works: the next try comes by its rule, and checks go on', async (_, jump) => {
    const stage = await waiting();
    const { pass } = await working(stage);
    stage.clock.jump(jump);
    await pass(stage.retry.delayMs + minuteMs);
    const tries = stage.exchange.tests.filter(({ directions }) => directions.includes('outgoing'));
    expect(tries.map(({ address }) => address)).toEqual([kim]);
    expect(await stage.mailbox(kim)).toMatchObject({ status: 1, postponedUntil: null });
    await pass(17 * minuteMs, 30_000);
    expect(asked(stage)).toContain(lee);
    expect(asked(stage).length, 'nobody is asked again and again').toBeLessThan(8);
  });

  it('back while Mailroom was not running: the same', async () => {
    const stage = await waiting();
    stage.clock.jump(-dayMs);
    const { pass } = await working(stage);
    await pass(stage.retry.delayMs + minuteMs);
    expect(await stage.mailbox(kim)).toMatchObject({ status: 1, postponedUntil: null });
  });

  it('back in the middle of a run: its mailboxes are tested at once, each once', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.mailboxes(addresses(20));
    await startRun(stage, env, ada, adaChat, { kind: 'approved' }, await stage.all('mailbox'));
    stage.clock.jump(-dayMs);
    await working(stage);
    await stage.fold();
    expect(asked(stage).sort()).toEqual(addresses(20));
    expect(await stage.all('run')).toMatchObject([{ state: 'completed', done: 20 }]);
  });

  it('back with cards that wait: they are due now', async () => {
    const stage = await waiting();
    await stage.fold();
    const before = await stage.all('intent');
    expect(before.length).toBeGreaterThan(0);
    stage.clock.jump(-dayMs);
    await pullDueTimes(stage, env);
    for (const intent of await stage.all('intent')) expect(intent.notBefore).toBeLessThanOrEqual(stage.clock.now());
    expect(await stage.all('intent')).toHaveLength(before.length);
  });
});

describe('without any of that', () => {
  it('no due time is touched', async () => {
    const stage = await waiting();
    const before = [await stage.all('task'), await stage.all('poll'), await stage.all('mailbox')];
    expect(await pullDueTimes(stage, env)).toBe(0);
    stage.clock.advance(minuteMs);
    expect(await pullDueTimes(stage, env)).toBe(0);
    expect([await stage.all('task'), await stage.all('poll'), await stage.all('mailbox')]).toEqual(before);
  });

  it('a record that somebody changes in the same moment is left to them, and the others are moved', async () => {
    const stage = await waiting();
    stage.clock.jump(-dayMs);
    const { store } = stage;
    let isFirst = true;
    const commit: Store['commit'] = async (changes, expected) => {
      const [change] = changes;
      if (isFirst && change?.kind === 'put' && change.collection === 'poll') {
        isFirst = false;
        await store.commit([{ kind: 'delete', collection: 'poll', key: keyOf(env, lee) }]);
      }
      return store.commit(changes, expected);
    };
    const { clock, retry, pollIntervalMs } = stage;
    const busy = { query: store.query.bind(store), commit } as Store;
    await pullDueTimes({ store: busy, clock, retry, pollIntervalMs }, env);
    expect(await stage.store.get('poll', keyOf(env, lee))).toBeUndefined();
    expect((await stage.task(kim))?.value.dueAt).toBeLessThanOrEqual(clock.now() + retry.delayMs);
  });
});
