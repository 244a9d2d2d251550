import { expect, it } from 'vitest';
import {
  confirmSettings,
  leaveSettingsReview,
  reviewSettings,
  type SettingsReview,
} from '../../../services/mailboxes/change-email-settings.ts';
import { answerProposal } from '../../../services/mailboxes/settings-proposals.ts';
import { approvalStatus, isEnabled } from '../../../services/model/mailbox.ts';
import type { SettingsEffect } from '../../../services/model/settings-effect.ts';
import { abe, ada, addresses, env, inOrder, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';

const review = async (stage: MailroomStage, inputs: Record<string, unknown>, revision?: number, actor = ada) =>
  reviewSettings(stage, env, actor, revision ?? (await stage.get('environment')).revision, 'delivery', inputs);

function draftOf(found: SettingsReview): string {
  if (found.kind !== 'asked') throw new Error(`not asked but ${found.kind}`);
  return found.draft.id;
}

async function effects(stage: MailroomStage, inputs: Record<string, unknown>): Promise<readonly SettingsEffect[]> {
  const found = await review(stage, inputs);
  return found.kind === 'asked' ? found.effects : [];
}

const works = { status: 1, enabled: true, fault: null } as const;
const working = { incoming: works, outgoing: works, act: works };

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
  await saveSettings(stage, { defaultProfileId: 'none' });
  await saveSettings(stage, {
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

it('refuses wrong values beside their fields, and changes nothing', async () => {
  const stage = await MailroomStage.open();
  const before = await stage.get('environment');
  const found = await review(stage, { incomingMethod: '4', defaultProfileId: 'forged', outgoingMethod: '0' });
  expect(found).toMatchObject({
    kind: 'refused',
    problems: {
      incomingMethod: { code: 'settings.invalid', params: { field: 'incomingMethod' } },
      defaultProfileId: { code: 'settings.invalid' },
    },
  });
  expect(await stage.get('environment')).toEqual(before);
  expect(await stage.all('settingsDraft')).toEqual([]);
});

it('saves nothing before the yes, and asks nobody about what changes nothing', async () => {
  const stage = await MailroomStage.open();
  const before = await stage.get('environment');
  expect((await review(stage, { incomingMethod: '0' })).kind).toBe('asked');
  expect((await review(stage, { incomingMethod: '2', requireApprovalForUsers: 'true' })).kind).toBe('unchanged');
  expect(await stage.get('environment')).toEqual(before);
  expect(await stage.audit('settings.changed')).toEqual([]);
});

it('saves nothing from an old card and shows the settings as they are (law 1)', async () => {
  const stage = await MailroomStage.open();
  const { revision } = await stage.get('environment');
  const id = draftOf(await review(stage, { incomingMethod: '3' }));
  await saveSettings(stage, { incomingMethod: 0 });
  expect(await review(stage, { incomingMethod: 3 }, revision)).toMatchObject({
    kind: 'stale',
    environment: { settings: { incomingMethod: 0 } },
  });
  // The yes to a review of before is void as well.
  expect(await confirmSettings(stage, env, ada, id)).toMatchObject({
    draft: { state: 'void' },
    environment: { settings: { incomingMethod: 0 } },
  });
});

it('lets one of two who save at the same instant win, and tells the other', async () => {
  const stage = await MailroomStage.open();
  const [first, second] = [
    draftOf(await review(stage, { incomingMethod: 0 })),
    draftOf(await review(stage, { incomingMethod: 3 }, undefined, abe)),
  ];
  const both = await Promise.all([confirmSettings(stage, env, ada, first), confirmSettings(stage, env, abe, second)]);
  expect(inOrder(both.map(({ draft }) => draft.state))).toEqual(['saved', 'void']);
  expect(await stage.audit('settings.changed')).toHaveLength(1);
});

it('saves once for two clicks (law 7)', async () => {
  const stage = await MailroomStage.open();
  const id = draftOf(await review(stage, { incomingMethod: 0 }));
  const both = await Promise.all([confirmSettings(stage, env, ada, id), confirmSettings(stage, env, ada, id)]);
  expect(both.map(({ draft }) => draft.state)).toEqual(['saved', 'saved']);
  expect(await stage.audit('settings.changed')).toHaveLength(1);
});

it('is left by the way back, and cannot be saved any more', async () => {
  const stage = await MailroomStage.open();
  const id = draftOf(await review(stage, { incomingMethod: 0 }));
  expect((await leaveSettingsReview(stage, env, ada, id)).draft.state).toBe('left');
  expect((await confirmSettings(stage, env, ada, id)).draft.state).toBe('left');
  expect((await stage.get('environment')).settings.incomingMethod).toBe(2);
});

it('needs the right, and is the author\u2019s alone', async () => {
  const stage = await MailroomStage.open();
  expect(await refusal(review(stage, {}, 1, pia))).toBe('access.denied');
  const id = draftOf(await review(stage, { incomingMethod: 0 }));
  expect(await refusal(confirmSettings(stage, env, pia, id))).toBe('access.denied');
  expect(await refusal(confirmSettings(stage, env, abe, id))).toBe('settings.draft-not-yours');
  expect(await refusal(leaveSettingsReview(stage, env, abe, id))).toBe('settings.draft-not-yours');
  expect(await refusal(confirmSettings(stage, env, ada, 'forged'))).toBe('settings.draft-unknown');
});

it('tells its effect in numbers before it is saved', async () => {
  const stage = await MailroomStage.open();
  await stage.settings({ requireApprovalForQueues: false });
  await stage.profile('p1');
  await stage.profile('p2', { authenticationProtocol: 2 });
  const [one = '', two = '', three = '', four = ''] = addresses(4);
  await stage.mailboxes([one], { profileId: 'p2', ...working });
  await stage.mailboxes([two], { profileId: 'p1', incomingMethod: 0 });
  await stage.mailboxes([three], { profileId: 'p1', type: 'queue', approval: approvalStatus.empty, ...working });
  await stage.mailboxes([four], { profileId: null, type: 'queue', actMethod: 2, approval: approvalStatus.pending });
  expect(
    await effects(stage, {
      defaultProfileId: 'p1',
      incomingMethod: '0',
      actMethod: '0',
      emailConnectionChannel: '1',
      requireApprovalForQueues: 'true',
      organizationStamp: 'true',
      maxUploadFileSizeKb: '1',
      alertsForWarnings: 'false',
    }),
  ).toEqual([
    { kind: 'second-person', controls: ['emailConnectionChannel'], alone: false },
    { kind: 'router-on', enabled: 2, runs: 0 },
    { kind: 'approval-on', type: 'queue', asked: 1, stopped: 1 },
    { kind: 'default-profile', same: 2, others: 2 },
    { kind: 'method', direction: 'incoming', others: 3 },
    { kind: 'method', direction: 'act', others: 3 },
    { kind: 'alerts-off', level: 'warning', open: 0 },
    { kind: 'attachment-size' },
    { kind: 'stamp-on', mailboxes: 3 },
  ]);
  await stage.settings({ allowAdBasedAuthenticationProtocols: true, requireApprovalForQueues: true });
  expect(
    await effects(stage, {
      defaultProfileId: 'none',
      allowAdBasedAuthenticationProtocols: 'false',
      requireApprovalForQueues: 'false',
      blockedAttachments: 'exe;brandnew',
    }),
  ).toEqual([
    { kind: 'second-person', controls: ['requireApprovalForQueues', 'blockedAttachments'], alone: false },
    { kind: 'approval-off', type: 'queue', waiting: 1 },
    { kind: 'no-default-profile', without: 1 },
    { kind: 'file-types', more: ['brandnew'], fewer: expect.arrayContaining(['bat', 'js']) },
    { kind: 'ntlm-off', profiles: 1, mailboxes: 1 },
  ]);
});

it.each([
  { alertsForErrors: 'false' },
  { blockedAttachments: 'exe' },
  { requireApprovalForQueues: 'false', incomingMethod: '0' },
])('takes a second person for %j, who agrees to the whole change (law 10)', async (inputs) => {
  const stage = await MailroomStage.open();
  const before = (await stage.get('environment')).settings;
  const { proposal, draft } = await saveSettings(stage, inputs);
  expect(draft.state).toBe('proposed');
  expect((await stage.get('environment')).settings).toEqual(before);
  expect(proposal).toMatchObject({ state: 'waiting', before });
  expect(await refusal(answerProposal(stage, env, ada, proposal?.id ?? '', true))).toBe('proposal.own');
  await answerProposal(stage, env, abe, proposal?.id ?? '', true);
  expect((await stage.get('environment')).settings).toEqual(draft.settings);
});

it('switches an approval requirement off only with a second person (law 10)', async () => {
  const stage = await MailroomStage.open();
  const { proposal } = await saveSettings(stage, { requireApprovalForUsers: 'false' });
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
  const { proposal } = await saveSettings(stage, { requireApprovalForUsers: 'false' });
  await saveSettings(stage, { incomingMethod: 0 });
  expect((await answerProposal(stage, env, pia, proposal?.id ?? '', true)).state).toBe('void');
  expect((await stage.get('environment')).settings.requireApprovalForUsers).toBe(true);
});

it('makes mailboxes wait and disables them when approval becomes required (law 2)', async () => {
  const stage = await MailroomStage.open();
  await stage.settings({ requireApprovalForUsers: false });
  await stage.mailboxes(addresses(2), { approval: approvalStatus.empty, ...working });
  await saveSettings(stage, { requireApprovalForUsers: 'true' });
  const [request] = await stage.all('approvalRequest');
  for (const mailbox of await stage.all('mailbox')) {
    expect(mailbox).toMatchObject({ approval: approvalStatus.pending, approvalRequestId: request?.id });
    expect(isEnabled(mailbox)).toBe(false);
  }
});

it('takes one of two answers that come at the same instant (law 7)', async () => {
  const stage = await MailroomStage.open();
  const { proposal } = await saveSettings(stage, { requireApprovalForUsers: 'false' });
  const id = proposal?.id ?? '';
  const both = await Promise.all([
    answerProposal(stage, env, pia, id, false),
    answerProposal(stage, env, abe, id, true),
  ]);
  expect(both.map(({ state }) => state)).toEqual(['refused', 'refused']);
  expect((await stage.get('environment')).settings.requireApprovalForUsers).toBe(true);
});
