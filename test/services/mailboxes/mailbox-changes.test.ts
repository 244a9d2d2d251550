import { describe, expect, it } from 'vitest';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { confirmMailboxChange } from '../../../services/mailboxes/confirm-change.ts';
import { fillMailboxChange, planMailboxChange, turnMailboxChange } from '../../../services/mailboxes/plan-change.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import { confirmUndo, planUndo } from '../../../services/mailboxes/undo-change.ts';
import { sweep } from '../../../services/jobs/sweep.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { undoMs, type ChangeKind, type MailboxChange } from '../../../services/model/mailbox-change.ts';
import { approvalStatus, type Mailbox } from '../../../services/model/mailbox.ts';
import { decideMailboxes } from '../../../services/approvals/decide-mailboxes.ts';
import { pollChanges } from '../../../services/testing/poll-changes.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  audit,
  env,
  MailroomStage,
  pia,
  refusal,
  refusalOf,
  stranger,
} from '../../support/mailroom-stage.ts';

const works = { status: 1, enabled: true, fault: null } as const;
const enabled = { incoming: works, outgoing: works, act: works, status: 1 } as const;
const denied: Fault = { code: 'ErrorImpersonateUserDenied', params: {} };
const all = { text: 'all' };
const [first = '', second = '', third = ''] = addresses(3);

async function stageOf(count: number, changes: Partial<Mailbox> = {}): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile('p2');
  await stage.profile('p1');
  await stage.mailboxes(addresses(count), { ...enabled, ...changes });
  return stage;
}

const plan = (
  stage: MailroomStage,
  kind: ChangeKind,
  subjects: Parameters<typeof planMailboxChange>[4] = all,
  actor = ada,
) => planMailboxChange(stage, env, actor, kind, subjects);
const confirm = (stage: MailroomStage, { id, revision }: MailboxChange, test = true, actor = ada) =>
  confirmMailboxChange(stage, env, actor, id, revision, adaChat, test);
const undo = (stage: MailroomStage, { id }: MailboxChange, actor = ada) => confirmUndo(stage, env, actor, id, adaChat);

async function planEdit(stage: MailroomStage, inputs: Record<string, string>, subjects = all): Promise<MailboxChange> {
  const form = await plan(stage, 'edit', subjects);
  return (await fillMailboxChange(stage, env, ada, form.id, form.revision, inputs)).change;
}

describe('edit mailboxes', () => {
  it('leaves each field as it is, says the effect in numbers and changes nothing before the yes', async () => {
    const stage = await stageOf(3);
    await stage.mailboxes(['queue@contoso.test'], { type: 'queue', actMethod: 2, profileId: 'p2' });
    await stage.change(third, {
      incoming: { ...works, enabled: false },
      outgoing: { ...works, enabled: false },
      act: { ...works, enabled: false },
    });
    const before = await stage.all('mailbox');
    const form = await plan(stage, 'edit');
    expect(form).toMatchObject({ state: 'form', effect: { matching: 4 } });
    const kept = { profileId: 'keep', incomingMethod: 'keep', outgoingMethod: 'keep', actMethod: 'keep' };
    const nothing = await fillMailboxChange(stage, env, ada, form.id, 1, kept);
    expect(nothing).toMatchObject({ change: { state: 'form' }, errors: { form: 'mailbox.nothing-chosen' } });
    const { change } = await fillMailboxChange(stage, env, ada, form.id, 1, {
      ...kept,
      profileId: 'p2',
      actMethod: '1',
    });
    expect(change).toMatchObject({
      state: 'waiting',
      edit: { profileId: 'p2', actMethod: 1 },
      effect: { matching: 4, changing: 3, stopping: 2, queues: 1 },
    });
    expect(await stage.all('mailbox')).toEqual(before);
    const done = await confirm(stage, change);
    expect(done.result).toMatchObject({ changed: 3, unchanged: 1, stopped: 2, changedSince: 0, gone: 0, runId: null });
    expect(await stage.mailbox(first)).toMatchObject({ profileId: 'p2', status: 0, incoming: { enabled: false } });
    expect((await stage.mailbox('queue@contoso.test')).actMethod).toBe(2);
    expect(await stage.all('task')).toEqual([]);
  });

  it.each([
    ['profileId', 'forged', 'mailbox.profile-unknown'],
    ['incomingMethod', '4', 'mailbox.method-unknown'],
    ['outgoingMethod', '3', 'mailbox.method-unknown'],
    ['actMethod', 'x', 'mailbox.method-unknown'],
  ])('refuses a wrong value beside its field: %s %s', async (field, typed, code) => {
    const stage = await stageOf(1);
    const { id } = await plan(stage, 'edit');
    const { change, errors } = await fillMailboxChange(stage, env, ada, id, 1, { [field]: typed });
    expect([errors, change.state]).toEqual([{ [field]: code }, 'form']);
  });

  it('does not ask about values that all of them have', async () => {
    const stage = await stageOf(2);
    const { id } = await plan(stage, 'edit');
    const { errors } = await fillMailboxChange(stage, env, ada, id, 1, { profileId: 'p1', incomingMethod: '2' });
    expect(errors).toEqual({ form: 'mailbox.all-same' });
  });

  it('goes back to its form, and a form of before changes nothing', async () => {
    const stage = await stageOf(1);
    const change = await planEdit(stage, { profileId: 'p2' });
    const form = await turnMailboxChange(stage, env, ada, change.id, change.revision, 'form');
    expect(form).toMatchObject({ state: 'form', revision: 3 });
    expect((await confirm(stage, change)).state).toBe('form');
    expect((await fillMailboxChange(stage, env, ada, change.id, 1, { profileId: 'p2' })).change).toEqual(form);
    expect((await stage.mailbox(first)).profileId).toBe('p1');
  });
});

it('acts on exactly the mailboxes that were counted, and leaves whoever changed since (law 1)', async () => {
  const stage = await stageOf(3);
  const change = await planEdit(stage, { profileId: 'p2' });
  await stage.mailboxes(['later@contoso.test']);
  await stage.change(first, { incomingMethod: 0 });
  await stage.store.commit([{ kind: 'delete', collection: 'mailbox', key: `${env}/${second}` }]);
  const { result } = await confirm(stage, change);
  expect(result).toMatchObject({ changed: 1, changedSince: 1, gone: 1, left: [first, second] });
  expect((await stage.all('mailbox')).map(({ address, profileId }) => [address, profileId])).toEqual([
    ['later@contoso.test', 'p1'],
    [first, 'p1'],
    [third, 'p2'],
  ]);
});

it('takes mailboxes that were counted elsewhere, each once and only those that are there', async () => {
  const stage = await stageOf(3);
  const change = await plan(stage, 'deactivate', {
    text: 'selected',
    ids: [second, second.toUpperCase(), 'x/../y', first],
  });
  expect(change.items.map(([id]) => id)).toEqual([second, first]);
  expect(await refusal(plan(stage, 'edit', { text: 'selected', ids: [] }))).toBe('bulk.nothing');
});

it('is one commit with its audit, its question and the way back, once for two yes at one instant (laws 4, 7)', async () => {
  const stage = await stageOf(2);
  const change = await planEdit(stage, { profileId: 'p2' });
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  const both = await Promise.all([confirm(stage, change), confirm(stage, change)]);
  expect(commits).toBe(1);
  expect(both[0]).toEqual(both[1]);
  expect(await stage.audit('mailboxes.changed')).toMatchObject([
    { actorId: 'ada', subjects: [first, second], details: { count: 2, stopped: 2, profileId: 'p2' } },
  ]);
  expect(await stage.get('undoStep', 'ada')).toMatchObject({
    id: change.id,
    was: [{ enabled: ['incoming', 'outgoing', 'act'] }],
  });
});

it('belongs to the person who asked, with the right it needs until the yes', async () => {
  const stage = await stageOf(1);
  for (const actor of [pia, audit, stranger])
    expect(await refusal(plan(stage, 'edit', all, actor))).toBe('access.denied');
  const change = await planEdit(stage, { profileId: 'p2' });
  const { id } = change;
  expect(await refusal(confirm(stage, change, true, abe))).toBe('bulk.not-yours');
  expect(await refusal(fillMailboxChange(stage, env, abe, id, 2, {}))).toBe('bulk.not-yours');
  expect(await refusal(turnMailboxChange(stage, env, abe, id, 2, 'cancelled'))).toBe('bulk.not-yours');
  for (const forged of ['forged', '', '../main', '__proto__'])
    expect(await refusal(confirm(stage, { ...change, id: forged }))).toBe('bulk.unknown');
  const { key, value } = await stage.stored('role', ada.aadObjectId);
  await stage.store.commit([{ kind: 'put', collection: 'role', key, value: { ...value, roles: ['viewer'] } }]);
  expect(await refusal(confirm(stage, change))).toBe('access.denied');
  expect((await stage.mailbox(first)).profileId).toBe('p1');
});

it('gives nobody a profile that is deleted before the yes, or before it is taken back', async () => {
  const stage = await stageOf(1);
  const change = await planEdit(stage, { profileId: 'p2' });
  const remove = (id: string) => stage.store.commit([{ kind: 'delete', collection: 'profile', key: `${env}/${id}` }]);
  await remove('p2');
  expect(await refusal(confirm(stage, change))).toBe('bulk.profile-gone');
  expect((await stage.mailbox(first)).profileId).toBe('p1');
  const done = await confirm(stage, await planEdit(stage, { profileId: 'none' }));
  await remove('p1');
  expect((await undo(stage, done)).result).toMatchObject({ restored: 0, left: 1 });
  expect((await stage.mailbox(first)).profileId).toBeNull();
});

it('does nothing after a cancel, and asks nothing about nothing', async () => {
  const stage = await stageOf(1);
  const change = await plan(stage, 'deactivate');
  await turnMailboxChange(stage, env, ada, change.id, 1, 'cancelled');
  expect(await confirm(stage, change)).toMatchObject({ state: 'cancelled', items: [] });
  expect((await stage.mailbox(first)).state).toBe('active');
  expect(await refusal(plan(stage, 'edit', { text: 'nobody' }))).toBe('bulk.nothing');
  expect(await refusalOf(plan(stage, 'activate'))).toEqual({
    code: 'bulk.all-so',
    params: { kind: 'activate', count: 1 },
  });
});

describe('apply defaults', () => {
  it('gives them and tests by default, ACT left out for queues', async () => {
    const stage = await stageOf(1, { profileId: null, incomingMethod: 0 });
    await stage.mailboxes(['queue@contoso.test'], { type: 'queue', actMethod: 2, profileId: null });
    const { result } = await confirm(stage, await plan(stage, 'apply-defaults'));
    expect(result).toMatchObject({ changed: 2, tested: 2 });
    expect(await stage.mailbox(first)).toMatchObject({ profileId: 'p1', incomingMethod: 2, actMethod: 1 });
    expect(await stage.mailbox('queue@contoso.test')).toMatchObject({ profileId: 'p1', actMethod: 2 });
    expect(await stage.all('run')).toMatchObject([{ total: 2, id: result?.runId }]);
  });

  it('does not test when told so, and tests those that had them already unless told so', async () => {
    const stage = await stageOf(2);
    await stage.change(first, { incomingMethod: 0 });
    expect((await confirm(stage, await plan(stage, 'apply-defaults'), false)).result).toMatchObject({
      changed: 1,
      runId: null,
    });
    expect(await stage.all('task')).toEqual([]);
    expect((await confirm(stage, await plan(stage, 'apply-defaults'))).result).toMatchObject({
      changed: 0,
      unchanged: 2,
      tested: 2,
    });
  });

  it('gives what was shown, also where the defaults change in between, and to active mailboxes alone', async () => {
    const stage = await stageOf(2, { incomingMethod: 0 });
    await stage.change(second, { state: 'inactive' });
    const change = await plan(stage, 'apply-defaults');
    await stage.settings({ incomingMethod: 3, defaultProfileId: 'p2' });
    await confirm(stage, change, false);
    expect(await stage.mailbox(first)).toMatchObject({ incomingMethod: 2, profileId: 'p1' });
    expect((await stage.mailbox(second)).incomingMethod).toBe(0);
  });

  it('does not test what is not approved (law 2)', async () => {
    const stage = await stageOf(1, { approval: approvalStatus.rejected, profileId: null });
    expect((await confirm(stage, await plan(stage, 'apply-defaults'))).result).toMatchObject({
      changed: 1,
      runId: null,
    });
  });
});

describe('deactivate and activate', () => {
  it('stops everything: no test, no check, no direction, no alert, and the run of it ends', async () => {
    const stage = await stageOf(2);
    await stage.store.commit(
      await pollChanges(stage, await stage.mailbox(second), await stage.get('profile', 'p1'), 0),
    );
    stage.exchange.answer = (address) => (address === first ? denied : null);
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, [await stage.mailbox(first)]);
    await stage.work();
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'y' }, [await stage.mailbox(first)]);
    expect(await stage.all('alert')).toHaveLength(1);
    const { result } = await confirm(stage, await plan(stage, 'deactivate'));
    expect(result).toMatchObject({ changed: 2, stopped: 1 });
    for (const address of [first, second])
      expect(await stage.mailbox(address)).toMatchObject({
        state: 'inactive',
        status: 0,
        incoming: { enabled: false, fault: null },
        act: { enabled: false },
      });
    expect([await stage.all('alert'), await stage.all('poll'), await stage.all('task')]).toEqual([[], [], []]);
    await stage.work();
    expect(await stage.all('incident')).toMatchObject([{ state: 'resolved', open: 0 }]);
    expect((await stage.all('run')).map(({ state }) => state)).toEqual(['completed', 'completed']);
    expect(await stage.audit('mailboxes.deactivated')).toMatchObject([
      { details: { code: 'InactiveMailbox', count: 2 } },
    ]);
  });

  it('lets a test that is under way enable nothing', async () => {
    const stage = await stageOf(1, { incoming: { ...works, enabled: false, status: 0 }, status: 0 });
    const held = stage.exchange.hold();
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, [await stage.mailbox(first)]);
    const runner = await stage.runTasks();
    await expect.poll(held.waiting).toBe(1);
    await confirm(stage, await plan(stage, 'deactivate'));
    held.release();
    await runner.idle();
    await runner.stop();
    await stage.fold();
    expect(await stage.mailbox(first)).toMatchObject({ state: 'inactive', incoming: { enabled: false } });
    expect(await stage.all('run')).toMatchObject([{ state: 'completed' }]);
  });

  it('takes a waiting mailbox out of its request, and asks anew when it is switched on again', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const { id } = await planImport(stage, env, ada, adaChat, `${first}\n${second}`);
    await confirmImport(stage, env, ada, id, false);
    const off = await plan(stage, 'deactivate', { text: first });
    expect(off.effect.withdrawn).toBe(1);
    expect((await confirm(stage, off)).result).toMatchObject({ withdrawn: 1 });
    expect(await stage.mailbox(first)).toMatchObject({ approval: approvalStatus.empty, approvalRequestId: null });
    expect(await stage.all('approvalRequest')).toMatchObject([{ total: 1, pending: 1 }]);
    expect((await confirm(stage, await plan(stage, 'activate', { text: first }))).result).toMatchObject({ asked: 1 });
    expect(await stage.mailbox(first)).toMatchObject({ state: 'active', approval: approvalStatus.pending });
    expect(await stage.all('approvalRequest')).toHaveLength(2);
    await decideMailboxes(stage, env, pia, [first, second], { verdict: 'approved', reason: null });
    const requests = await stage.all('approvalRequest');
    expect(requests.map(({ total, pending, approved }) => [total, pending, approved])).toEqual([
      [1, 0, 1],
      [1, 0, 1],
    ]);
  });

  it('activates nothing by itself: it has to be tested', async () => {
    const stage = await stageOf(1);
    await confirm(stage, await plan(stage, 'deactivate'));
    await confirm(stage, await plan(stage, 'activate'));
    expect(await stage.mailbox(first)).toMatchObject({ state: 'active', status: 0, incoming: { enabled: false } });
    expect(await stage.all('task')).toEqual([]);
  });
});

describe('undo', () => {
  it.each([
    ['edit', { profileId: 'p2', incomingMethod: '0' }],
    ['deactivate', null],
  ] as const)('takes %s back as one step: what worked works again and is checked', async (kind, inputs) => {
    const stage = await stageOf(2);
    const before = (await stage.all('mailbox')).map((mailbox) => ({ ...mailbox, revision: 0 }));
    const change = inputs === null ? await plan(stage, kind) : await planEdit(stage, { ...inputs });
    const done = await confirm(stage, change);
    const { effect } = await planUndo(stage, env, ada);
    expect(effect).toEqual({ restorable: 2, left: 0, sample: [] });
    let commits = 0;
    stage.store.onCommit(() => (commits += 1));
    expect((await undo(stage, done)).result).toMatchObject({ restored: 2, left: 0, working: 2 });
    expect(commits).toBe(1);
    expect((await stage.all('mailbox')).map((mailbox) => ({ ...mailbox, revision: 0 }))).toEqual(before);
    expect(await stage.all('poll')).toHaveLength(2);
    expect(await stage.audit('mailboxes.restored')).toMatchObject([
      { subjects: [first, second], details: { what: kind } },
    ]);
  });

  it('leaves whoever changed since, or is gone, and says so', async () => {
    const stage = await stageOf(3);
    const done = await confirm(stage, await planEdit(stage, { profileId: 'p2' }));
    await stage.change(first, { incomingMethod: 0 });
    await stage.store.commit([{ kind: 'delete', collection: 'mailbox', key: `${env}/${second}` }]);
    expect((await undo(stage, done)).result).toMatchObject({ restored: 1, left: 2, sample: [first, second] });
    expect(await stage.mailbox(first)).toMatchObject({ profileId: 'p2', incomingMethod: 0 });
    expect(await stage.mailbox(third)).toMatchObject({ profileId: 'p1', ...enabled });
  });

  it('takes back a change whose mailboxes were tested since, and names the run that stays', async () => {
    const stage = await stageOf(1, { profileId: 'p2' });
    const done = await confirm(stage, await plan(stage, 'apply-defaults'));
    await stage.work();
    expect(await stage.mailbox(first)).toMatchObject({ profileId: 'p1', incoming: works });
    const { step } = await planUndo(stage, env, ada);
    expect(step.runId).toBe(done.result?.runId);
    await undo(stage, done);
    expect(await stage.mailbox(first)).toMatchObject({ profileId: 'p2', incoming: works });
  });

  it('is done once for two clicks, and there is nothing to take back after it', async () => {
    const stage = await stageOf(1);
    const done = await confirm(stage, await plan(stage, 'deactivate'));
    const [one, two] = await Promise.all([undo(stage, done), undo(stage, done)]);
    expect(one).toEqual(two);
    expect(one.items).toEqual([]);
    expect(await stage.audit('mailboxes.restored')).toHaveLength(1);
    expect(await refusal(planUndo(stage, env, ada))).toBe('undo.nothing');
  });

  it('takes ten minutes, then it is too late and housekeeping forgets how it was', async () => {
    const stage = await stageOf(1);
    const done = await confirm(stage, await plan(stage, 'deactivate'));
    stage.clock.advance(undoMs);
    await planUndo(stage, env, ada);
    await sweep(stage, env);
    expect(await stage.all('undoStep')).toHaveLength(1);
    stage.clock.advance(1);
    expect(await refusalOf(undo(stage, done))).toEqual({ code: 'undo.too-late', params: { minutes: 10 } });
    await sweep(stage, env);
    expect(await stage.all('undoStep')).toEqual([]);
    expect(await refusal(undo(stage, done))).toBe('undo.nothing');
  });

  it('is of the last change alone, and of whoever made it', async () => {
    const stage = await stageOf(2);
    const one = await confirm(stage, await plan(stage, 'deactivate', { text: first }));
    const two = await confirm(stage, await plan(stage, 'deactivate', { text: second }));
    expect(await refusal(undo(stage, one))).toBe('undo.replaced');
    expect(await refusal(undo(stage, two, abe))).toBe('undo.nothing');
    expect(await refusal(undo(stage, two, pia))).toBe('access.denied');
    expect(await refusal(undo(stage, { ...two, id: '../ada' }))).toBe('undo.replaced');
    expect(await stage.all('undoStep')).toHaveLength(1);
    await undo(stage, two);
    expect((await stage.all('mailbox')).map(({ state }) => state)).toEqual(['inactive', 'active']);
  });

  it('enables nothing whose approval is missing by then (law 2), and asks again for one that waited', async () => {
    const stage = await stageOf(1);
    const done = await confirm(stage, await plan(stage, 'deactivate'));
    await stage.change(first, { approval: approvalStatus.rejected });
    expect((await undo(stage, done)).result).toMatchObject({ restored: 1, working: 0 });
    expect(await stage.mailbox(first)).toMatchObject({ state: 'active', incoming: { enabled: false }, status: 0 });

    const other = await MailroomStage.open();
    await other.profile();
    const { id } = await planImport(other, env, ada, adaChat, first);
    await confirmImport(other, env, ada, id, false);
    await undo(other, await confirm(other, await plan(other, 'deactivate')));
    expect(await other.mailbox(first)).toMatchObject({ state: 'active', approval: approvalStatus.pending });
    const waiting = (await other.all('approvalRequest')).reduce((sum, { pending }) => sum + pending, 0);
    expect(waiting).toBe(1);
  });

  it('keeps a bounded image: a handful of configurations for thousands, and one step a person', async () => {
    const stage = await stageOf(2000);
    for (const profileId of ['p2', 'p1']) await confirm(stage, await planEdit(stage, { profileId }));
    const steps = await stage.all('undoStep');
    expect(steps).toHaveLength(1);
    expect(steps[0]?.was).toHaveLength(1);
    expect(JSON.stringify(steps[0]).length / 2000).toBeLessThan(60);
  });
});
