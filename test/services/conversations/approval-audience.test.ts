import { expect, it } from 'vitest';
import { confirmRoleChange, planRoleChange, answerRoleChange } from '../../../services/access/change-roles.ts';
import { decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { approvalAudience } from '../../../services/conversations/approval-audience.ts';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import type { Actor } from '../../../services/model/access.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { keyOf } from '../../../services/storage/store.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  audit,
  conversation,
  env,
  MailroomStage,
  pete,
  pia,
} from '../../support/mailroom-stage.ts';

const chatOf = ({ aadObjectId }: Actor): string => `chat-${aadObjectId}`;

const opensChat = (stage: MailroomStage, { aadObjectId, name }: Actor): ReturnType<typeof recordConversation> =>
  recordConversation(
    stage.store,
    conversation(`chat-${aadObjectId}`, { kind: 'personal', aadObjectId, name }),
    stage.clock.now(),
  );

async function imports(stage: MailroomStage): Promise<ApprovalRequest> {
  await stage.profile();
  const { id } = await planImport(stage, env, ada, adaChat, addresses(3).join('\n'));
  await stage.sendAll();
  await confirmImport(stage, env, ada, id, false);
  const [request] = await stage.all('approvalRequest');
  if (request === undefined) throw new Error('no request');
  return request;
}

async function isDead(stage: MailroomStage, conversationId: string): Promise<void> {
  const { key, value } = await stage.stored('conversation', conversationId);
  await stage.store.commit([
    { kind: 'put', collection: 'conversation', key, value: { ...value, deadReason: 'blocked' } },
  ]);
}

it('without a channel a request goes to the approvers whose chats are known, and to nobody else', async () => {
  const stage = await MailroomStage.open();
  for (const person of [pia, abe, audit]) await opensChat(stage, person);
  await imports(stage);
  expect(await stage.wishes('approval')).toEqual([`${chatOf(pia)} approval`]);
  expect(await approvalAudience(stage.store, env, null)).toEqual({ channels: [], chats: [chatOf(pia)] });
});

it('with a channel it goes there alone', async () => {
  const stage = await MailroomStage.open();
  await opensChat(stage, pia);
  await stage.subscribe('approvers', { approvals: true });
  await imports(stage);
  expect(await stage.wishes('approval')).toEqual(['approvers approval']);
});

it('a channel that Teams refuses counts for nothing', async () => {
  const stage = await MailroomStage.open();
  await opensChat(stage, pia);
  await recordConversation(stage.store, conversation('approvers'), 0);
  await stage.subscribe('approvers', { approvals: true });
  await isDead(stage, 'approvers');
  await imports(stage);
  expect(await stage.wishes('approval')).toEqual([`${chatOf(pia)} approval`]);
});

it('when nobody can be reached it waits, and a channel that comes later gets it, as the import’s card then says', async () => {
  const stage = await MailroomStage.open();
  await imports(stage);
  expect(await stage.wishes('approval')).toEqual([]);
  expect(await approvalAudience(stage.store, env, null)).toEqual({ channels: [], chats: [] });
  await stage.sendAll();
  await stage.subscribe('approvers', { approvals: true });
  expect(await stage.wishes()).toEqual(['approvers approval', `${adaChat} import`]);
});

it('an approver who opens a chat for the first time, or again, gets what waits; a second message repeats nothing', async () => {
  const stage = await MailroomStage.open();
  await imports(stage);
  await stage.sendAll();
  await opensChat(stage, pia);
  expect(await stage.wishes()).toEqual([`${adaChat} import`, `${chatOf(pia)} approval`]);
  await stage.sendAll();
  await opensChat(stage, pia);
  await opensChat(stage, abe);
  expect(await stage.wishes()).toEqual([]);
  await isDead(stage, chatOf(pia));
  await opensChat(stage, pia);
  expect(await stage.wishes('approval')).toEqual([`${chatOf(pia)} approval`]);
});

it('an approver who opens a chat gets nothing there while a channel has the requests', async () => {
  const stage = await MailroomStage.open();
  await stage.subscribe('approvers', { approvals: true });
  await imports(stage);
  await stage.sendAll();
  await opensChat(stage, pia);
  expect(await stage.wishes()).toEqual([]);
});

it('who becomes an approver gets what waits', async () => {
  const stage = await MailroomStage.open();
  await opensChat(stage, audit);
  await imports(stage);
  await stage.sendAll();
  const person = { aadObjectId: audit.aadObjectId, name: audit.name, account: '' };
  const { id } = await planRoleChange(stage, env, ada, { deed: 'grant', role: 'approver', person });
  await confirmRoleChange(stage, env, ada, id);
  expect(await stage.wishes('approval')).toEqual([]);
  await answerRoleChange(stage, env, abe, id, true);
  expect(await stage.wishes('approval')).toEqual([`${chatOf(audit)} approval`]);
});

it('a decision changes every copy, in chats too, also one that was not sent yet', async () => {
  const stage = await MailroomStage.open();
  await opensChat(stage, pia);
  await opensChat(stage, pete);
  const request = await imports(stage);
  // Pete's has been sent, Pia's is on its way.
  const key = keyOf(env, chatOf(pete), 'approval', request.id);
  const message = {
    environmentId: env,
    conversationId: chatOf(pete),
    kind: 'approval',
    subjectId: request.id,
  } as const;
  await stage.store.commit([
    { kind: 'delete', collection: 'intent', key },
    { kind: 'put', collection: 'message', key, value: { ...message, activityId: 'a1', sentAt: 0, edits: 0 } },
  ]);
  await decideRequest(stage, env, pia, request.id, request.revision, 'all', { verdict: 'approved', reason: null });
  expect(await stage.wishes('approval')).toEqual([`${chatOf(pete)} approval`, `${chatOf(pia)} approval`]);
});
