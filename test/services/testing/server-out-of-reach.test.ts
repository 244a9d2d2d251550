import { expect, it, onTestFinished } from 'vitest';
import { startPoller } from '../../../services/jobs/poller.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { approvalStatus, directions, type Mailbox } from '../../../services/model/mailbox.ts';
import { checksOf } from '../../../services/testing/mailbox-checks.ts';
import { retestIncident } from '../../../services/testing/retest.ts';
import { recordOutage } from '../../../services/testing/server-outage.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, addresses, env, MailroomStage, refusalOf } from '../../support/mailroom-stage.ts';

const minute = 60_000;
const [kim = '', lee = '', max = ''] = addresses(3);
const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };
const expired: Fault = { code: 'TlsExpired', params: {} };
const enabled = (mailbox: Mailbox): boolean[] => directions.map((direction) => mailbox[direction].enabled);

async function runDuringOutage(fault: Fault = expired): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes([kim], working);
  await stage.mailboxes([lee]);
  stage.exchange.circuit = fault;
  await startRun(stage, env, ada, 'c1', { kind: 'approved' }, await stage.all('mailbox'));
  await stage.work();
  return stage;
}

it('ends a run during an outage, and disables nobody, although the fault is a permanent one', async () => {
  const stage = await runDuringOutage();
  expect(await stage.all('run')).toMatchObject([{ state: 'completed', failed: 2, retrying: 2 }]);
  expect(enabled(await stage.mailbox(kim))).toEqual([true, true, true]);
  expect(enabled(await stage.mailbox(lee))).toEqual([false, false, false]);
  expect(await stage.audit('mailbox.disabled')).toEqual([]);
});

it('waits for the server as long as it takes, and writes only when the next try is', async () => {
  const stage = await runDuringOutage();
  const before = [await stage.all('alert'), await stage.all('incident'), (await stage.all('outcome')).length];
  for (let tries = 0; tries < 20; tries += 1) {
    stage.clock.advance(5 * minute);
    await stage.work();
  }
  expect([await stage.all('alert'), await stage.all('incident'), (await stage.all('outcome')).length]).toEqual(before);
  expect(await stage.mailbox(kim)).toMatchObject({
    transientFailureCount: 0,
    postponedUntil: stage.clock.now() + 5 * minute,
  });
  expect(stage.exchange.tests).toEqual([]);

  stage.exchange.circuit = null;
  stage.clock.advance(5 * minute);
  await stage.work();
  for (const address of [kim, lee]) {
    expect(enabled(await stage.mailbox(address))).toEqual([true, true, true]);
    expect((await stage.mailbox(address)).recoveredAt).toBe(stage.clock.now());
  }
  expect(await stage.all('alert')).toEqual([]);
});

it('still disables whose approval is taken away meanwhile (law 2)', async () => {
  const stage = await runDuringOutage();
  await stage.settings({ requireApprovalForUsers: true });
  await stage.change(kim, { approval: approvalStatus.rejected });
  stage.clock.advance(5 * minute);
  await stage.work();
  expect(enabled(await stage.mailbox(kim))).toEqual([false, false, false]);
});

it('shows a mailbox its check and the outage that it waits for, and starts no test that could only fail', async () => {
  const stage = await MailroomStage.open();
  const profile = await stage.profile();
  await startRun(stage, env, ada, 'c1', { kind: 'approved' }, await stage.mailboxes([kim]));
  await stage.work();
  expect(await checksOf(stage, await stage.mailbox(kim))).toMatchObject({ poll: { mailboxId: kim }, outage: null });
  await recordOutage(stage, env, 'mail.contoso.test', [profile], expired);
  await stage.fold();
  expect((await checksOf(stage, await stage.mailbox(kim))).outage).toMatchObject({
    waiting: 1,
    since: stage.clock.now(),
  });
  const [incident] = await stage.all('incident');
  expect(incident).toMatchObject({ code: 'TlsExpired', open: 1, waiting: 1, sample: [kim], state: 'open' });
  expect(await refusalOf(retestIncident(stage, env, ada, incident?.id ?? '', 'c1'))).toEqual({
    code: 'incident.outage',
    params: { host: 'mail.contoso.test' },
  });
  await stage.change(kim, { incoming: { ...works, enabled: false } });
  expect(await checksOf(stage, await stage.mailbox(kim))).toEqual({ poll: null, outage: null, restsUntil: null });
});

it('is one incident, whoever met it with whichever fault: a run, and the checks of those that are enabled', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.subscribe('channel', { alerts: 'all' });
  await stage.mailboxes([kim, max], working);
  // Cut off in the middle of its run, before the circuit is open; then refused.
  stage.exchange.answer = () => ({ code: 'ConnectionReset', params: {} });
  await startRun(stage, env, ada, 'c1', { kind: 'approved' }, [
    ...(await stage.mailboxes([lee])),
    await stage.mailbox(max),
  ]);
  await stage.work();
  stage.exchange.circuit = { code: 'ConnectionRefused', params: {} };
  const poller = startPoller(stage, env);
  onTestFinished(() => poller.stop());
  await poller.idle();
  for (let minutes = 0; minutes < 20; minutes += 1) {
    stage.clock.advance(minute);
    await poller.idle();
    await stage.work();
  }
  const [incident, ...others] = await stage.all('incident');
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ code: 'ConnectionRefused', scope: 'server', state: 'open', open: 3, waiting: 2 });
  expect(new Set(incident?.sample)).toEqual(new Set([kim, lee, max]));

  stage.exchange.circuit = null;
  stage.exchange.answer = () => null;
  for (let minutes = 0; minutes < 20; minutes += 1) {
    stage.clock.advance(minute);
    await poller.idle();
    await stage.work();
  }
  expect(await stage.all('incident')).toMatchObject([{ id: incident?.id, state: 'resolved', open: 0, waiting: 0 }]);
  expect((await stage.all('mailbox')).map(enabled)).toEqual(Array.from({ length: 3 }, () => [true, true, true]));
});
