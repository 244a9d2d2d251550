import { expect, it } from 'vitest';
import { cancelBulkAction, confirmBulkAction, planBulkAction } from '../../../services/mailboxes/bulk-actions.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import { keyOf } from '../../../services/storage/store.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  MailroomStage,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';

const confirm = (stage: MailroomStage, id: string, actor = ada) => confirmBulkAction(stage, env, actor, id, 'c1');

async function imported(count: number): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  const { id } = await planImport(stage, env, ada, adaChat, addresses(count).join('\n'));
  await confirmImport(stage, env, ada, id, false);
  return stage;
}

it('acts on exactly the mailboxes that were counted, not on those that match by then (law 1)', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(3));
  const action = await planBulkAction(stage, env, ada, 'test', 'contoso');
  await stage.mailboxes(['later@contoso.test']);
  const { count, run } = await confirm(stage, action.id);
  expect([count, run?.total]).toEqual([3, 3]);
  expect((await stage.all('task')).map(({ subjectId }) => subjectId)).toEqual(addresses(3));
});

it('changes nothing before the yes', async () => {
  const stage = await imported(3);
  const before = await stage.all('mailbox');
  await planBulkAction(stage, env, pia, 'approve', 'all');
  expect(await stage.all('mailbox')).toEqual(before);
  expect(await stage.audit('approval.approved')).toEqual([]);
});

it('approves the counted pending ones and leaves out what was decided meanwhile', async () => {
  const stage = await imported(3);
  const action = await planBulkAction(stage, env, pia, 'approve', 'all');
  expect(action.mailboxIds).toEqual(addresses(3));
  const other = await planBulkAction(stage, env, pia, 'reject', addresses(1).join(' '), 'not ours');
  expect((await confirm(stage, other.id, pia)).count).toBe(1);
  expect((await confirm(stage, action.id, pia)).count).toBe(2);
  expect((await stage.all('mailbox')).map(({ approval }) => approval)).toEqual([3, 1, 1]);
  expect(await stage.all('approvalRequest')).toMatchObject([{ pending: 0, approved: 2, rejected: 1 }]);
});

it.each(['approve', 'reject'] as const)(
  'leaves out, with the reason, what is not any more as it was counted: %s',
  async (kind) => {
    const stage = await imported(3);
    const [first = '', second = ''] = addresses(3);
    const action = await planBulkAction(stage, env, pia, kind, 'all', kind === 'reject' ? 'not ours' : null);
    const key = keyOf(env, first);
    const { value } = (await stage.store.get('mailbox', key)) ?? {};
    if (value === undefined) throw new Error('no mailbox');
    const changed = { ...value, type: 'queue', owner: 'Somebody else', revision: value.revision + 1 } as const;
    await stage.store.commit([{ kind: 'put', collection: 'mailbox', key, value: changed }]);
    const { count, leftOut } = await confirm(stage, action.id, pia);
    expect([count, leftOut]).toEqual([2, [{ address: first, why: 'changed' }]]);
    expect((await stage.mailbox(first)).approval).toBe(approvalStatus.pending);
    expect((await stage.mailbox(second)).approval).not.toBe(approvalStatus.pending);
  },
);

it('asks nothing about nothing', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(addresses(2));
  expect(await refusalOf(planBulkAction(stage, env, pia, 'approve', 'all'))).toEqual({
    code: 'bulk.nothing',
    params: { filter: 'all' },
  });
  expect(await refusal(planBulkAction(stage, env, ada, 'test', 'nobody'))).toBe('bulk.nothing');
});

it('does it once for two yes, also at the same instant (law 7)', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(2));
  const { id } = await planBulkAction(stage, env, ada, 'test', 'all');
  const both = await Promise.allSettled([confirm(stage, id), confirm(stage, id)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'bulk.over' } });
  expect(await refusal(confirm(stage, id))).toBe('bulk.over');
  expect(await stage.all('run')).toHaveLength(1);
});

it('does nothing after a cancel, and cancels nothing after a yes', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(2));
  const first = await planBulkAction(stage, env, ada, 'test', 'all');
  expect((await cancelBulkAction(stage, env, ada, first.id)).state).toBe('cancelled');
  expect(await refusalOf(confirm(stage, first.id))).toEqual({ code: 'bulk.over', params: { state: 'cancelled' } });
  const second = await planBulkAction(stage, env, ada, 'test', 'all');
  await confirm(stage, second.id);
  expect(await refusal(cancelBulkAction(stage, env, ada, second.id))).toBe('bulk.over');
});

it('belongs to the person who asked, with the right it needs', async () => {
  const stage = await imported(1);
  const { id } = await planBulkAction(stage, env, pia, 'approve', 'all');
  expect(await refusal(confirm(stage, id, abe))).toBe('bulk.not-yours');
  expect(await refusal(cancelBulkAction(stage, env, abe, id))).toBe('bulk.not-yours');
  expect(await refusal(confirm(stage, 'forged'))).toBe('bulk.unknown');
  expect(await refusal(planBulkAction(stage, env, ada, 'approve', 'all'))).toBe('access.denied');
  expect(await refusal(planBulkAction(stage, env, pia, 'test', 'all'))).toBe('access.denied');
  // A role that was taken away between question and yes counts.
  const { key, value } = await stage.stored('role', pia.aadObjectId);
  await stage.store.commit([{ kind: 'put', collection: 'role', key, value: { ...value, roles: [] } }]);
  expect(await refusal(confirm(stage, id, pia))).toBe('access.denied');
  expect((await stage.mailbox(addresses(1)[0] ?? '')).approval).toBe(approvalStatus.pending);
});

it.each(['test', 'approve'] as const)('keeps the question and the deed of "%s" in one commit (law 4)', async (kind) => {
  const stage = await imported(2);
  if (kind === 'test') await stage.mailboxes(addresses(2));
  const actor = kind === 'test' ? ada : pia;
  const { id } = await planBulkAction(stage, env, actor, kind, 'all');
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  await confirm(stage, id, actor);
  expect(commits).toBe(1);
});

it('leaves a yes open that could not be carried out', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(addresses(2));
  const { id } = await planBulkAction(stage, env, ada, 'test', 'all');
  await stage.mailboxes(addresses(2), { profileId: null });
  expect(await refusalOf(confirm(stage, id))).toMatchObject({
    code: 'run.nothing-to-test',
    params: { withoutProfile: 2 },
  });
  await stage.profile();
  await stage.mailboxes(addresses(2));
  expect((await confirm(stage, id)).run?.total).toBe(2);
});

it('asks about those that can be tested, and says why not about the others; the run sorts out anew', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(4));
  const [first = '', second = ''] = addresses(4);
  await stage.change(first, { approval: approvalStatus.rejected });
  await stage.change(second, { profileId: null });
  const action = await planBulkAction(stage, env, ada, 'test', 'all');
  expect(action.leftOut).toMatchObject({ notApproved: 1, withoutProfile: 1, alreadyInRun: 0 });
  expect(action.mailboxIds).toEqual([...addresses(4).slice(2), first, second]);
  await stage.change(second, { profileId: 'p1' });
  const { run } = await confirm(stage, action.id);
  expect(run).toMatchObject({ total: 3, leftOut: { notApproved: 1, withoutProfile: 0 } });
});

it('does not ask about a test of which there would be none', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(addresses(2), { approval: approvalStatus.rejected });
  expect(await refusalOf(planBulkAction(stage, env, ada, 'test', 'all'))).toMatchObject({
    code: 'run.nothing-to-test',
    params: { notApproved: 2 },
  });
  expect(await stage.all('bulkAction')).toEqual([]);
});
