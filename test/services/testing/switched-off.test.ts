import { expect, it, onTestFinished } from 'vitest';
import { decideMailboxes } from '../../../services/approvals/decide-mailboxes.ts';
import { newApprovalRequest } from '../../../services/approvals/request-approval.ts';
import { startWaker } from '../../../services/jobs/waker.ts';
import { approvalStatus, type Mailbox } from '../../../services/model/mailbox.ts';
import { activateProfile } from '../../../services/profiles/activate-profile.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { prepareRun, startRun } from '../../../services/testing/start-run.ts';
import { streamResults } from '../../../services/testing/run-results.ts';
import { wakeWaitingTests } from '../../../services/testing/waiting-tests.ts';
import { ada, addresses, env, MailroomStage, pia, refusalOf } from '../../support/mailroom-stage.ts';
import { storeUnavailable } from '../../support/scripted-exchange.ts';

const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };
const [kim = '', lee = ''] = addresses(2);

const start = async (stage: MailroomStage) =>
  startRun(stage, env, ada, 'c1', { kind: 'selection', text: 'all' }, await stage.all('mailbox'));

async function ready(number = 2, changes: Partial<Mailbox> = {}): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(number), changes);
  return stage;
}

const tested = (stage: MailroomStage): string[] => stage.exchange.tests.map(({ address }) => address).toSorted();

async function waker(stage: MailroomStage) {
  const started = startWaker(stage, env);
  onTestFinished(() => started.stop());
  await started.idle();
  return started;
}

/** What a test alone changes when it switches the mailbox off. */
const changed = async (stage: MailroomStage): Promise<Partial<Mailbox>> => {
  const { state, revision } = await stage.mailbox(kim);
  return { state, revision };
};

const cases = [
  [
    'profile is switched off',
    'profileInactive',
    (stage: MailroomStage) => stage.changeProfile('p1', { state: 'inactive' }),
  ],
  ['mailbox is inactive', 'mailboxInactive', (stage: MailroomStage) => stage.change(kim, { state: 'inactive' })],
  [
    'email goes by the Email Router',
    'emailRouter',
    (stage: MailroomStage) => stage.settings({ emailConnectionChannel: 1 }),
  ],
] as const;

it.each(cases)('starts no test where the %s, and says so', async (_, reason, off) => {
  const stage = await ready(1);
  await off(stage);
  expect(await refusalOf(start(stage))).toMatchObject({ code: 'run.nothing-to-test', params: { [reason]: 1 } });
  expect(await stage.all('task')).toEqual([]);
});

it.each(cases.slice(0, 2))(
  'settles a test that was queued before the %s: no failure, no alert, and the run ends',
  async (_, reason, off) => {
    const stage = await ready(1, working);
    const { run } = await start(stage);
    const before = await stage.mailbox(kim);
    await off(stage);
    await stage.work();
    expect(tested(stage)).toEqual([]);
    expect(await stage.mailbox(kim)).toEqual({ ...before, ...(await changed(stage)) });
    expect(await stage.all('alert')).toEqual([]);
    expect(await stage.all('outcome')).toEqual([]);
    expect(await stage.get('run', run.id)).toMatchObject({
      state: 'completed',
      total: 0,
      done: 0,
      failed: 0,
      leftOut: { [reason]: 1 },
    });
  },
);

it('counts those of a run that were tested, and those that were switched off in between', async () => {
  const stage = await ready(2);
  const { run } = await start(stage);
  await stage.change(lee, { state: 'inactive' });
  await stage.work();
  expect(tested(stage)).toEqual([kim]);
  expect(await stage.get('run', run.id)).toMatchObject({ state: 'completed', total: 1, done: 1, succeeded: 1 });
  const results: string[] = [];
  for await (const { mailboxId } of streamResults(stage.store, env, run.id)) results.push(mailboxId);
  expect(results).toEqual([kim]);
});

it('enables nothing of a mailbox that is switched off while its test is under way', async () => {
  const stage = await ready(1);
  const { run } = await start(stage);
  const held = stage.exchange.hold();
  const runner = await stage.runTasks();
  await expect.poll(held.waiting).toBe(1);
  await stage.change(kim, { state: 'inactive' });
  held.release();
  await runner.idle();
  await runner.stop();
  await stage.fold();
  expect((await stage.mailbox(kim)).incoming).toMatchObject({ enabled: false, status: 0 });
  expect(await stage.get('run', run.id)).toMatchObject({
    state: 'completed',
    total: 0,
    leftOut: { mailboxInactive: 1 },
  });
});

it('goes on with the next try of a mailbox when its profile is active again, and not before', async () => {
  const stage = await ready(1, working);
  stage.exchange.answer = () => storeUnavailable;
  await start(stage);
  await stage.work();
  await stage.changeProfile('p1', { state: 'inactive' });
  stage.clock.advance(stage.retry.delayMs);
  stage.exchange.tests.length = 0;
  await stage.work();
  expect(await stage.mailbox(kim)).toMatchObject({
    postponedUntil: null,
    transientFailureCount: 1,
    incoming: { enabled: true },
  });
  for (let days = 0; days < 3; days += 1) {
    stage.clock.advance(86_400_000);
    await stage.work();
  }
  expect(tested(stage)).toEqual([]);

  const waking = await waker(stage);
  stage.exchange.answer = () => null;
  await activateProfile(stage, env, ada, 'p1');
  await waking.idle();
  await stage.work();
  expect(tested(stage)).toEqual([kim]);
  expect(await stage.mailbox(kim)).toMatchObject({ status: 1, transientFailureCount: 0 });
});

it('tests those that worked when their profile is active again; who never worked waits for a person', async () => {
  const stage = await ready(1, working);
  await stage.mailboxes([lee]);
  await start(stage);
  await stage.changeProfile('p1', { state: 'inactive' });
  await stage.work();
  await activateProfile(stage, env, ada, 'p1');
  expect(await wakeWaitingTests(stage, env)).toBe(1);
  await stage.work();
  expect(tested(stage)).toEqual([kim]);
});

it('remembers who worked and was left out from the beginning', async () => {
  const stage = await ready(1, working);
  await stage.mailboxes([lee]);
  await stage.changeProfile('p1', { state: 'inactive' });
  expect(await refusalOf(start(stage))).toMatchObject({ params: { profileInactive: 2 } });
  expect(await refusalOf(start(stage))).toMatchObject({ params: { profileInactive: 2 } });
  await activateProfile(stage, env, ada, 'p1');
  await wakeWaitingTests(stage, env);
  await stage.work();
  expect(tested(stage)).toEqual([kim]);
});

/** The password of the profile is known to be refused. */
async function refuse(stage: MailroomStage): Promise<void> {
  const { key, value } = await stage.stored('credential', 'credential-p1');
  await stage.store.commit([{ kind: 'put', collection: 'credential', key, value: { ...value, refused: true } }]);
}

/** As the end of the guided change leaves it: a credential of its own, and the profile names it. */
const enterNewPassword = (stage: MailroomStage) => stage.profile('p1', { credentialId: 'credential-new' });

it('tests a mailbox that was approved while its password was refused by itself once there is another', async () => {
  const stage = await ready(1, { approval: approvalStatus.pending });
  const request = await newApprovalRequest(stage.store, env, ada, 'c1', 1, true, stage.clock.now());
  await stage.store.commit(request.changes);
  await stage.change(kim, { approvalRequestId: request.id });
  await refuse(stage);
  const { decided, run } = await decideMailboxes(stage, env, pia, [kim], { verdict: 'approved', reason: null });
  expect([decided, run]).toEqual([[kim], null]);
  await stage.work();
  expect(tested(stage)).toEqual([]);
  const waking = await waker(stage);
  await enterNewPassword(stage);
  await waking.idle();
  await stage.work();
  expect(tested(stage)).toEqual([kim]);
  expect((await stage.mailbox(kim)).incoming).toMatchObject({ enabled: true });
});

it('finds at its start what a killed process left waiting', async () => {
  const stage = await ready(1, working);
  await start(stage);
  await stage.changeProfile('p1', { state: 'inactive' });
  await stage.work();
  await stage.changeProfile('p1', { state: 'active' });
  await stage.reopen();
  await waker(stage);
  await stage.work();
  expect(tested(stage)).toEqual([kim]);
});

it('forgets a test that waits when the mailbox is switched off or its approval is gone', async () => {
  const stage = await ready(2, working);
  await start(stage);
  await stage.changeProfile('p1', { state: 'inactive' });
  await stage.work();
  await stage.change(kim, { state: 'inactive' });
  await stage.change(lee, { approval: approvalStatus.rejected });
  await activateProfile(stage, env, ada, 'p1');
  expect(await wakeWaitingTests(stage, env)).toBe(0);
  expect(await stage.all('task')).toEqual([]);
});

it('leaves nobody waiting for a profile that becomes active in that very moment', async () => {
  const stage = await ready(1, working);
  await stage.changeProfile('p1', { state: 'inactive' });
  const prepared = await prepareRun(stage, env, ada, 'c1', { kind: 'approved' }, await stage.all('mailbox'));
  expect(prepared?.run).toBeNull();
  await activateProfile(stage, env, ada, 'p1');
  const commit = stage.store.commit(prepared?.changes ?? [], prepared?.expected);
  expect((await refusalOf(commit)).code).toBe('store.conflict');
});

it('follows a mailbox that has another profile by now', async () => {
  const stage = await ready(1, working);
  await start(stage);
  await stage.changeProfile('p1', { state: 'inactive' });
  await stage.work();
  await stage.profile('p2');
  await stage.change(kim, { profileId: 'p2' });
  expect(await wakeWaitingTests(stage, env)).toBe(1);
  expect((await stage.store.get('task', keyOf(env, 'test-mailbox', kim)))?.value).toMatchObject({
    profileId: 'p2',
    state: 'ready',
  });
});
