import { describe, expect, it, onTestFinished } from 'vitest';
import { startPoller, type Poller } from '../../../services/jobs/poller.ts';
import { approvalStatus, type Mailbox } from '../../../services/model/mailbox.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, refusedPassword, storeUnavailable } from '../../support/scripted-exchange.ts';

const minute = 60_000;
const interval = 15 * minute;
const [kim = '', lee = '', max = ''] = addresses(3);
const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };

/** Mailboxes as a test that succeeded leaves them. */
async function enabled(count: number): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(count), working);
  return stage;
}

async function polling(stage: MailroomStage): Promise<Poller> {
  const poller = startPoller(stage, env);
  onTestFinished(() => poller.stop());
  await poller.idle();
  return poller;
}

/** A step longer than `ms`: what falls due at its very end is done too. */
async function pass(stage: MailroomStage, poller: Poller, ms: number, stepMs = 10_000): Promise<void> {
  for (let passed = 0; passed <= ms; passed += stepMs) {
    stage.clock.advance(stepMs);
    await poller.idle();
  }
  await stage.fold();
}

const asked = (stage: MailroomStage): string[] => stage.exchange.tests.map(({ address }) => address);

describe('while all is well', () => {
  it('checks every enabled mailbox within its interval, by one incoming check, and again within the next', async () => {
    const stage = await enabled(3);
    const poller = await polling(stage);
    await pass(stage, poller, interval);
    expect(new Set(asked(stage))).toEqual(new Set([kim, lee, max]));
    expect(stage.exchange.tests.every(({ directions }) => directions.join() === 'incoming')).toBe(true);
    stage.exchange.tests.length = 0;
    await pass(stage, poller, 1.1 * interval);
    expect(new Set(asked(stage))).toEqual(new Set([kim, lee, max]));
  });

  it('checks nobody while the Email Router has the mailboxes, disables none, and goes on afterwards', async () => {
    const stage = await enabled(2);
    const poller = await polling(stage);
    await stage.settings({ emailConnectionChannel: 1 });
    await pass(stage, poller, 3 * interval, minute);
    expect(asked(stage)).toEqual([]);
    expect((await stage.all('mailbox')).every(({ incoming }) => incoming.enabled)).toBe(true);
    await stage.settings({ emailConnectionChannel: 0 });
    await pass(stage, poller, interval);
    expect(new Set(asked(stage))).toEqual(new Set([kim, lee]));
  });

  it('writes nothing but the time of the next check', async () => {
    const stage = await enabled(3);
    const poller = await polling(stage);
    const before = [await stage.all('mailbox'), await stage.audit()];
    await pass(stage, poller, 3 * interval);
    expect([await stage.all('mailbox'), await stage.audit()]).toEqual(before);
    expect(await stage.all('outcome')).toEqual([]);
    const [poll] = await stage.all('poll');
    expect(poll?.checkedAt).toBeGreaterThan(stage.clock.now() - 1.2 * interval);
  });

  it('settles many due mailboxes in few commits', async () => {
    const stage = await enabled(1000);
    const poller = await polling(stage);
    let commits = 0;
    stage.store.onCommit(() => (commits += 1));
    await pass(stage, poller, interval + minute, 30_000);
    expect(new Set(asked(stage)).size).toBe(1000);
    expect(commits).toBeLessThan(60);
  });

  it('keeps to the interval of the profile, never sooner', async () => {
    const stage = await enabled(1);
    await stage.changeProfile('p1', { minPollingIntervalMinutes: 60 });
    const poller = await polling(stage);
    await pass(stage, poller, 60 * minute);
    expect(stage.exchange.tests.length).toBeGreaterThan(0);
    const { checkedAt, dueAt } = await stage.get('poll', kim);
    expect(dueAt - (checkedAt ?? 0)).toBeGreaterThanOrEqual(60 * minute);
    expect(dueAt - (checkedAt ?? 0)).toBeLessThanOrEqual(66 * minute);
  });

  it('keeps to the interval that the operator sets for all', async () => {
    const stage = await enabled(1);
    stage.pollIntervalMs = 6000;
    const poller = await polling(stage);
    await pass(stage, poller, minute, 600);
    expect(stage.exchange.tests.length).toBeGreaterThanOrEqual(7);
    expect(stage.exchange.tests.length).toBeLessThanOrEqual(11);
  });

  it('spreads the mailboxes over the interval, also when all are overdue after a long stop', async () => {
    const stage = await enabled(900);
    await (await polling(stage)).stop();
    stage.clock.advance(24 * 60 * minute);
    const poller = await polling(stage);
    await pass(stage, poller, minute);
    // Sixty a minute is their normal rate, and no more than twice that makes up for the stop.
    expect(asked(stage).length).toBeLessThanOrEqual(16 * 12);
    await pass(stage, poller, interval);
    expect(new Set(asked(stage)).size).toBe(900);
  });
});

describe('who is checked', () => {
  it('checks a mailbox that a run has enabled', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await startRun(stage, env, ada, 'c1', { kind: 'approved' }, await stage.mailboxes([kim, lee]));
    stage.exchange.answer = (address) => (address === lee ? noSuchMailbox : null);
    await stage.work();
    expect((await stage.all('poll')).map(({ mailboxId }) => mailboxId)).toEqual([kim]);
    const poller = await polling(stage);
    stage.exchange.tests.length = 0;
    await pass(stage, poller, interval);
    expect(new Set(asked(stage))).toEqual(new Set([kim]));
  });

  it('leaves those alone that may not be checked, without being told', async () => {
    const stage = await enabled(3);
    const poller = await polling(stage);
    await stage.settings({ requireApprovalForUsers: true });
    await stage.change(kim, { approval: approvalStatus.pending });
    await stage.change(lee, { incomingMethod: 0 });
    await stage.change(max, { incoming: { ...works, enabled: false } });
    await pass(stage, poller, 1.2 * interval);
    expect(asked(stage)).toEqual([]);
    expect((await stage.all('poll')).map(({ mailboxId }) => mailboxId)).toEqual([kim, lee]);
    await stage.change(kim, { approval: approvalStatus.approved });
    await pass(stage, poller, 1.2 * interval);
    expect(new Set(asked(stage))).toEqual(new Set([kim]));
  });

  it('leaves the mailboxes of a profile alone while it is switched off', async () => {
    const stage = await enabled(2);
    await stage.changeProfile('p1', { state: 'inactive' });
    const poller = await polling(stage);
    await pass(stage, poller, 2 * interval);
    expect(asked(stage)).toEqual([]);
    await stage.changeProfile('p1', { state: 'active' });
    await pass(stage, poller, 1.2 * interval);
    expect(new Set(asked(stage))).toEqual(new Set([kim, lee]));
  });
});

describe('runs go first', () => {
  it('checks nobody while a task of a run is in hand, and goes on afterwards', async () => {
    const stage = await enabled(40);
    const poller = await polling(stage);
    await startRun(stage, env, ada, 'c1', { kind: 'approved' }, [await stage.mailbox(kim)]);
    const held = stage.exchange.hold();
    const runner = await stage.runTasks();
    await expect.poll(held.waiting).toBe(1);
    await pass(stage, poller, interval);
    expect(asked(stage)).toEqual([kim]);
    held.release();
    await runner.idle();
    await runner.stop();
    await pass(stage, poller, interval);
    expect(new Set(asked(stage)).size).toBe(40);
  });

  it('stops in the middle of a round when a run begins', async () => {
    const stage = await enabled(1000);
    const poller = await polling(stage);
    stage.clock.advance(interval);
    await poller.idle();
    stage.exchange.tests.length = 0;
    const waiting = new Map<string, () => void>();
    stage.exchange.answer = (address) => new Promise((resolve) => void waiting.set(address, () => resolve(null)));
    stage.clock.advance(minute);
    await expect.poll(() => waiting.size).toBe(16);
    const last = addresses(1000).at(-1) ?? '';
    await startRun(stage, env, ada, 'c1', { kind: 'approved' }, [await stage.mailbox(last)]);
    const runner = await stage.runTasks();
    await expect.poll(() => waiting.has(last)).toBe(true);
    for (const [address, letGo] of waiting) if (address !== last) letGo();
    await poller.idle();
    // More than a hundred are due, and not one more was asked.
    expect(stage.exchange.tests).toHaveLength(17);
    waiting.get(last)?.();
    await runner.idle();
    await runner.stop();
  });
});

describe('retry and disable', () => {
  it('tries a passing fault ten times, five minutes apart, then disables the direction with an error', async () => {
    const stage = await enabled(2);
    await stage.subscribe('channel', { alerts: 'all' });
    const poller = await polling(stage);
    stage.exchange.answer = (address) => (address === kim ? storeUnavailable : null);
    await pass(stage, poller, interval);
    const first = await stage.mailbox(kim);
    expect(first).toMatchObject({ status: 2, incoming: { enabled: true, fault: storeUnavailable } });
    expect(first.transientFailureCount).toBeGreaterThan(0);
    expect((await stage.get('poll', kim)).dueAt).toBe(first.postponedUntil);
    expect(await stage.all('alert')).toMatchObject([{ mailboxId: kim, level: 'warning' }]);

    await pass(stage, poller, 60 * minute);
    const times = stage.exchange.tests.filter(({ address }) => address === kim).length;
    expect(times).toBe(10);
    expect(await stage.mailbox(kim)).toMatchObject({
      incoming: { status: 2, enabled: false, fault: storeUnavailable },
      outgoing: works,
      act: works,
      postponedUntil: null,
    });
    expect(await stage.all('alert')).toMatchObject([{ mailboxId: kim, level: 'error', directions: ['incoming'] }]);
    expect(await stage.all('incident')).toMatchObject([{ level: 'error', open: 1, state: 'open' }]);
    expect(await stage.audit('mailbox.disabled')).toMatchObject([
      { actorId: 'system', subjects: [kim], details: { direction: 'incoming', code: 'ErrorMailboxStoreUnavailable' } },
    ]);
    expect((await stage.all('poll')).map(({ mailboxId }) => mailboxId)).toEqual([lee]);
  });

  it('disables a permanent fault at once', async () => {
    const stage = await enabled(1);
    const poller = await polling(stage);
    stage.exchange.answer = () => noSuchMailbox;
    await pass(stage, poller, interval);
    expect(stage.exchange.tests).toHaveLength(1);
    expect(await stage.mailbox(kim)).toMatchObject({ status: 2, incoming: { enabled: false, fault: noSuchMailbox } });
    expect(await stage.all('alert')).toMatchObject([{ level: 'error' }]);
  });

  it('recognises a mailbox that has moved away: it worked, and Exchange does not know it any more', async () => {
    const stage = await enabled(1);
    const poller = await polling(stage);
    stage.exchange.answer = () => noSuchMailbox;
    await pass(stage, poller, interval);
    const { fault } = (await stage.mailbox(kim)).incoming;
    expect(fault?.params).toMatchObject({ worked: 'yes' });
    expect((await stage.all('incident'))[0]?.fault.params).toMatchObject({ worked: 'yes' });
    // A new test says the same again, and not that the address was misspelt.
    await startRun(stage, env, ada, 'c1', { kind: 'approved' }, [await stage.mailbox(kim)]);
    await stage.work();
    expect((await stage.mailbox(kim)).incoming.fault?.params).toMatchObject({ worked: 'yes' });
  });

  it('says that a mailbox works again: alert and incident are gone, and when it was', async () => {
    const stage = await enabled(2);
    const poller = await polling(stage);
    stage.exchange.answer = (address) => (address === kim ? storeUnavailable : null);
    await pass(stage, poller, interval);
    expect(await stage.all('incident')).toMatchObject([{ state: 'open' }]);
    stage.exchange.answer = () => null;
    await pass(stage, poller, interval);
    const mailbox = await stage.mailbox(kim);
    expect(mailbox).toMatchObject({ status: 1, incoming: works, transientFailureCount: 0, postponedUntil: null });
    expect(mailbox.recoveredAt).toBeGreaterThanOrEqual(stage.clock.now() - interval);
    expect(await stage.all('alert')).toEqual([]);
    expect(await stage.all('incident')).toMatchObject([{ state: 'resolved', open: 0 }]);
  });

  it('leaves the alert of another direction as it was', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await startRun(stage, env, ada, 'c1', { kind: 'approved' }, await stage.mailboxes([kim, lee]));
    const denied = { code: 'ErrorSendAsDenied', params: {} } as const;
    stage.exchange.answer = () => ({ outgoing: denied });
    await stage.work();
    const before = (await stage.all('alert')).find(({ mailboxId }) => mailboxId === kim);
    const poller = await polling(stage);
    stage.exchange.answer = (address) => (address === kim ? storeUnavailable : null);
    await pass(stage, poller, interval);
    const alerts = (await stage.all('alert')).filter(({ mailboxId }) => mailboxId === kim);
    expect(alerts).toHaveLength(2);
    expect(alerts).toContainEqual(before);
  });

  it('marks a password that Exchange refuses, so that nobody tries it again (law 6)', async () => {
    const stage = await enabled(1);
    const poller = await polling(stage);
    stage.exchange.answer = () => refusedPassword;
    await pass(stage, poller, 2 * interval);
    expect(stage.exchange.tests).toHaveLength(1);
    expect((await stage.all('credential'))[0]?.refused).toBe(true);
    expect(await stage.audit('credential.refused')).toHaveLength(1);
  });

  it('blames no mailbox for a secret that Mailroom itself cannot read', async () => {
    const stage = await enabled(1);
    const poller = await polling(stage);
    await stage.store.commit([{ kind: 'delete', collection: 'credential', key: `${env}/credential-p1` }]);
    await pass(stage, poller, 2 * interval);
    expect(await stage.mailbox(kim)).toMatchObject(working);
    expect(stage.exchange.tests).toEqual([]);
  });
});

describe('stop and start', () => {
  it('loses no check that was under way: it is due again, and asked again', async () => {
    const stage = await enabled(1);
    const poller = await polling(stage);
    const { key, value } = await stage.stored('poll', kim);
    const dueAt = stage.clock.now();
    await stage.store.commit([{ kind: 'put', collection: 'poll', key, value: { ...value, dueAt } }]);
    const held = stage.exchange.hold();
    stage.clock.advance(minute);
    await expect.poll(held.waiting).toBe(1);
    const before = await stage.get('poll', kim);
    const stopping = poller.stop();
    held.release();
    await stopping;
    await stage.reopen();
    expect(await stage.get('poll', kim)).toEqual(before);
    const next = await polling(stage);
    await pass(stage, next, minute);
    expect(stage.exchange.tests).toHaveLength(2);
  });

  it('keeps a refusal that came while it stopped: the next start does not try that password (law 6)', async () => {
    const stage = await enabled(1);
    const poller = await polling(stage);
    const { key, value } = await stage.stored('poll', kim);
    await stage.store.commit([{ kind: 'put', collection: 'poll', key, value: { ...value, dueAt: stage.clock.now() } }]);
    const held = stage.exchange.hold();
    stage.clock.advance(minute);
    await expect.poll(held.waiting).toBe(1);
    const stopping = poller.stop();
    held.release(refusedPassword);
    await stopping;
    expect((await stage.all('credential'))[0]?.refused).toBe(true);
    await pass(stage, await polling(stage), interval);
    expect(stage.exchange.tests).toHaveLength(1);
  });

  it('takes in mailboxes that an earlier version enabled', async () => {
    const stage = await enabled(3);
    expect(await stage.all('poll')).toEqual([]);
    await polling(stage);
    expect((await stage.all('poll')).map(({ mailboxId }) => mailboxId)).toEqual([kim, lee, max]);
  });
});
