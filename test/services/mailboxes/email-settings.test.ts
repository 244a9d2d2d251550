import { expect, it } from 'vitest';
import { changeEmailSettings } from '../../../services/mailboxes/change-email-settings.ts';
import { answerProposal } from '../../../services/mailboxes/settings-proposals.ts';
import { approvalStatus, isEnabled } from '../../../services/model/mailbox.ts';
import {
  abe,
  ada,
  addresses,
  env,
  inOrder,
  MailroomStage,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';

const change = async (stage: MailroomStage, inputs: Record<string, unknown>, revision?: number, actor = ada) =>
  changeEmailSettings(stage, env, actor, revision ?? (await stage.get('environment')).revision, inputs);

it('starts as the platform does: everything server-side, both approvals required', async () => {
  const stage = await MailroomStage.open();
  expect((await stage.get('environment')).settings).toMatchObject({
    defaultProfileId: null,
    incomingMethod: 2,
    outgoingMethod: 2,
    actMethod: 1,
    requireApprovalForUsers: true,
    requireApprovalForQueues: true,
    allowAdBasedAuthenticationProtocols: false,
    organizationStamp: false,
  });
});

it('saves what a card sends, keeps what it leaves out, and writes down what changed', async () => {
  const stage = await MailroomStage.open();
  const { id } = await stage.profile();
  await stage.mailboxes(addresses(1), { incomingMethod: 0 });
  await change(stage, { defaultProfileId: 'none' });
  await change(stage, {
    defaultProfileId: id,
    incomingMethod: '3',
    outgoingMethod: 0,
    requireApprovalForUsers: 'true',
  });
  expect((await stage.get('environment')).settings).toMatchObject({
    defaultProfileId: id,
    incomingMethod: 3,
    outgoingMethod: 0,
    actMethod: 1,
  });
  expect((await stage.audit('settings.changed')).at(-1)).toMatchObject({
    actorId: 'ada',
    subjects: ['defaultProfileId', 'incomingMethod', 'outgoingMethod'],
    details: { defaultProfileId: id, incomingMethod: 3, outgoingMethod: 0 },
  });
  // Existing mailboxes never change by themselves.
  expect((await stage.mailbox(addresses(1)[0] ?? '')).incomingMethod).toBe(0);
});

it.each([
  [{ incomingMethod: '4' }, 'incomingMethod'],
  [{ incomingMethod: 2.5 }, 'incomingMethod'],
  [{ incomingMethod: [2] }, 'incomingMethod'],
  [{ outgoingMethod: '3' }, 'outgoingMethod'],
  [{ actMethod: 'constructor' }, 'actMethod'],
  [{ actMethod: null }, 'actMethod'],
  [{ requireApprovalForUsers: 'perhaps' }, 'requireApprovalForUsers'],
  [{ requireApprovalForQueues: 0 }, 'requireApprovalForQueues'],
  [{ organizationStamp: 'on' }, 'organizationStamp'],
  [{ defaultProfileId: 'forged' }, 'defaultProfileId'],
  [{ defaultProfileId: { id: 'p1' } }, 'defaultProfileId'],
])('refuses %j and changes nothing', async (inputs, field) => {
  const stage = await MailroomStage.open();
  const before = await stage.get('environment');
  expect(await refusalOf(change(stage, { ...inputs }))).toEqual({ code: 'settings.invalid', params: { field } });
  expect(await stage.get('environment')).toEqual(before);
});

it('saves nothing from an old card and shows the settings as they are (law 1)', async () => {
  const stage = await MailroomStage.open();
  const { revision } = await stage.get('environment');
  await change(stage, { incomingMethod: 0 });
  const stale = await change(stage, { incomingMethod: 3 }, revision);
  expect(stale).toMatchObject({ stale: true, environment: { settings: { incomingMethod: 0 } } });
});

it('lets one of two who save at the same instant win, and tells the other', async () => {
  const stage = await MailroomStage.open();
  const { revision } = await stage.get('environment');
  const both = await Promise.all([
    change(stage, { incomingMethod: 0 }, revision),
    change(stage, { incomingMethod: 3 }, revision, abe),
  ]);
  expect(inOrder(both.map(({ stale }) => stale))).toEqual([false, true]);
  expect(await stage.audit('settings.changed')).toHaveLength(1);
});

it('needs the right', async () => {
  const stage = await MailroomStage.open();
  expect(await refusal(change(stage, {}, 1, pia))).toBe('access.denied');
});

it('switches an approval requirement off only with a second person (law 10)', async () => {
  const stage = await MailroomStage.open();
  const { proposal } = await change(stage, { requireApprovalForUsers: 'false' });
  expect(proposal?.state).toBe('waiting');
  expect((await stage.get('environment')).settings.requireApprovalForUsers).toBe(true);
  const id = proposal?.id ?? '';
  expect(await refusal(answerProposal(stage, env, ada, id, true))).toBe('proposal.own');
  expect((await answerProposal(stage, env, pia, id, true)).state).toBe('agreed');
  expect((await stage.get('environment')).settings.requireApprovalForUsers).toBe(false);
  expect((await stage.audit()).slice(-2).map(({ kind, actorId }) => [kind, actorId])).toEqual([
    ['settings.proposed', 'ada'],
    ['settings.changed', 'pia'],
  ]);
});

it('makes a proposal void when the settings changed meanwhile (law 10)', async () => {
  const stage = await MailroomStage.open();
  const { proposal } = await change(stage, { requireApprovalForUsers: 'false' });
  await change(stage, { incomingMethod: 0 });
  expect((await answerProposal(stage, env, pia, proposal?.id ?? '', true)).state).toBe('void');
  expect((await stage.get('environment')).settings.requireApprovalForUsers).toBe(true);
});

it('makes mailboxes wait and disables them when approval becomes required (law 2)', async () => {
  const stage = await MailroomStage.open();
  await stage.settings({ requireApprovalForUsers: false });
  const works = { status: 1, enabled: true, fault: null } as const;
  await stage.mailboxes(addresses(2), { approval: approvalStatus.empty, incoming: works, outgoing: works, act: works });
  await change(stage, { requireApprovalForUsers: 'true' });
  const [request] = await stage.all('approvalRequest');
  for (const mailbox of await stage.all('mailbox')) {
    expect(mailbox).toMatchObject({ approval: approvalStatus.pending, approvalRequestId: request?.id });
    expect(isEnabled(mailbox)).toBe(false);
  }
});

it('takes one of two answers that come at the same instant (law 7)', async () => {
  const stage = await MailroomStage.open();
  const { proposal } = await change(stage, { requireApprovalForUsers: 'false' });
  const id = proposal?.id ?? '';
  const both = await Promise.all([
    answerProposal(stage, env, pia, id, false),
    answerProposal(stage, env, abe, id, true),
  ]);
  expect(both.map(({ state }) => state)).toEqual(['refused', 'refused']);
  expect((await stage.get('environment')).settings.requireApprovalForUsers).toBe(true);
});
