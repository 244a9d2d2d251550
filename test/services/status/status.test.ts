import { describe, expect, it, onTestFinished } from 'vitest';
import { startWeeklyStatus } from '../../../services/jobs/weekly-status.ts';
import { weekMs } from '../../../services/model/status.ts';
import { readStatus } from '../../../services/status/read-status.ts';
import { meterStore } from '../../../services/status/store-load.ts';
import { setWeeklyStatus } from '../../../services/status/weekly-status.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, adaChat, addresses, env, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { noSuchMailbox, storeUnavailable } from '../../support/scripted-exchange.ts';

const minute = 60_000;

describe('the status', () => {
  it('counts mailboxes by profile and state, alerts, approvals, retries and runs', async () => {
    const stage = await MailroomStage.open();
    await stage.profile('p1');
    await stage.profile('p2');
    const mine = await stage.mailboxes(addresses(6));
    await stage.mailboxes(addresses(2, 'two.test'), { profileId: 'p2', status: 1 });
    await stage.mailboxes(addresses(1, 'none.test'), { profileId: null });
    const { run } = await startRun(stage, env, ada, adaChat, { kind: 'approved' }, mine.slice(0, 4));
    const [kim = '', lee = ''] = addresses(2);
    stage.exchange.answer = (address) => (address === kim ? noSuchMailbox : address === lee ? storeUnavailable : null);
    await stage.work();
    stage.clock.advance(minute);
    const status = await readStatus(stage, env);
    expect(status).toMatchObject({
      environmentName: 'Main',
      counts: { success: 4, failure: 2, notRun: 3 },
      profiles: [
        { id: 'p1', counts: { success: 2, failure: 2, notRun: 2 } },
        { id: 'p2', counts: { success: 2, failure: 0, notRun: 0 } },
      ],
      withoutProfile: { success: 0, failure: 0, notRun: 1 },
      incidents: { errors: 1, warnings: 1 },
      pending: { mailboxes: 0, requests: 0, oldestAt: null },
      maintenance: [],
      limits: [],
    });
    expect(status.incidents.worst.map(({ level }) => level)).toEqual(['error', 'warning']);
    expect(status.runs.map(({ id }) => id)).toEqual([run.id]);
    expect(status.retries.mailboxes).toBe(1);
    const nextAt = (await stage.mailbox(lee)).postponedUntil ?? 0;
    expect(status.retries.nextAt).toBe(nextAt);
    await stage.settings({ alertsForWarnings: false });
    expect((await readStatus(stage, env)).incidents).toMatchObject({ errors: 1, warnings: 0 });
    stage.clock.advance(10 * minute);
    expect((await readStatus(stage, env)).retries).toEqual({ mailboxes: 1, nextAt: stage.clock.now() });
  });

  it('names the limits that come near', async () => {
    const stage = await MailroomStage.open();
    const meter = { writesPerSecond: () => 450, memory: () => ({ bytes: 10, limitBytes: 100 }) };
    const { store, clock } = stage;
    expect((await readStatus({ store, clock, meter }, env)).limits).toEqual([
      { kind: 'writes', value: 450, limit: 500, percent: 90 },
    ]);
  });

  it('counts ten thousand mailboxes in a fraction of what somebody waits, and reads a few of them', async () => {
    const stage = await MailroomStage.open();
    for (const id of ['p1', 'p2', 'p3', 'p4']) await stage.profile(id);
    for (const id of ['p1', 'p2', 'p3', 'p4'])
      await stage.mailboxes(addresses(2500, `${id}.test`), { profileId: id, postponedUntil: stage.clock.now() + 1e6 });
    await readStatus(stage, env);
    let read = 0;
    const store = new Proxy(stage.store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (name !== 'query') return typeof member === 'function' ? member.bind(target) : member;
        return async (...query: Parameters<typeof target.query>) => {
          const found = await target.query(...query);
          read += found.length;
          return found;
        };
      },
    });
    const began = performance.now();
    const status = await readStatus({ store, clock: stage.clock }, env);
    const elapsedMs = performance.now() - began;
    expect(status.counts).toEqual({ success: 0, failure: 0, notRun: 10_000 });
    // Of those that are tried again a thousand at most, and once more those that are nearly due.
    expect(read).toBeLessThan(2100);
    expect(status.retries).toEqual({ mailboxes: 10_000, nextAt: stage.clock.now() + 1e6 });
    // A click has two seconds.
    expect(elapsedMs).toBeLessThan(2000);
  });
});

describe('the weekly status', () => {
  async function weekly(): Promise<{ stage: MailroomStage; pass: (ms: number) => Promise<void> }> {
    const stage = await MailroomStage.open();
    const job = startWeeklyStatus(stage, env);
    onTestFinished(() => job.stop());
    await job.idle();
    return {
      stage,
      async pass(ms) {
        stage.clock.advance(ms);
        await job.idle();
        stage.clock.advance(minute);
        await job.idle();
      },
    };
  }
  const subjects = async (stage: MailroomStage): Promise<string[]> =>
    (await stage.all('intent')).map(({ conversationId, kind, subjectId }) => `${conversationId} ${kind} ${subjectId}`);

  it('comes after a week, at that time, and each week its own', async () => {
    const { stage, pass } = await weekly();
    await setWeeklyStatus(stage, env, ada, 'channel', true);
    await pass(weekMs - 5 * minute);
    expect(await subjects(stage)).toEqual([]);
    await pass(5 * minute);
    expect(await subjects(stage)).toEqual(['channel status 2026-01-12']);
    await pass(weekMs);
    expect(await subjects(stage)).toEqual(['channel status 2026-01-12', 'channel status 2026-01-19']);
  });

  it('comes once for weeks in which no process ran, and goes on in its rhythm', async () => {
    const { stage, pass } = await weekly();
    await setWeeklyStatus(stage, env, ada, 'channel', true);
    const { setAt } = await stage.get('weeklyStatus', 'channel');
    await pass(3.5 * weekMs);
    expect(await subjects(stage)).toHaveLength(1);
    expect((await stage.get('weeklyStatus', 'channel')).dueAt).toBe(setAt + 4 * weekMs);
  });

  it('does not wait for a clock that was set back', async () => {
    const { stage, pass } = await weekly();
    await setWeeklyStatus(stage, env, ada, 'channel', true);
    stage.clock.jump(-10 * weekMs);
    await pass(minute);
    expect((await stage.get('weeklyStatus', 'channel')).dueAt).toBeLessThanOrEqual(stage.clock.now() + weekMs);
    expect(await subjects(stage)).toEqual([]);
  });

  it('is an admin’s to choose, once, and to end', async () => {
    const { stage, pass } = await weekly();
    expect(await refusal(setWeeklyStatus(stage, env, pia, 'channel', true))).toBe('access.denied');
    const first = await setWeeklyStatus(stage, env, ada, 'channel', true);
    expect(await setWeeklyStatus(stage, env, ada, 'channel', true)).toEqual(first);
    expect(await setWeeklyStatus(stage, env, ada, 'channel', false)).toBeNull();
    expect(await setWeeklyStatus(stage, env, ada, 'channel', false)).toBeNull();
    expect(await stage.audit('subscription.weekly-changed')).toHaveLength(2);
    await pass(2 * weekMs);
    expect(await subjects(stage)).toEqual([]);
  });
});

it('meters the writes of the last minute, and forgets those before', async () => {
  const clock = new ManualClock();
  let commit = (): void => undefined;
  const meter = meterStore({ onCommit: (listener) => ((commit = () => listener(new Set())), () => undefined) }, clock);
  for (let count = 0; count < 600; count += 1) {
    commit();
    clock.advance(100);
  }
  expect(meter.writesPerSecond()).toBeCloseTo(10, 0);
  clock.advance(2 * minute);
  expect(meter.writesPerSecond()).toBe(0);
  commit();
  clock.jump(-minute);
  commit();
  expect(meter.writesPerSecond()).toBeCloseTo(1 / 60, 3);
  const { bytes, limitBytes } = meter.memory();
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(limitBytes).toBeGreaterThan(bytes);
});
