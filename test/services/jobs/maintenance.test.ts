import { describe, expect, it, onTestFinished } from 'vitest';
import { startMaintenanceWatch } from '../../../services/jobs/maintenance-watch.ts';
import { startPoller, type Poller } from '../../../services/jobs/poller.ts';
import type { Mailbox } from '../../../services/model/mailbox.ts';
import { noMaintenanceValues, phaseOf, type MaintenanceValues } from '../../../services/model/maintenance.ts';
import { closeMaintenance, extendMaintenance } from '../../../services/profiles/change-maintenance.ts';
import { announceMaintenance, askMaintenance } from '../../../services/profiles/plan-maintenance.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, adaChat, addresses, env, location, MailroomStage } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, refusedPassword, storeUnavailable } from '../../support/scripted-exchange.ts';

const minute = 60_000;
const interval = 15 * minute;
const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };
const unreachable = { code: 'ConnectionTimedOut', params: {} } as const;

async function enabled(count: number): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(count), working);
  await stage.subscribe('alerts', { alerts: 'errors' });
  return stage;
}

/** What runs in a process: the checks, and the watch over windows. */
async function running(stage: MailroomStage): Promise<{
  pass(ms: number): Promise<void>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}> {
  const poller: Poller = startPoller(stage, env);
  const watch = startMaintenanceWatch(stage, env);
  const stop = async (): Promise<void> => {
    await poller.stop();
    await watch.stop();
  };
  onTestFinished(stop);
  await poller.idle();
  await watch.idle();
  return {
    stop,
    idle: () => poller.idle(),
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += minute / 2) {
        stage.clock.advance(minute / 2);
        await poller.idle();
        await watch.idle();
      }
      await stage.fold();
    },
  };
}

/** Announced for now, unless the values say otherwise. */
async function announce(stage: MailroomStage, values: Partial<MaintenanceValues> = {}, profileId = 'p1') {
  const typed = { ...noMaintenanceValues, reason: 'Cumulative update', ...values };
  const asked = await askMaintenance(stage, env, ada, profileId, typed, 'UTC', adaChat);
  if (asked.kind === 'errors') throw new Error(JSON.stringify(asked.errors));
  return announceMaintenance(stage, env, ada, asked.window.id);
}

const asked = (stage: MailroomStage): Set<string> => new Set(stage.exchange.tests.map(({ address }) => address));

async function expectUnharmed(stage: MailroomStage): Promise<void> {
  const mailboxes = await stage.all('mailbox');
  expect(mailboxes.filter((one) => !one.incoming.enabled || one.status !== 1 || one.transientFailureCount > 0)).toEqual(
    [],
  );
  expect(await stage.all('alert')).toEqual([]);
  expect(await stage.all('incident')).toEqual([]);
  expect(await stage.audit('mailbox.disabled')).toEqual([]);
}

describe('an announced outage of 200 mailboxes', () => {
  it('counts nothing, alerts nobody, asks nobody, and checks all of them again within two intervals after it', async () => {
    const stage = await enabled(200);
    const process = await running(stage);
    await process.pass(interval);
    const { id } = await announce(stage, { length: '240' });
    stage.exchange.answer = () => unreachable;
    stage.exchange.tests.length = 0;
    // Ten tries, five minutes apart, would be used up four times over.
    await process.pass(4 * 60 * minute - minute);
    expect(stage.exchange.tests).toEqual([]);
    expect(await stage.all('outage')).toEqual([]);
    await expectUnharmed(stage);
    stage.exchange.answer = () => null;
    await process.pass(2 * interval + minute);
    expect(asked(stage).size).toBe(200);
    await expectUnharmed(stage);
    expect(await stage.get('maintenance', id)).toMatchObject({ shown: 'over' });
  });

  it('becomes the ordinary incident when the server is still out after the window', async () => {
    const stage = await enabled(200);
    const process = await running(stage);
    await announce(stage, { length: '30' });
    stage.exchange.answer = () => unreachable;
    await process.pass(29 * minute);
    expect(await stage.all('incident')).toEqual([]);
    await process.pass(2 * interval);
    expect(await stage.all('incident')).toMatchObject([
      { state: 'open', code: 'ConnectionTimedOut', scope: 'server', open: 200 },
    ]);
    expect((await stage.all('mailbox')).every(({ incoming }) => incoming.enabled)).toBe(true);
    // One goes ahead of the others, a minute apart, until it is known for certain.
    expect(stage.exchange.tests.length).toBeLessThan(40);
  });

  it('does not count those that were under way when it began', async () => {
    const stage = await enabled(20);
    const process = await running(stage);
    const held = stage.exchange.hold();
    stage.clock.advance(interval);
    await process.idle();
    stage.clock.advance(minute);
    await expect.poll(held.waiting).toBeGreaterThan(0);
    await announce(stage);
    held.release(storeUnavailable);
    await process.pass(5 * minute);
    await expectUnharmed(stage);
  });

  it('ends and is extended at once, whatever was planned', async () => {
    const stage = await enabled(20);
    const process = await running(stage);
    const window = await announce(stage, { length: '30' });
    const extended = await extendMaintenance(stage, env, ada, window.id, window.revision, '120');
    expect(extended.endsAt).toBe(window.endsAt + 120 * minute);
    // A second click of the same card extends no second time.
    expect((await extendMaintenance(stage, env, ada, window.id, window.revision, '120')).endsAt).toBe(extended.endsAt);
    await process.pass(60 * minute);
    expect(stage.exchange.tests).toEqual([]);
    await closeMaintenance(stage, env, ada, window.id);
    await process.pass(2 * interval);
    expect(asked(stage).size).toBe(20);
    expect(await stage.get('maintenance', window.id)).toMatchObject({
      shown: 'ended',
      closed: { byName: 'Ada Admin' },
    });
  });

  it('goes on after a restart in its middle, and ends while no process runs', async () => {
    const stage = await enabled(20);
    const first = await running(stage);
    const { id } = await announce(stage, { length: '60' });
    await first.stop();
    await stage.reopen();
    const second = await running(stage);
    await second.pass(30 * minute);
    expect(stage.exchange.tests).toEqual([]);
    await second.stop();
    await stage.reopen();
    stage.clock.advance(2 * 60 * minute);
    const third = await running(stage);
    expect(await stage.get('maintenance', id)).toMatchObject({ shown: 'over' });
    await third.pass(2 * interval);
    expect(asked(stage).size).toBe(20);
  });

  it('follows a clock that jumps: by a day ahead it is over, and set right it lasts', async () => {
    const stage = await enabled(20);
    const process = await running(stage);
    const window = await announce(stage, { length: '720' });
    const day = 24 * 60 * minute;
    stage.clock.jump(day);
    await process.pass(minute);
    expect((await stage.get('maintenance', window.id)).shown).toBe('over');
    stage.clock.jump(-day);
    stage.exchange.tests.length = 0;
    await process.pass(2 * interval);
    expect((await stage.get('maintenance', window.id)).shown).toBe('running');
    expect(stage.exchange.tests).toEqual([]);
  });

  it('rests until the last of two windows that overlap', async () => {
    const stage = await enabled(20);
    const process = await running(stage);
    await announce(stage, { length: '30' });
    await announce(stage, { length: '120' });
    await process.pass(100 * minute);
    expect(stage.exchange.tests).toEqual([]);
    await process.pass(60 * minute);
    expect(asked(stage).size).toBe(20);
  });

  it('holds for every profile of the server, and for no other server', async () => {
    const stage = await enabled(5);
    await stage.profile('p2', { serverLocation: location });
    await stage.profile('p3', { serverLocation: 'https://other.contoso.test/EWS/Exchange.asmx' });
    await stage.mailboxes(addresses(5, 'two.test'), { ...working, profileId: 'p2' });
    await stage.mailboxes(addresses(5, 'three.test'), { ...working, profileId: 'p3' });
    const process = await running(stage);
    await announce(stage);
    await process.pass(40 * minute);
    expect([...asked(stage)].every((address) => address.endsWith('three.test'))).toBe(true);
    expect(asked(stage).size).toBe(5);
  });

  it('is cancelled when the last profile of its server is gone, and keeps quiet for one that is switched off', async () => {
    const stage = await enabled(5);
    const process = await running(stage);
    const { id } = await announce(stage);
    await stage.changeProfile('p1', { state: 'inactive' });
    await process.pass(minute);
    expect((await stage.get('maintenance', id)).shown).toBe('running');
    await stage.changeProfile('p1', { state: 'active', serverLocation: 'https://new.contoso.test/EWS/Exchange.asmx' });
    await process.pass(20 * minute);
    expect(await stage.get('maintenance', id)).toMatchObject({ shown: 'ended', closed: { by: 'system' } });
    expect(await stage.audit('maintenance.closed')).toMatchObject([{ actorId: 'system' }]);
  });
});

describe('tests that are asked for meanwhile', () => {
  it('wait untouched until the end, and go on by themselves', async () => {
    const stage = await enabled(10);
    const window = await announce(stage, { length: '30' });
    const mailboxes = await stage.all('mailbox');
    const { run } = await startRun(stage, env, ada, adaChat, { kind: 'approved' }, mailboxes);
    await stage.work();
    expect(stage.exchange.tests).toEqual([]);
    expect((await stage.all('task')).every(({ state, claims }) => state === 'ready' && claims === 0)).toBe(true);
    stage.clock.advance(window.endsAt - stage.clock.now());
    await stage.work();
    expect(stage.exchange.tests).toHaveLength(10);
    expect(await stage.get('run', run.id)).toMatchObject({ state: 'completed', succeeded: 10 });
  });

  it('is woken by the end of the window, without anybody asking', async () => {
    const stage = await enabled(3);
    const process = await running(stage);
    const window = await announce(stage, { length: '30' });
    await startRun(stage, env, ada, adaChat, { kind: 'approved' }, await stage.all('mailbox'));
    const runner = await stage.runTasks();
    onTestFinished(() => runner.stop());
    await process.pass(10 * minute);
    expect(stage.exchange.tests).toEqual([]);
    await closeMaintenance(stage, env, ada, window.id);
    await runner.idle();
    expect(stage.exchange.tests).toHaveLength(3);
  });

  it('are handed back when they failed because the window began, and find their message afterwards', async () => {
    const stage = await enabled(3);
    await startRun(stage, env, ada, adaChat, { kind: 'approved' }, await stage.all('mailbox'));
    const held = stage.exchange.hold();
    const runner = await stage.runTasks();
    await expect.poll(held.waiting).toBe(3);
    const window = await announce(stage, { length: '30' });
    held.release(unreachable);
    await runner.idle();
    await stage.fold();
    await expectUnharmed(stage);
    expect((await stage.all('run'))[0]).toMatchObject({ done: 0, failed: 0, state: 'running' });
    stage.exchange.answer = () => null;
    stage.exchange.tests.length = 0;
    stage.clock.advance(window.endsAt - stage.clock.now());
    await runner.idle();
    await runner.stop();
    expect(stage.exchange.tests.map(({ lookForMarker }) => lookForMarker)).toEqual([true, true, true]);
  });

  it('still learn of a refused password, which no maintenance explains', async () => {
    const stage = await enabled(1);
    await startRun(stage, env, ada, adaChat, { kind: 'approved' }, await stage.all('mailbox'));
    const held = stage.exchange.hold();
    const runner = await stage.runTasks();
    await expect.poll(held.waiting).toBe(1);
    await announce(stage);
    held.release(refusedPassword);
    await runner.idle();
    await runner.stop();
    expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
  });

  it('take what Mailroom finds by itself as ever, and succeed if they were through', async () => {
    const stage = await enabled(2);
    await startRun(stage, env, ada, adaChat, { kind: 'approved' }, await stage.all('mailbox'));
    const held = stage.exchange.hold();
    const runner = await stage.runTasks();
    await expect.poll(held.waiting).toBe(2);
    await announce(stage);
    held.release(null);
    await runner.idle();
    await runner.stop();
    await stage.fold();
    expect((await stage.all('run'))[0]).toMatchObject({ succeeded: 2, state: 'completed' });
  });
});

describe('what is told', () => {
  it('is one card a conversation, edited at the begin and at the end, also in channels for errors only', async () => {
    const stage = await enabled(5);
    const process = await running(stage);
    const inTenMinutes = new Date(stage.clock.now() + 10 * minute).toISOString();
    const window = await announce(stage, {
      start: 'later',
      startDate: inTenMinutes.slice(0, 10),
      startTime: inTenMinutes.slice(11, 16),
      length: '30',
    });
    const cards = ['alerts maintenance', `${adaChat} maintenance`];
    expect(await stage.wishes('maintenance')).toEqual(cards);
    await stage.sendAll();
    await process.pass(9 * minute);
    expect(await stage.wishes('maintenance')).toEqual([]);
    await process.pass(2 * minute);
    expect(await stage.wishes('maintenance')).toEqual(cards);
    await stage.sendAll();
    await process.pass(30 * minute);
    expect(await stage.wishes('maintenance')).toEqual(cards);
    expect(phaseOf(await stage.get('maintenance', window.id), stage.clock.now())).toBe('over');
    const kinds = (await stage.audit()).map(({ kind }) => kind).filter((kind) => kind.startsWith('maintenance'));
    expect(kinds).toEqual(['maintenance.announced', 'maintenance.began', 'maintenance.over']);
  });

  it('goes to a channel that begins to receive alerts while it lasts', async () => {
    const stage = await enabled(1);
    await announce(stage);
    await stage.sendAll();
    await stage.subscribe('late', { alerts: 'warnings' });
    await stage.subscribe('late', { alerts: 'all' });
    await stage.subscribe('approvers', { approvals: true });
    expect(await stage.wishes('maintenance')).toEqual(['late maintenance']);
  });

  it('goes to a channel that has the card, also after it left the alerts', async () => {
    const stage = await enabled(1);
    const window = await announce(stage);
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'message',
        key: `${env}/alerts/maintenance/${window.id}`,
        value: {
          environmentId: env,
          conversationId: 'alerts',
          kind: 'maintenance',
          subjectId: window.id,
          activityId: '1',
          sentAt: 0,
          edits: 0,
        },
      },
    ]);
    await stage.sendAll();
    await stage.subscribe('alerts', { alerts: null });
    await closeMaintenance(stage, env, ada, window.id);
    expect(await stage.wishes('maintenance')).toEqual(['alerts maintenance', `${adaChat} maintenance`]);
  });
});

it('checks a mailbox that is gone for itself again after the window, and counts it then', async () => {
  const stage = await enabled(2);
  const process = await running(stage);
  await announce(stage, { length: '30' });
  const [kim = ''] = addresses(1);
  stage.exchange.answer = (address) => (address === kim ? noSuchMailbox : null);
  await process.pass(29 * minute);
  expect((await stage.mailbox(kim)).incoming.enabled).toBe(true);
  await process.pass(2 * interval);
  expect((await stage.mailbox(kim)).incoming.enabled).toBe(false);
});
