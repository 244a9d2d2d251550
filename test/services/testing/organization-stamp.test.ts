import { expect, it } from 'vitest';
import { confirmBulkAction, planBulkAction } from '../../../services/mailboxes/bulk-actions.ts';
import { confirmMailboxChange } from '../../../services/mailboxes/confirm-change.ts';
import { planMailboxChange } from '../../../services/mailboxes/plan-change.ts';
import { answerProposal } from '../../../services/mailboxes/settings-proposals.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { getEnvironment } from '../../../services/platform/environments.ts';
import { retestIncident, retestRun } from '../../../services/testing/retest.ts';
import { abe, ada, addresses, env, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';
import { storeUnavailable } from '../../support/scripted-exchange.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const [kim = ''] = addresses(1);

const foreign: Fault = { code: 'OrganizationStampForeign', params: { organization: 'other' } };

const environment = async (stage: MailroomStage) => (await getEnvironment(stage.store, env)).value;

async function ready(organizationStamp: boolean, count = 1): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(count));
  if (organizationStamp) await saveSettings(stage, { organizationStamp: 'true' });
  return stage;
}

/** `test all`, and yes. */
async function ask(stage: MailroomStage, takeOver: boolean) {
  const { id } = await planBulkAction(stage, env, ada, 'test', 'all');
  return confirmBulkAction(stage, env, ada, id, 'c1', takeOver);
}

const stamps = (stage: MailroomStage) => stage.exchange.tests.map(({ stamp }) => stamp);

it('is off until an admin switches it on, which gives the organization an id of its own, in one commit', async () => {
  const stage = await ready(false);
  expect(await environment(stage)).toMatchObject({ organizationId: null, settings: { organizationStamp: false } });
  let commits = 0;
  stage.store.onCommit((touched) => (commits += touched.has('environment') ? 1 : 0));
  await saveSettings(stage, { organizationStamp: 'true' });
  expect(commits).toBe(1);
  expect(await stage.get('environment')).toMatchObject({
    organizationId: expect.stringMatching(uuid),
    settings: { organizationStamp: true },
  });
  expect((await stage.audit('settings.changed')).at(-1)).toMatchObject({
    actorId: 'ada',
    details: { organizationStamp: true },
  });
});

it('keeps the id for good: stamps that are in mailboxes stay ours', async () => {
  const stage = await ready(true);
  const { organizationId } = await environment(stage);
  await saveSettings(stage, { organizationStamp: 'false' });
  expect(await environment(stage)).toMatchObject({ organizationId, settings: { organizationStamp: false } });
  await saveSettings(stage, { organizationStamp: 'true', incomingMethod: '0' });
  await stage.reopen();
  expect((await environment(stage)).organizationId).toBe(organizationId);
});

it('gives no two installations the same id, though their environments have one name', async () => {
  const ids = await Promise.all(
    [ready(true), ready(true)].map(async (stage) => (await environment(await stage)).organizationId),
  );
  expect(new Set(ids).size).toBe(2);
});

it('reads an environment that was stored before there were stamps as one without them', async () => {
  const stage = await ready(false);
  const { key, value } = await stage.stored('environment');
  const { organizationId: _id, settings, ...rest } = value;
  const { organizationStamp: _off, ...older } = settings;
  // What an older version wrote; the type of today cannot say it.
  const record = { ...rest, settings: older } as unknown as typeof value;
  await stage.store.commit([{ kind: 'put', collection: 'environment', key, value: record }]);
  expect(await environment(stage)).toMatchObject({ organizationId: null, settings: { organizationStamp: false } });
  await ask(stage, true);
  await stage.work();
  expect(stamps(stage)).toEqual([null]);
  await saveSettings(stage, { organizationStamp: true });
  expect((await environment(stage)).organizationId).toMatch(uuid);
});

it('gets its id also when a second person had to agree to the rest of the change (law 10)', async () => {
  const stage = await ready(false);
  const { proposal } = await saveSettings(stage, { organizationStamp: 'true', requireApprovalForUsers: 'false' });
  expect((await environment(stage)).organizationId).toBeNull();
  await answerProposal(stage, env, abe, proposal?.id ?? '', true);
  expect(await environment(stage)).toMatchObject({
    organizationId: expect.stringMatching(uuid),
    settings: { organizationStamp: true, requireApprovalForUsers: false },
  });
});

it('asks Exchange for no stamp while it is off, whatever a click says', async () => {
  const stage = await ready(false);
  const { action, run } = await ask(stage, true);
  await stage.work();
  expect(action.mayTakeOver).toBe(false);
  expect(run?.takeOver).toBe(false);
  expect(stamps(stage)).toEqual([null]);
  expect((await stage.audit('run.started'))[0]?.details).not.toHaveProperty('takeOver');
});

it('stamps with the id and the time, and takes nothing over unless the run was asked to', async () => {
  const stage = await ready(true, 2);
  const { organizationId } = await environment(stage);
  const { action, run } = await ask(stage, false);
  await stage.work();
  expect([action.mayTakeOver, run?.takeOver]).toEqual([true, false]);
  const stamp = { organizationId, takeOver: false, at: stage.clock.now() };
  expect(stamps(stage)).toEqual([stamp, stamp]);
});

it('takes over in the run that was asked to, and the trail says who asked', async () => {
  const stage = await ready(true);
  const { run } = await ask(stage, true);
  await stage.work();
  expect(stamps(stage)).toMatchObject([{ takeOver: true }]);
  expect(await stage.get('run', run?.id ?? '')).toMatchObject({ takeOver: true });
  expect(await stage.audit('run.started')).toMatchObject([
    { actorId: 'ada', subjects: [run?.id], details: { mailboxes: 1, takeOver: true } },
  ]);
});

it('keeps the choice for the retries of a mailbox, also after a restart', async () => {
  const stage = await ready(true);
  stage.exchange.answer = () => ({ act: storeUnavailable });
  await ask(stage, true);
  await stage.work();
  await stage.reopen();
  stage.clock.advance(300_000);
  await stage.work();
  expect(stage.exchange.tests.map(({ directions, stamp }) => [directions.length, stamp?.takeOver])).toEqual([
    [3, true],
    [1, true],
  ]);
});

it('forgets the choice with the next run: no button that starts a run takes over', async () => {
  const stage = await ready(true);
  stage.exchange.answer = () => ({ act: foreign });
  const { run } = await ask(stage, true);
  await stage.work();
  const [incident] = await stage.all('incident');
  await retestRun(stage, env, ada, run?.id ?? '', 'c1');
  await stage.work();
  await retestIncident(stage, env, ada, incident?.id ?? '', 'c1');
  await stage.work();
  expect(stamps(stage).map((stamp) => stamp?.takeOver)).toEqual([true, false, false]);
});

it('settles a foreign stamp at once: ACT stays off, the rest works, and nobody tries again by himself', async () => {
  const stage = await ready(true);
  stage.exchange.answer = () => ({ act: foreign });
  await ask(stage, false);
  await stage.work();
  expect(await stage.mailbox(kim)).toMatchObject({
    incoming: { enabled: true },
    outgoing: { enabled: true },
    act: { enabled: false, fault: { code: 'OrganizationStampForeign' } },
    postponedUntil: null,
  });
  expect(await stage.all('task')).toEqual([]);
});

it('belongs to those who may test and who were asked', async () => {
  const stage = await ready(true);
  const { id } = await planBulkAction(stage, env, ada, 'test', 'all');
  expect(await refusal(planBulkAction(stage, env, pia, 'test', 'all'))).toBe('access.denied');
  expect(await refusal(confirmBulkAction(stage, env, abe, id, 'c1', true))).toBe('bulk.not-yours');
  expect(await refusal(saveSettings(stage, { organizationStamp: 'false' }, pia))).toBe('access.denied');
  const { key, value } = await stage.stored('role', ada.aadObjectId);
  await stage.store.commit([{ kind: 'put', collection: 'role', key, value: { ...value, roles: ['viewer'] } }]);
  expect(await refusal(confirmBulkAction(stage, env, ada, id, 'c1', true))).toBe('access.denied');
  expect(await stage.all('run')).toEqual([]);
});

it('is a choice of tests alone: other questions do not have it, and a click that has it starts nothing over', async () => {
  const stage = await ready(true);
  const { id } = await planMailboxChange(stage, env, ada, 'apply-defaults', { text: 'all' });
  await confirmMailboxChange(stage, env, ada, id, 1, 'c1');
  expect((await stage.all('run')).map(({ takeOver }) => takeOver)).toEqual([false]);
});
