import { expect, it, onTestFinished } from 'vitest';
import { startPoller, type Poller } from '../../../services/jobs/poller.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { directions, type Mailbox } from '../../../services/model/mailbox.ts';
import { deleteProfile } from '../../../services/profiles/delete-profile.ts';
import { troubleOf } from '../../../services/testing/mailbox-checks.ts';
import { recordOutage } from '../../../services/testing/server-outage.ts';
import { retestIncident, retestProfile, retestRun, stillFailingOf } from '../../../services/testing/retest.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { wakeWaitingTests } from '../../../services/testing/waiting-tests.ts';
import { DraftJourney } from '../../support/draft-journey.ts';
import { ada, addresses, env, MailroomStage, refusalOf } from '../../support/mailroom-stage.ts';
import { refusedPassword } from '../../support/scripted-exchange.ts';

const minute = 60_000;
const interval = 15 * minute;
const count = 30;
const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };
const [kim = '', lee = ''] = addresses(2);

async function enabled(number = count): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(number), working);
  return stage;
}

async function polling(stage: MailroomStage): Promise<Poller> {
  const poller = startPoller(stage, env);
  onTestFinished(() => poller.stop());
  await poller.idle();
  return poller;
}

async function pass(stage: MailroomStage, poller: Poller, ms: number): Promise<void> {
  for (let passed = 0; passed <= ms; passed += minute / 2) {
    stage.clock.advance(minute / 2);
    await poller.idle();
    await stage.work();
  }
  await stage.fold();
}

const start = async (stage: MailroomStage) =>
  startRun(stage, env, ada, 'c1', { kind: 'approved' }, await stage.all('mailbox'));

/** An admin enters another password in the guided change of the profile. */
async function enterNewPassword(stage: MailroomStage): Promise<void> {
  const journey = await DraftJourney.edit(stage, 'p1');
  await journey.toReview({ name: 'Contoso p1' });
  await journey.save();
}

const isUnharmed = ({ incoming, outgoing, act, status }: Mailbox): boolean =>
  status === 1 && [incoming, outgoing, act].every((direction) => direction.enabled && direction.fault === null);

it('takes a refused password for one incident of the profile: nobody is disabled, nobody asked, all checked again', async () => {
  const stage = await enabled();
  const poller = await polling(stage);
  stage.exchange.answer = () => refusedPassword;
  await pass(stage, poller, 3 * interval);
  // Those under way at that moment; the gate lets one of them through (law 6).
  expect(stage.exchange.tests.length).toBeLessThanOrEqual(16);
  expect((await stage.all('mailbox')).every(isUnharmed)).toBe(true);
  expect(await stage.audit('mailbox.disabled')).toEqual([]);
  const [incident, ...others] = await stage.all('incident');
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    code: 'CredentialRefused',
    level: 'error',
    state: 'open',
    open: count,
    waiting: count,
    profileId: 'p1',
  });
  expect(incident?.sample).toHaveLength(10);

  stage.exchange.answer = () => null;
  stage.exchange.tests.length = 0;
  await enterNewPassword(stage);
  await stage.fold();
  expect(await stage.all('incident')).toMatchObject([{ id: incident?.id, state: 'resolved', open: 0 }]);
  await pass(stage, poller, 1.1 * interval);
  expect(new Set(stage.exchange.tests.map(({ address }) => address)).size).toBe(count);
  expect((await stage.all('mailbox')).every(isUnharmed)).toBe(true);
});

it('starts no test that could only fail, and says why', async () => {
  const stage = await enabled(2);
  const poller = await polling(stage);
  stage.exchange.answer = () => refusedPassword;
  await pass(stage, poller, interval);
  const before = await stage.all('mailbox');
  const [incident] = await stage.all('incident');
  const refused = { code: 'run.nothing-to-test', params: { secretRefused: 2 } };
  expect(await refusalOf(start(stage))).toMatchObject(refused);
  expect(await refusalOf(retestIncident(stage, env, ada, incident?.id ?? '', 'c1'))).toEqual({
    code: 'incident.secret-refused',
    params: { profile: 'Contoso p1' },
  });
  expect(await stage.all('mailbox')).toEqual(before);
});

it('keeps enabled mailboxes enabled when a run meets the refusal, and tries them again once there is a password', async () => {
  const stage = await enabled(2);
  stage.exchange.answer = () => refusedPassword;
  await start(stage);
  await stage.work();
  const [run] = await stage.all('run');
  expect(run).toMatchObject({ state: 'completed', failed: 2, retrying: 2, stillEnabled: 2 });
  const mailboxes = await stage.all('mailbox');
  expect(mailboxes.every((mailbox) => directions.every((direction) => mailbox[direction].enabled))).toBe(true);
  if (run === undefined) throw new Error('no run');
  expect(await stillFailingOf(stage.store, run)).toEqual({ failing: 2, testable: 0 });
  expect(await refusalOf(retestRun(stage, env, ada, run.id, 'c1'))).toMatchObject({ code: 'run.nothing-to-test' });
  const asked = stage.exchange.tests.length;
  for (let tries = 0; tries < 20; tries += 1) {
    stage.clock.advance(5 * minute);
    await stage.work();
  }
  expect(stage.exchange.tests).toHaveLength(asked);
  expect(await stage.all('alert')).toHaveLength(2);
  expect(await stage.all('incident')).toMatchObject([{ open: 2, state: 'open' }]);

  stage.exchange.answer = () => null;
  await enterNewPassword(stage);
  await wakeWaitingTests(stage, env);
  await stage.work();
  expect((await stage.all('mailbox')).every(isUnharmed)).toBe(true);
  expect(await stage.all('incident')).toMatchObject([{ open: 0, state: 'resolved' }]);
  expect(await stillFailingOf(stage.store, run)).toEqual({ failing: 0, testable: 0 });
});

it('tests those again of a profile that failed', async () => {
  const stage = await enabled(1);
  await stage.mailboxes([lee]);
  await stage.change(lee, { status: 2 });
  const { run } = await retestProfile(stage, env, ada, 'p1', 'c1');
  expect(run).toMatchObject({ total: 1, title: { kind: 'profile', name: 'Contoso p1' } });
  expect(await stage.task(lee)).toBeDefined();
  expect(await stage.task(kim)).toBeUndefined();
});

it.each(['HttpNotFound', 'ErrorPasswordExpired', 'BasicNotOffered'] as const)(
  'waits with all mailboxes of the profile, and of no other at the server, while it meets %s',
  async (code) => {
    const stage = await enabled(3);
    await stage.profile('p2');
    await stage.mailboxes(['other@contoso.test'], { ...working, profileId: 'p2' });
    const fault: Fault = { code, params: {} };
    stage.exchange.answer = (address) => (address.startsWith('other') ? null : fault);
    const poller = await polling(stage);
    await pass(stage, poller, 6 * interval);
    expect((await stage.all('mailbox')).every(isUnharmed)).toBe(true);
    expect(await stage.all('incident')).toMatchObject([{ code, open: 3, waiting: 3, profileName: 'Contoso p1' }]);
    const asked = stage.exchange.tests.filter(({ address }) => address.startsWith('other'));
    expect(asked.length).toBeGreaterThan(3);

    stage.exchange.answer = () => null;
    await pass(stage, poller, 2 * interval);
    expect(await stage.all('incident')).toMatchObject([{ code, open: 0, state: 'resolved' }]);
  },
);

it('says of a profile what keeps its mailboxes from being checked', async () => {
  const stage = await enabled(1);
  const profile = await stage.get('profile', 'p1');
  expect(await troubleOf(stage, profile)).toBeNull();
  const expired: Fault = { code: 'TlsExpired', params: {} };
  await recordOutage(stage, env, 'mail.contoso.test', [profile], expired);
  expect(await troubleOf(stage, profile)).toEqual({ kind: 'outage', since: stage.clock.now() });
  const { key, value } = await stage.stored('credential', 'credential-p1');
  await stage.store.commit([{ kind: 'put', collection: 'credential', key, value: { ...value, refused: true } }]);
  expect(await troubleOf(stage, profile)).toEqual({ kind: 'refused' });
});

it('ends the incident with the profile', async () => {
  const stage = await enabled(1);
  const poller = await polling(stage);
  stage.exchange.answer = () => refusedPassword;
  await pass(stage, poller, interval);
  await stage.change(kim, { profileId: null });
  const { revision } = await stage.get('profile', 'p1');
  await deleteProfile(stage, env, ada, 'p1', revision);
  await stage.fold();
  expect(await stage.all('incident')).toMatchObject([{ state: 'resolved' }]);
});
