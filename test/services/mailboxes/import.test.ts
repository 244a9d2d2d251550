import { expect, it } from 'vitest';
import { decideMailboxes } from '../../../services/approvals/decide-mailboxes.ts';
import { cancelImport, confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import { approvalStatus, isEnabled } from '../../../services/model/mailbox.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  inOrder,
  MailroomStage,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';

const plan = (stage: MailroomStage, text: string, actor = ada) => planImport(stage, env, actor, adaChat, text);
const confirm = (stage: MailroomStage, id: string, test = false, actor = ada) =>
  confirmImport(stage, env, actor, id, test);
const rows = 'a@x.test,user,Lee\nb@x.test,queue,Kim\nbroken';

it('changes nothing with a dry run, and says of each row what it would do', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(['a@x.test'], { owner: 'Lee' });
  await stage.mailboxes(['b@x.test']);
  const before = await stage.all('mailbox');
  const batch = await plan(stage, `${rows}\nc@x.test`);
  expect(batch.rows.map(({ address, verdict }) => [address, verdict])).toEqual([
    ['a@x.test', 'unchanged'],
    ['b@x.test', 'changed'],
    ['broken', 'refused'],
    ['c@x.test', 'new'],
  ]);
  expect(await stage.all('mailbox')).toEqual(before);
  expect(await stage.all('approvalRequest')).toEqual([]);
  expect(await stage.audit('mailboxes.imported')).toEqual([]);
  expect(await stage.wishes()).toEqual([`${adaChat} import`]);
});

it('imports in one commit: mailboxes with the defaults, one request, audit, cards', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.subscribe('approvers', { approvals: true });
  const { id } = await plan(stage, rows);
  await stage.sendAll();
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  const result = await confirm(stage, id);
  expect(commits).toBe(1);
  expect(result).toMatchObject({ created: 2, changed: 0, pending: 2, withoutProfile: false, batch: { state: 'done' } });
  const [request] = await stage.all('approvalRequest');
  expect(request).toMatchObject({ total: 2, pending: 2, requestedBy: 'ada', testWhenApproved: false, revision: 1 });
  expect(await stage.mailbox('a@x.test')).toMatchObject({
    type: 'user',
    owner: 'Lee',
    profileId: 'p1',
    incomingMethod: 2,
    outgoingMethod: 2,
    actMethod: 1,
    approval: approvalStatus.pending,
    approvalRequestId: request?.id,
    importedBy: 'ada',
  });
  // Queues have no appointments, contacts and tasks.
  expect(await stage.mailbox('b@x.test')).toMatchObject({ type: 'queue', actMethod: 2 });
  expect(await stage.wishes()).toEqual(['approvers approval', `${adaChat} import`]);
  expect((await stage.audit()).slice(-2)).toMatchObject([
    { kind: 'approval.requested', actorId: 'ada', subjects: [request?.id], details: { mailboxes: 2 } },
    {
      kind: 'mailboxes.imported',
      actorId: 'ada',
      subjects: ['a@x.test', 'b@x.test'],
      details: { created: 2, changed: 0, pending: 2 },
    },
  ]);
});

it('imports the same rows again without a change', async () => {
  const stage = await MailroomStage.open();
  await confirm(stage, (await plan(stage, rows)).id);
  const before = await stage.all('mailbox');
  expect(await confirm(stage, (await plan(stage, rows)).id)).toMatchObject({ created: 0, changed: 0, pending: 0 });
  expect(await stage.all('mailbox')).toEqual(before);
  expect(await stage.all('approvalRequest')).toHaveLength(1);
});

it('keeps state and approval of a mailbox whose owner changes', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(['a@x.test'], { owner: 'Old', incoming: { status: 1, enabled: true, fault: null } });
  expect(await confirm(stage, (await plan(stage, 'a@x.test,user,New')).id)).toMatchObject({ created: 0, changed: 1 });
  expect(await stage.mailbox('a@x.test')).toMatchObject({
    owner: 'New',
    approval: approvalStatus.approved,
    incoming: { enabled: true },
    revision: 2,
  });
});

it('asks for the approval that a changed type needs, and enables nothing meanwhile (law 2)', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.settings({ requireApprovalForUsers: false });
  const works = { status: 1, enabled: true, fault: null } as const;
  await stage.mailboxes(['a@x.test'], { approval: approvalStatus.empty, incoming: works, outgoing: works, act: works });
  const result = await confirm(stage, (await plan(stage, 'a@x.test,queue,Lee')).id, true);
  expect(result).toMatchObject({ created: 0, changed: 1, pending: 1 });
  const mailbox = await stage.mailbox('a@x.test');
  expect(mailbox).toMatchObject({ type: 'queue', approval: approvalStatus.pending });
  expect(mailbox.approvalRequestId).toBe((await stage.all('approvalRequest'))[0]?.id);
  expect(isEnabled(mailbox)).toBe(false);
  expect(mailbox.incoming.enabled).toBe(false);
  expect(await stage.all('task')).toEqual([]);
});

/** A mailbox that Pia rejected; the request that she decided. */
async function rejectedOne(stage: MailroomStage): Promise<string> {
  await confirm(stage, (await plan(stage, 'a@x.test,user,Lee')).id);
  await decideMailboxes(stage, env, pia, ['a@x.test'], { verdict: 'rejected', reason: 'Owner is not clear' });
  await stage.sendAll();
  return (await stage.mailbox('a@x.test')).approvalRequestId ?? '';
}

it('asks again for a rejected mailbox, also with unchanged values, and the dry run says so', async () => {
  for (const owner of ['Lee', 'Kim']) {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.subscribe('approvers', { approvals: true });
    const before = await rejectedOne(stage);
    const batch = await plan(stage, `a@x.test,user,${owner}\nb@x.test`);
    expect(batch.rows).toMatchObject([
      { verdict: 'changed', rejectedBecause: 'Owner is not clear' },
      { verdict: 'new' },
    ]);
    expect(batch.rows[1]).not.toHaveProperty('rejectedBecause');
    expect((await stage.mailbox('a@x.test')).approval).toBe(approvalStatus.rejected);
    expect(await confirm(stage, batch.id, true)).toMatchObject({ created: 1, changed: 1, pending: 2 });
    const mailbox = await stage.mailbox('a@x.test');
    expect(mailbox).toMatchObject({
      owner,
      approval: approvalStatus.pending,
      decidedBy: null,
      decidedAt: null,
      decisionReason: null,
    });
    expect(mailbox.approvalRequestId).not.toBe(before);
    expect(await stage.get('approvalRequest', mailbox.approvalRequestId ?? '')).toMatchObject({ total: 2, pending: 2 });
    expect(await stage.get('approvalRequest', before)).toMatchObject({ total: 1, pending: 0, rejected: 1 });
    expect(await stage.wishes()).toContain('approvers approval');
    // Law 2: the wish to test waits for the approver as well.
    expect(await stage.all('task')).toEqual([]);
  }
});

it('does nothing special for a rejected mailbox whose type needs no approval', async () => {
  const stage = await MailroomStage.open();
  await rejectedOne(stage);
  const rejectedBefore = await stage.mailbox('a@x.test');
  const shown = await plan(stage, 'a@x.test,user,Lee');
  await stage.settings({ requireApprovalForUsers: false });
  expect((await plan(stage, 'a@x.test,user,Lee')).rows).toMatchObject([{ verdict: 'unchanged' }]);
  expect(await confirm(stage, shown.id)).toMatchObject({ changed: 0, pending: 0 });
  expect(await stage.mailbox('a@x.test')).toEqual(rejectedBefore);
});

it('asks for nobody who was rejected, or approved, after the dry run', async () => {
  const stage = await MailroomStage.open();
  await confirm(stage, (await plan(stage, 'a@x.test,user,Lee')).id);
  const early = await plan(stage, 'a@x.test,user,Kim');
  await decideMailboxes(stage, env, pia, ['a@x.test'], { verdict: 'rejected', reason: 'no' });
  expect(await confirm(stage, early.id)).toMatchObject({ changed: 1, pending: 0 });
  expect(await stage.mailbox('a@x.test')).toMatchObject({ owner: 'Kim', approval: approvalStatus.rejected });
  const late = await plan(stage, 'a@x.test,user,Kim');
  await stage.change('a@x.test', { approval: approvalStatus.approved });
  expect(await confirm(stage, late.id)).toMatchObject({ changed: 0, pending: 0 });
  expect((await stage.mailbox('a@x.test')).approval).toBe(approvalStatus.approved);
});

it('does the work once for two confirmations, also at the same instant (law 7)', async () => {
  const stage = await MailroomStage.open();
  const { id } = await plan(stage, rows);
  const both = await Promise.allSettled([confirm(stage, id), confirm(stage, id)]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(both[1]).toMatchObject({ reason: { code: 'import.over', params: { state: 'done' } } });
  expect(await refusal(confirm(stage, id))).toBe('import.over');
  expect(await refusal(cancelImport(stage, env, ada, id))).toBe('import.over');
  expect(await stage.all('approvalRequest')).toHaveLength(1);
  expect(await stage.audit('mailboxes.imported')).toHaveLength(1);
});

it('creates a mailbox once when two imports name it at the same instant', async () => {
  const stage = await MailroomStage.open();
  const first = await plan(stage, 'a@x.test\nb@x.test');
  const second = await plan(stage, 'B@x.test\nc@x.test', abe);
  const results = await Promise.all([confirm(stage, first.id), confirm(stage, second.id, false, abe)]);
  expect(results.map(({ created }) => created)).toEqual([2, 1]);
  expect((await stage.all('mailbox')).map(({ address, importedBy }) => [address, importedBy])).toEqual([
    ['a@x.test', 'ada'],
    ['b@x.test', 'ada'],
    ['c@x.test', 'abe'],
  ]);
  const waiting = await stage.all('approvalRequest');
  expect(inOrder(waiting.map(({ total }) => total))).toEqual([1, 2]);
});

it('takes a batch from the person who planned it alone', async () => {
  const stage = await MailroomStage.open();
  const { id } = await plan(stage, rows);
  expect(await refusal(confirm(stage, id, false, abe))).toBe('import.not-yours');
  expect(await refusal(cancelImport(stage, env, abe, id))).toBe('import.not-yours');
  expect(await refusal(confirm(stage, id, false, pia))).toBe('access.denied');
  expect(await refusal(plan(stage, rows, pia))).toBe('access.denied');
  expect(await refusal(confirm(stage, 'forged'))).toBe('import.unknown');
  expect(await stage.all('mailbox')).toEqual([]);
});

it('forgets the rows of a batch that is cancelled', async () => {
  const stage = await MailroomStage.open();
  const { id } = await plan(stage, rows);
  expect(await cancelImport(stage, env, ada, id)).toMatchObject({ state: 'cancelled', rows: [] });
  expect(await refusalOf(confirm(stage, id))).toEqual({ code: 'import.over', params: { state: 'cancelled' } });
});

it('answers a cancel that comes together with the confirmation as too late', async () => {
  const stage = await MailroomStage.open();
  const { id } = await plan(stage, rows);
  const both = await Promise.allSettled([confirm(stage, id), cancelImport(stage, env, ada, id)]);
  const codes = both.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'ok'));
  expect(codes.sort()).toEqual(['import.over', 'ok']);
});

it('says when there is no profile to attach', async () => {
  const stage = await MailroomStage.open();
  expect(await confirm(stage, (await plan(stage, 'a@x.test')).id, true)).toMatchObject({ withoutProfile: true });
  expect((await stage.mailbox('a@x.test')).profileId).toBeNull();
});

it('tests at once what needs no approval, in the same commit, when that was wished for', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.settings({ requireApprovalForQueues: false });
  const result = await confirm(stage, (await plan(stage, rows)).id, true);
  expect(result.pending).toBe(1);
  expect((await stage.all('task')).map(({ subjectId }) => subjectId)).toEqual(['b@x.test']);
  expect(await stage.all('run')).toMatchObject([{ total: 1, state: 'running', conversationId: adaChat }]);
  expect((await stage.all('approvalRequest'))[0]?.testWhenApproved).toBe(true);
});

it('makes one card of a thousand mailboxes (law 9)', async () => {
  const stage = await MailroomStage.open();
  await stage.subscribe('approvers', { approvals: true });
  await confirm(stage, (await plan(stage, addresses(1000).join('\n'))).id);
  expect(await stage.all('mailbox')).toHaveLength(1000);
  expect(await stage.wishes()).toEqual(['approvers approval', `${adaChat} import`]);
});
