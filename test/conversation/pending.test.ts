import { afterEach, beforeEach, expect, test } from 'vitest';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import { intentChange } from '../../services/conversations/intents.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { approvalStatus, newMailbox } from '../../services/model/mailbox.ts';
import type { Intent } from '../../services/model/intent.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ofType, textOf } from '../cards/card-client.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.dispose());

async function request(id: string): Promise<ApprovalRequest> {
  const { environmentId } = stage;
  const address = `${id}@contoso.test`;
  const value: ApprovalRequest = {
    environmentId,
    id,
    requestedBy: ada.aadObjectId,
    requestedByName: ada.name,
    requestedAt: 0,
    conversationId: 'a:29:ada',
    total: 1,
    pending: 1,
    approved: 0,
    rejected: 0,
    testWhenApproved: false,
    lastDecision: null,
    questions: [],
    withdrawal: null,
    approverSetId: null,
    stage: 'open',
    dueAt: null,
    revision: 1,
  };
  const mailbox = newMailbox(
    { environmentId, id: address, address, type: 'user', owner: '', importedBy: ada.aadObjectId, createdAt: 0 },
    { profileId: null, incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.pending },
  );
  await stage.services.store.commit([
    { kind: 'put', collection: 'approvalRequest', key: keyOf(environmentId, id), value },
    {
      kind: 'put',
      collection: 'mailbox',
      key: keyOf(environmentId, address),
      value: { ...mailbox, approvalRequestId: id },
    },
  ]);
  return value;
}

const say = async (person: Person, text: string) => {
  const adapter = stage.talk(person);
  await adapter.send(text).startTest();
  return adapter.activeQueue;
};

async function wishes(): Promise<Intent[]> {
  return (await stage.services.store.query('intent', { limit: 10 })).map(({ value }) => value);
}

/** What the outbox would post for the first wish. */
async function shown() {
  const [intent] = await wishes();
  if (intent === undefined) throw new Error('no wish');
  const key = keyOf(stage.environmentId, intent.conversationId);
  const reference = (await stage.services.store.get('conversation', key))?.value;
  if (reference === undefined) throw new Error('no conversation');
  const rendered = await renderIntent(stage.services, intent, reference);
  if (rendered === 'gone') throw new Error('gone');
  return rendered.card;
}

test('a single request is shown by its own card, as the newest message, so that it follows a decision', async () => {
  await request('r1');
  expect(await say(ada, 'pending')).toMatchObject([{ text: 'The request comes below.' }]);
  expect(await wishes()).toMatchObject([{ kind: 'approval', subjectId: 'r1', placement: 'repost' }]);
});

test('who does not decide is asked nothing, and reads who decides', async () => {
  await request('r1');
  await say(ben, 'help');
  await stage.services.store.commit(
    (await stage.services.store.query('intent', { limit: 10 })).map(({ key }) => ({
      kind: 'delete',
      collection: 'intent',
      key,
    })),
  );
  await say(ada, 'pending');
  const card = await shown();
  expect(ofType(card, 'Action.Execute')).toMatchObject([{ verb: 'approval.withdraw' }]);
  expect(textOf(card)).toContain('Nothing for you to do: Ben Brandt decides.');
});

test('an approver whose first message is to come gets what waits, with its buttons', async () => {
  await request('r1');
  await say(ben, 'help');
  expect(ofType(await shown(), 'Action.Execute')).not.toEqual([]);
});

test('of several, the one that is chosen comes below the list', async () => {
  await request('r1');
  await request('r2');
  const [list] = await say(ada, 'pending');
  expect(textOf(list?.attachments?.[0]?.content)).toContain('Choose Show to see the mailboxes and who decides.');
  const adapter = stage.talk(ada);
  const action = { type: 'Action.Execute', verb: 'approval.show', data: { id: 'r2', revision: 1 } };
  await adapter.send({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } }).startTest();
  expect(JSON.stringify(adapter.activeQueue)).toContain('The request comes below.');
  expect(await wishes()).toMatchObject([{ kind: 'approval', subjectId: 'r2', placement: 'repost' }]);
});

test('many that nobody decided about come as one list, each with its button', async () => {
  for (const id of ['r1', 'r2', 'r3', 'r4']) await request(id);
  await say(ben, 'help');
  const wish = intentChange(stage.environmentId, 'pending-list', '2026-01-06', `a:${ben.id}`, 0, 'repost');
  const kept = await stage.services.store.query('intent', { limit: 10 });
  await stage.services.store.commit([
    ...kept.map(({ key }) => ({ kind: 'delete', collection: 'intent', key }) as const),
    wish,
  ]);
  const card = await shown();
  expect(textOf(card)).toContain('4 mailboxes waiting');
  const show = ofType(card, 'Action.Execute').filter(({ verb }) => verb === 'approval.show');
  const ids = show.map(({ data }) => (data as { id: string }).id);
  expect(new Set(ids)).toEqual(new Set(['r1', 'r2', 'r3', 'r4']));
});
