import { describe, expect, it } from 'vitest';
import { decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { changeAddress, editMailbox } from '../../../services/mailboxes/edit-mailbox.ts';
import { approvalStatus, type Mailbox } from '../../../services/model/mailbox.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { pollChanges } from '../../../services/testing/poll-changes.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import { abe, ada, adaChat, audit, env, MailroomStage, pia, refusal, stranger } from '../../support/mailroom-stage.ts';

const kim = 'kim@contoso.test';
const works = { status: 1, enabled: true, fault: null } as const;
const enabled = { incoming: works, outgoing: works, act: works, status: 1 } as const;
const untested = { status: 0, enabled: false, fault: null };
const denied: Fault = { code: 'ErrorImpersonateUserDenied', params: { address: kim } };

async function stageWith(changes: Partial<Mailbox> = {}): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile('p2');
  await stage.profile('p1');
  await stage.mailboxes([kim], { ...enabled, ...changes });
  return stage;
}

async function edit(stage: MailroomStage, inputs: Record<string, string>, actor = ada, revision?: number) {
  const now = revision ?? (await stage.mailbox(kim)).revision;
  return editMailbox(stage, env, actor, kim, now, inputs, adaChat);
}

describe('a value of the form', () => {
  it.each([
    ['profileId', 'p2', 'p2'],
    ['profileId', 'none', null],
    ['incomingMethod', '0', 0],
    ['incomingMethod', '1', 1],
    ['incomingMethod', '3', 3],
    ['outgoingMethod', '0', 0],
    ['outgoingMethod', '1', 1],
    ['actMethod', '0', 0],
    ['actMethod', '2', 2],
    ['processEmailsReceivedAfter', '2025-01-31', '2025-01-31'],
    ['processEmailsReceivedAfter', '1753-01-01', '1753-01-01'],
    ['processEmailsReceivedAfter', '2024-02-29', '2024-02-29'],
    ['owner', '  Kim Lee  ', 'Kim Lee'],
    ['owner', 'x'.repeat(200), 'x'.repeat(200)],
    ['owner', '', kim],
    ['type', 'queue', 'queue'],
  ] as const)('is right and stored exactly: %s %s', async (field, typed, stored) => {
    const stage = await stageWith({ owner: 'Before' });
    expect(await edit(stage, { [field]: typed })).toMatchObject({ stale: false, errors: {} });
    expect((await stage.mailbox(kim))[field]).toBe(stored);
  });

  it.each([
    ['profileId', 'forged', 'mailbox.profile-unknown'],
    ['profileId', '../p1', 'mailbox.profile-unknown'],
    ['profileId', '__proto__', 'mailbox.profile-unknown'],
    ['incomingMethod', '4', 'mailbox.method-unknown'],
    ['incomingMethod', '-1', 'mailbox.method-unknown'],
    ['incomingMethod', '2.0', 'mailbox.method-unknown'],
    ['incomingMethod', '', 'mailbox.method-unknown'],
    ['outgoingMethod', '3', 'mailbox.method-unknown'],
    ['outgoingMethod', 'constructor', 'mailbox.method-unknown'],
    ['actMethod', '3', 'mailbox.method-unknown'],
    ['processEmailsReceivedAfter', '2025-02-29', 'profile.received-after-invalid'],
    ['processEmailsReceivedAfter', '31.01.2025', 'profile.received-after-invalid'],
    ['processEmailsReceivedAfter', '1752-12-31', 'profile.received-after-invalid'],
    ['owner', 'x'.repeat(201), 'mailbox.owner-too-long'],
    ['owner', 'Kim\u0007', 'mailbox.owner-invalid'],
    ['type', 'room', 'mailbox.type-unknown'],
    ['type', '', 'mailbox.type-unknown'],
  ])('is refused beside its field, and nothing changes: %s %s', async (field, typed, code) => {
    const stage = await stageWith();
    const before = await stage.mailbox(kim);
    const result = await edit(stage, { owner: 'Somebody', [field]: typed });
    expect(result).toMatchObject({ errors: { [field]: code }, effect: null });
    expect(Object.keys(result.errors)).toEqual([field]);
    expect(await stage.mailbox(kim)).toEqual(before);
  });

  it('is refused together with every other wrong one', async () => {
    const stage = await stageWith();
    const { errors } = await edit(stage, {
      type: 'x',
      profileId: 'x',
      actMethod: '9',
      processEmailsReceivedAfter: 'x',
    });
    expect(Object.keys(errors).sort()).toEqual(['actMethod', 'processEmailsReceivedAfter', 'profileId', 'type']);
  });
});

describe('what a change means', () => {
  it('a direction that is not server-side any more is neither tested nor enabled; the others go on', async () => {
    const stage = await stageWith();
    const { effect } = await edit(stage, { actMethod: '2' });
    expect(effect).toMatchObject({ voided: ['act'], stopped: ['act'] });
    expect(await stage.mailbox(kim)).toMatchObject({ incoming: works, outgoing: works, act: untested, status: 1 });
  });

  it('another profile makes everything void until it is tested, and no check goes on', async () => {
    const stage = await stageWith();
    await stage.store.commit(await pollChanges(stage, await stage.mailbox(kim), await stage.get('profile', 'p1'), 0));
    expect(await stage.all('poll')).toHaveLength(1);
    const { effect } = await edit(stage, { profileId: 'p2' });
    expect(effect?.stopped).toEqual(['incoming', 'outgoing', 'act']);
    expect(await stage.mailbox(kim)).toMatchObject({
      profileId: 'p2',
      incoming: untested,
      act: untested,
      status: 0,
      lastTestedAt: null,
    });
    expect(await stage.all('poll')).toEqual([]);
  });

  it('an owner and a day change nothing that works', async () => {
    const stage = await stageWith();
    const { effect } = await edit(stage, { owner: 'Lee', processEmailsReceivedAfter: '2025-01-31' });
    expect(effect).toMatchObject({ voided: [], stopped: [], asked: false });
    expect(await stage.mailbox(kim)).toMatchObject(enabled);
  });

  it('queues have no ACT, also where a mailbox becomes one', async () => {
    const stage = await stageWith();
    await edit(stage, { type: 'queue', actMethod: '1' });
    expect(await stage.mailbox(kim)).toMatchObject({ type: 'queue', actMethod: 2, act: untested, incoming: works });
    expect((await edit(stage, { actMethod: '1' })).errors).toEqual({ actMethod: 'mailbox.act-of-queue' });
  });

  it('settles alerts and incidents of directions that are gone, and keeps those of the others', async () => {
    const failed = { status: 2, enabled: false, fault: denied } as const;
    const stage = await stageWith({
      status: 0,
      incoming: untested as never,
      outgoing: untested as never,
      act: untested as never,
    });
    stage.exchange.answer = () => denied;
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, [await stage.mailbox(kim)]);
    await stage.work();
    expect(await stage.all('incident')).toMatchObject([{ state: 'open', open: 1 }]);
    expect((await stage.mailbox(kim)).incoming).toMatchObject(failed);
    await edit(stage, { profileId: 'p2' });
    expect(await stage.all('alert')).toEqual([]);
    await stage.fold();
    expect(await stage.all('incident')).toMatchObject([{ state: 'resolved', open: 0 }]);
    expect(await stage.all('outcome')).toHaveLength(1);
  });

  it('a test under way with the old profile enables nothing: it is made anew', async () => {
    const stage = await stageWith({
      incoming: untested as never,
      outgoing: untested as never,
      act: untested as never,
      status: 0,
    });
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, [await stage.mailbox(kim)]);
    const task = await stage.task(kim);
    if (task === undefined) throw new Error('no task');
    await stage.store.commit([
      { kind: 'put', collection: 'task', key: task.key, value: { ...task.value, state: 'claimed', claims: 1 } },
    ]);
    await edit(stage, { profileId: 'p2' });
    const again = (await stage.task(kim))?.value;
    expect(again).toMatchObject({ state: 'ready', profileId: 'p2', claims: 0, runId: task.value.runId });
    expect(again?.id).not.toBe(task.value.id);
    await stage.work();
    expect(await stage.mailbox(kim)).toMatchObject({ profileId: 'p2', incoming: works });
    expect(await stage.all('run')).toMatchObject([{ state: 'completed', done: 1 }]);
  });

  it('is in the trail with before and after, in one commit', async () => {
    const stage = await stageWith();
    let commits = 0;
    stage.store.onCommit(() => (commits += 1));
    await edit(stage, { profileId: 'p2', owner: 'Lee' });
    expect(commits).toBe(1);
    expect(await stage.audit('mailbox.changed')).toMatchObject([
      { actorId: 'ada', subjects: [kim], details: { owner: 'Lee', 'profileId.before': 'p1', profileId: 'p2' } },
    ]);
  });
});

describe('approval', () => {
  it('nobody leads a mailbox around the approvers by another type', async () => {
    const stage = await stageWith({ approval: approvalStatus.rejected });
    await stage.settings({ requireApprovalForQueues: false });
    expect((await edit(stage, { type: 'queue' })).errors).toEqual({ type: 'mailbox.type-needs-approval' });
  });

  it('a type that needs an approval asks for it, and enables nothing meanwhile', async () => {
    const stage = await stageWith({ approval: approvalStatus.empty });
    await stage.settings({ requireApprovalForUsers: false });
    expect((await edit(stage, { type: 'queue' })).effect?.asked).toBe(true);
    const mailbox = await stage.mailbox(kim);
    expect(mailbox).toMatchObject({ approval: approvalStatus.pending, incoming: { enabled: false } });
    expect(await stage.all('approvalRequest')).toMatchObject([{ id: mailbox.approvalRequestId, pending: 1 }]);
  });

  it('a card of before another profile decides nothing', async () => {
    const stage = await stageWith();
    const { id } = await planImport(stage, env, ada, adaChat, 'new@contoso.test');
    await confirmImport(stage, env, ada, id, false);
    const [seen] = await stage.all('approvalRequest');
    if (seen === undefined) throw new Error('no request');
    await editMailbox(stage, env, ada, 'new@contoso.test', 1, { profileId: 'p2' }, adaChat);
    const decision = { verdict: 'approved', reason: null } as const;
    expect((await decideRequest(stage, env, pia, seen.id, seen.revision, 'all', decision)).stale).toBe(true);
  });
});

it('a card of before changes nothing and gets the mailbox as it is; equal values change nothing', async () => {
  const stage = await stageWith();
  await stage.change(kim, { owner: 'Other' });
  expect(await edit(stage, { owner: 'Mine' }, ada, 1)).toMatchObject({ stale: true, mailbox: { owner: 'Other' } });
  expect(await edit(stage, { owner: 'Other', incomingMethod: '2' })).toMatchObject({ effect: null, errors: {} });
  expect(await stage.audit('mailbox.changed')).toEqual([]);
});

it('is for admins alone, and only of mailboxes that are there', async () => {
  const stage = await stageWith();
  for (const actor of [pia, audit, stranger]) {
    expect(await refusal(edit(stage, { owner: 'x' }, actor))).toBe('access.denied');
    expect(await refusal(changeAddress(stage, env, actor, kim, 1, 'a@b.test', adaChat))).toBe('access.denied');
  }
  for (const id of ['', '../main', '__proto__', 'nobody@contoso.test'])
    expect(await refusal(editMailbox(stage, env, ada, id, 1, {}, adaChat))).toBe('mailbox.unknown');
});

describe('another address', () => {
  const lee = 'lee@contoso.test';
  const rename = async (stage: MailroomStage, typed: string, revision?: number) =>
    changeAddress(stage, env, ada, kim, revision ?? (await stage.mailbox(kim)).revision, typed, adaChat);

  it('renames the record, voids what was tested, asks for approval and frees the old one, in one commit', async () => {
    const stage = await stageWith({ owner: kim });
    await stage.store.commit(await pollChanges(stage, await stage.mailbox(kim), await stage.get('profile', 'p1'), 0));
    let commits = 0;
    stage.store.onCommit(() => (commits += 1));
    const { mailbox, effect } = await rename(stage, ' Lee@Contoso.test ');
    expect(commits).toBe(1);
    expect(effect?.asked).toBe(true);
    expect(mailbox).toMatchObject({
      id: lee,
      address: lee,
      owner: lee,
      approval: approvalStatus.pending,
      incoming: untested,
      lastTestedAt: null,
      profileId: 'p1',
    });
    expect(await stage.mailbox(lee)).toEqual(mailbox);
    expect((await stage.all('mailbox')).map(({ address }) => address)).toEqual([lee]);
    expect(await stage.all('poll')).toEqual([]);
    expect(await stage.all('approvalRequest')).toMatchObject([{ pending: 1, id: mailbox.approvalRequestId }]);
    expect(await stage.audit('mailbox.address-changed')).toMatchObject([{ subjects: [lee, kim] }]);
  });

  it('keeps its place in the request where it waits already, and needs none where none is required', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const { id } = await planImport(stage, env, ada, adaChat, `${kim}\nother@contoso.test`);
    await confirmImport(stage, env, ada, id, false);
    const before = await stage.all('approvalRequest');
    await rename(stage, lee);
    expect(await stage.all('approvalRequest')).toEqual([{ ...before[0], revision: 2 }]);
    expect((await stage.mailbox(lee)).approvalRequestId).toBe(before[0]?.id);
    await stage.settings({ requireApprovalForUsers: false });
    await changeAddress(stage, env, ada, lee, (await stage.mailbox(lee)).revision, kim, adaChat);
    expect(await stage.mailbox(kim)).toMatchObject({ approval: approvalStatus.empty, approvalRequestId: null });
    expect(await stage.all('approvalRequest')).toMatchObject([{ total: 1, pending: 1 }]);
  });

  it('takes a test of a run along, and its alerts away', async () => {
    const stage = await stageWith();
    await stage.settings({ requireApprovalForUsers: false });
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, [await stage.mailbox(kim)]);
    await rename(stage, lee);
    expect((await stage.all('task')).map(({ subjectId }) => subjectId)).toEqual([lee]);
    await stage.work();
    expect(await stage.all('run')).toMatchObject([{ state: 'completed', succeeded: 1 }]);
    expect(await stage.mailbox(lee)).toMatchObject({ incoming: works });
  });

  it.each([
    ['', 'mailbox.address-invalid'],
    ['not an address', 'mailbox.address-invalid'],
    [`${'x'.repeat(95)}@b.test`, 'mailbox.address-invalid'],
    ['../x@b.test', 'mailbox.address-invalid'],
    [kim.toUpperCase(), 'mailbox.address-same'],
    ['taken@contoso.test', 'mailbox.address-taken'],
  ])('is refused beside its field: %s', async (typed, code) => {
    const stage = await stageWith();
    await stage.mailboxes(['taken@contoso.test']);
    const before = await stage.all('mailbox');
    expect(await rename(stage, typed)).toMatchObject({ errors: { address: code }, effect: null });
    expect(await stage.all('mailbox')).toEqual(before);
  });

  it('is done once for two clicks, and one of two new mailboxes of that name is refused', async () => {
    const stage = await stageWith();
    await stage.mailboxes(['abe@contoso.test']);
    const both = await Promise.all([
      rename(stage, lee, 1),
      changeAddress(stage, env, abe, 'abe@contoso.test', 1, lee, adaChat),
    ]);
    expect(both.map(({ errors }) => errors)).toEqual([{}, { address: 'mailbox.address-taken' }]);
    expect(await stage.store.get('mailbox', keyOf(env, kim))).toBeUndefined();
    expect(await refusal(changeAddress(stage, env, ada, kim, 1, 'z@b.test', adaChat))).toBe('mailbox.unknown');
  });
});
