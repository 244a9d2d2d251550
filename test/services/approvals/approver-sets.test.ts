import { beforeEach, describe, expect, it } from 'vitest';
import { auditSentence } from '../../../cards/audit-words.ts';
import { answerRoleChange, confirmRoleChange, planRoleChange } from '../../../services/access/change-roles.ts';
import { decideMailboxes, decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { decidersOf } from '../../../services/approvals/deciders.ts';
import { requestsToDecide } from '../../../services/approvals/requests-to-decide.ts';
import { askAgain } from '../../../services/approvals/withdraw-request.ts';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { followRequests } from '../../../services/jobs/approval-watch.ts';
import { planBulkAction } from '../../../services/mailboxes/bulk-actions.ts';
import { changeAddress, editMailbox } from '../../../services/mailboxes/edit-mailbox.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import type { Actor } from '../../../services/model/access.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import type { ApproverSet } from '../../../services/model/approver-set.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import {
  abe,
  ada,
  adaChat,
  conversation,
  env,
  inOrder,
  pete,
  pia,
  refusal,
  refusalOf,
  type MailroomStage,
} from '../../support/mailroom-stage.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';

const approved = { verdict: 'approved', reason: null } as const;
const user = 'ada@contoso.test';
const queue = 'sales@contoso.test';
const day = 24 * 60 * 60 * 1000;
let stage: MailroomStage;

const queues: ApproverSet = {
  id: 'queues',
  name: 'Queues',
  profileId: null,
  mailboxType: 'queue',
  members: ['pete'],
  secondSetId: null,
};

beforeEach(async () => {
  stage = await approvalStage();
  await stage.settings({ approverSets: [queues] });
});

const decide = (request: ApprovalRequest, actor: Actor) =>
  decideRequest(stage, env, actor, request.id, request.revision, 'all', approved);
const imports = (rows: string): Promise<ApprovalRequest> => requestFor(stage, [rows]);
const requests = (): Promise<ApprovalRequest[]> => stage.all('approvalRequest');
const requestOf = async (address: string): Promise<ApprovalRequest> =>
  stage.get('approvalRequest', (await stage.mailbox(address)).approvalRequestId ?? '');
const chats = async (...people: readonly Actor[]): Promise<void> => {
  for (const { aadObjectId, name } of people)
    await recordConversation(
      stage.store,
      conversation(`chat-${aadObjectId}`, { kind: 'personal', aadObjectId, name }),
      stage.clock.now(),
    );
};
const withoutChannel = (): Promise<unknown> => stage.subscribe('approvers', { approvals: false });

it('an import is split: a request and a card for each set, one for all others, in one commit', async () => {
  const rows = [user, 'eve@contoso.test', `${queue},queue`].join('\n');
  const { id } = await planImport(stage, env, ada, adaChat, rows);
  let commits = 0;
  const stop = stage.store.onCommit(() => (commits += 1));
  await confirmImport(stage, env, ada, id, false);
  stop();
  expect(commits).toBe(1);
  expect(inOrder((await requests()).map(({ approverSetId, total }) => [approverSetId, total]))).toEqual([
    ['queues', 1],
    [null, 2],
  ]);
  expect((await requestOf(queue)).approverSetId).toBe('queues');
  expect(await stage.wishes('approval')).toEqual(['approvers approval', 'approvers approval']);
});

describe('only members decide', () => {
  it('by a card', async () => {
    const request = await imports(`${queue},queue`);
    expect(await refusalOf(decide(request, pia))).toEqual({
      code: 'approval.other-set',
      params: { count: 1, names: 'none', set: 'Queues' },
    });
    expect((await decide(request, pete)).request.approved).toBe(1);
  });

  it('by an address: the others are named in the result', async () => {
    await imports([user, `${queue},queue`].join('\n'));
    expect(await decideMailboxes(stage, env, pia, [user, queue], approved)).toMatchObject({
      decided: [user],
      ofOtherSets: [queue],
      own: [],
    });
    expect(await refusal(decideMailboxes(stage, env, pia, [queue], approved))).toBe('approval.other-set');
    expect((await stage.mailbox(queue)).approval).toBe(approvalStatus.pending);
  });

  it('by a filter: the question counts the others, and a list offers only what is theirs', async () => {
    await imports([user, `${queue},queue`].join('\n'));
    expect(await planBulkAction(stage, env, pia, 'approve', 'all')).toMatchObject({
      mailboxIds: [user],
      ofOtherSets: 1,
    });
    expect(await refusal(planBulkAction(stage, env, pia, 'approve', 'type:queue'))).toBe('approval.other-set');
    expect(await requestsToDecide(stage, env, pia)).toEqual([(await requestOf(user)).id]);
    expect(await requestsToDecide(stage, env, pete)).toHaveLength(2);
  });

  it('where one is held back by four-eyes and another set has the rest, nothing is decided and both are named', async () => {
    await giveRoles(stage, ada, ['admin', 'approver']);
    await imports([user, `${queue},queue`].join('\n'));
    expect(await decideMailboxes(stage, env, ada, [user, queue], approved)).toMatchObject({
      decided: [],
      own: [user],
      ofOtherSets: [queue],
    });
  });

  it('whoever has lost the role does not, and where nobody of the set is left, every approver does', async () => {
    const request = await imports(`${queue},queue`);
    expect(await decidersOf(stage, env, request)).toMatchObject({ ids: ['pete'], setName: 'Queues', fallsBack: false });
    await giveRoles(stage, pete, []);
    expect(await refusal(decide(request, pete))).toBe('access.denied');
    expect(await decidersOf(stage, env, request)).toMatchObject({ ids: ['pia'], setName: 'Queues', fallsBack: true });
    expect((await decide(request, pia)).request.approved).toBe(1);
  });

  it('a set whose only member has asked gives way to the other approvers', async () => {
    await giveRoles(stage, pete, ['admin', 'approver']);
    const request = await requestFor(stage, [`${queue},queue`], pete);
    expect(await refusal(decide(request, pete))).toBe('approval.own');
    expect((await decide(request, pia)).request.approved).toBe(1);
  });
});

/** The real store, but somebody does something else after the decision has read all it needs. */
function interrupted(work: () => Promise<unknown>): MailroomStage['store'] {
  const { store } = stage;
  let isDone = false;
  return Object.create(store, {
    commit: {
      value: async (...given: Parameters<typeof store.commit>) => {
        if (!isDone) {
          isDone = true;
          await work();
        }
        return store.commit(...given);
      },
    },
    get: { value: store.get.bind(store) },
    query: { value: store.query.bind(store) },
  }) as MailroomStage['store'];
}

/** What a decision is refused with during which somebody does something else. */
async function refusedWhile(
  change: () => Promise<unknown>,
  ...[request, actor]: Parameters<typeof decide>
): Promise<string | null> {
  const { store } = stage;
  stage.store = interrupted(async () => {
    const inner = stage.store;
    stage.store = store;
    await change();
    stage.store = inner;
  });
  const refused = await refusal(decide(request, actor));
  stage.store = store;
  return refused;
}

describe('while a decision is worked on', () => {
  it.each([
    [
      'the member leaves the set',
      () => stage.settings({ approverSets: [{ ...queues, members: ['pia'] }] }),
      'approval.other-set',
    ],
    ['the member loses the role', () => giveRoles(stage, pete, []), 'access.denied'],
  ])('%s: it does not get through', async (_, change, code) => {
    const request = await imports(`${queue},queue`);
    expect(await refusedWhile(change, request, pete)).toBe(code);
    expect((await stage.mailbox(queue)).approval).toBe(approvalStatus.pending);
  });

  it('a member of the set gets the role again: the fallback does not get through', async () => {
    await giveRoles(stage, pete, []);
    const request = await imports(`${queue},queue`);
    expect(await refusedWhile(() => giveRoles(stage, pete, ['approver']), request, pia)).toBe('approval.other-set');
  });

  it('a member of the second set gets the role again: the fallback of an escalated one does not get through either', async () => {
    const second = { ...queues, id: 'second', name: 'Second', profileId: 'p9', members: ['pete'] };
    await stage.settings({ approverSets: [{ ...queues, members: ['nobody'], secondSetId: 'second' }, second] });
    await giveRoles(stage, pete, []);
    const request = await imports(`${queue},queue`);
    stage.clock.advance(4 * day);
    await followRequests(stage, env);
    expect(await refusedWhile(() => giveRoles(stage, pete, ['approver']), request, pia)).toBe('approval.other-set');
  });
});

describe('open requests follow the set as it is now', () => {
  it('a member who joins decides, one who leaves does not, and the cards are drawn anew', async () => {
    const request = await imports(`${queue},queue`);
    await cardStands(request.id);
    const settings = (await stage.get('environment')).settings;
    await saveSets([{ ...queues, members: ['pia'] }]);
    expect(await stage.wishes('approval')).toEqual(['approvers approval']);
    expect((await stage.get('environment')).settings).not.toEqual(settings);
    expect(await refusal(decide(request, pete))).toBe('approval.other-set');
    expect((await decide(request, pia)).request.approved).toBe(1);
  });

  it('of a set that was deleted, every approver decides', async () => {
    const request = await imports(`${queue},queue`);
    await saveSets([]);
    expect(await decidersOf(stage, env, request)).toMatchObject({ setName: null, count: 2 });
    expect((await decide(request, pia)).request.approved).toBe(1);
  });

  it('the history says who decided about what before, and who does now', async () => {
    const users = { ...queues, id: 'users', name: 'Users', profileId: 'p1', mailboxType: null, secondSetId: 'queues' };
    await saveSets([queues, users]);
    await saveSets([{ ...queues, members: ['pete', 'pia'] }, users]);
    await saveSets([users]);
    const names = { p1: 'Contoso', pete: pete.name, pia: pia.name };
    const lines = (await stage.audit('settings.changed')).map((entry) => auditSentence('en', entry, names));
    expect(lines.map((line) => line.split('Approver sets: ')[1])).toEqual([
      'Queues → Queues, Users (Contoso: Pete Approver; Queues).',
      'Queues (queue: Pete Approver), Users → Queues (queue: Pete Approver, Pia Approver), Users.',
      'Queues (queue: Pete Approver, Pia Approver), Users → Users.',
    ]);
  });

  async function cardStands(subjectId: string): Promise<void> {
    const sent = { environmentId: env, conversationId: 'approvers', activityId: 'a', sentAt: 0, edits: 0 };
    const value = { ...sent, kind: 'approval', subjectId } as const;
    await stage.store.commit([{ kind: 'put', collection: 'message', key: `main/approvers/${subjectId}`, value }]);
    await stage.sendAll();
  }

  /** By the commit that every change of the settings takes. */
  async function saveSets(approverSets: readonly ApproverSet[]): Promise<void> {
    const { commitSettings } = await import('../../../services/mailboxes/commit-settings.ts');
    const environment = await stage.stored('environment');
    const settings = { ...environment.value.settings, approverSets };
    await commitSettings(stage, environment, ada, settings);
  }
});

describe('without a channel', () => {
  beforeEach(async () => {
    await withoutChannel();
    await chats(pia, pete, abe);
  });

  it('the card goes to the chats of the members, and of nobody else', async () => {
    await imports(`${queue},queue`);
    expect(await stage.wishes('approval')).toEqual(['chat-pete approval']);
    await stage.sendAll();
    await imports(user);
    expect(await stage.wishes('approval')).toEqual(['chat-pete approval', 'chat-pia approval']);
  });

  it('the reminder goes there too; escalated, the second set decides as well and gets it, as do the admins', async () => {
    const second: ApproverSet = { ...queues, id: 'second', name: 'Second', mailboxType: 'user', members: ['pia'] };
    await stage.settings({ approverSets: [{ ...queues, secondSetId: 'second' }, second] });
    const request = await imports(`${queue},queue`);
    await stage.sendAll();
    stage.clock.advance(day);
    await followRequests(stage, env);
    expect(await stage.wishes('approval')).toEqual(['chat-pete approval']);
    expect(await refusal(decide(await requestOf(queue), pia))).toBe('approval.other-set');
    await stage.sendAll();
    stage.clock.advance(2 * day);
    await followRequests(stage, env);
    expect(await stage.wishes('approval')).toEqual([
      'chat-abe approval',
      `${adaChat} approval`,
      'chat-pete approval',
      'chat-pia approval',
    ]);
    expect((await decide({ ...request, revision: (await requestOf(queue)).revision }, pia)).request.approved).toBe(1);
  });

  it('whoever is asked from now on gets the card: the set lost its last member', async () => {
    await imports(`${queue},queue`);
    await stage.sendAll();
    await revoke(pete);
    expect(await stage.wishes('approval')).toEqual(['chat-pia approval']);
  });

  it('somebody who opens a chat gets what they may decide, not the requests of other sets', async () => {
    await imports(`${queue},queue`);
    const mine = await imports(user);
    await stage.sendAll();
    const { key } = await stage.stored('conversation', 'chat-pia');
    await stage.store.commit([{ kind: 'delete', collection: 'conversation', key }]);
    await chats(pia);
    expect(
      (await stage.all('intent')).filter(({ kind }) => kind === 'approval').map(({ subjectId }) => subjectId),
    ).toEqual([mine.id]);
  });
});

async function revoke({ aadObjectId, name }: Actor): Promise<void> {
  const person = { aadObjectId, name, account: '' };
  const { id } = await planRoleChange(stage, env, ada, { deed: 'revoke', role: 'approver', person });
  await confirmRoleChange(stage, env, ada, id);
  const { state } = await stage.get('roleChange', id);
  if (state === 'waiting') await answerRoleChange(stage, env, abe, id, true);
}

describe('a request that loses its last decider', () => {
  it('tells whoever asked and the admins, once', async () => {
    await chats(abe, pia, pete);
    await imports(user);
    await stage.sendAll();
    await revoke(pete);
    expect(await stage.wishes('approval')).toEqual([]);
    await revoke(pia);
    const told = (await stage.all('intent')).filter(({ kind }) => kind === 'approval');
    expect(inOrder(told.map(({ conversationId, placement }) => [conversationId, placement]))).toEqual([
      ['chat-abe', 'repost'],
      [adaChat, 'repost'],
    ]);
    await stage.sendAll();
    await saveSettings(stage, { alertsForInformation: 'false' });
    expect(await stage.wishes('approval')).toEqual([]);
  });

  it('of many, a place gets one list', async () => {
    for (const address of ['a', 'b', 'c', 'd']) await imports(`${address}@contoso.test`);
    await stage.sendAll();
    await revoke(pete);
    await revoke(pia);
    expect(await stage.wishes('approval')).toEqual([]);
    expect(await stage.wishes('pending-list')).toEqual([`${adaChat} pending-list`]);
  });

  it('also where four-eyes is switched on and holds back the only one', async () => {
    await giveRoles(stage, ada, ['admin', 'approver']);
    await giveRoles(stage, pia, []);
    await giveRoles(stage, pete, []);
    await stage.settings({ fourEyes: false });
    await imports(user);
    await stage.sendAll();
    await saveSettings(stage, { fourEyes: 'true' });
    expect(await stage.wishes('approval')).toEqual([`${adaChat} approval`]);
  });
});

describe('a mailbox that waits and gets another type', () => {
  const edit = async (address: string, type: 'user' | 'queue'): Promise<void> => {
    const { id, revision } = await stage.mailbox(address);
    const found = await editMailbox(stage, env, ada, id, revision, { type }, adaChat);
    expect(found).toMatchObject({ stale: false, errors: {} });
  };

  it('is asked about anew in the set that decides about it now', async () => {
    const before = await imports(user);
    await edit(user, 'queue');
    expect(await requestOf(user)).toMatchObject({ approverSetId: 'queues', requestedBy: 'ada', pending: 1 });
    expect(await stage.get('approvalRequest', before.id)).toMatchObject({ total: 0, pending: 0 });
    expect(await refusal(decideMailboxes(stage, env, pia, [user], approved))).toBe('approval.other-set');
  });

  it('stays with the set that was asked where no set decides about it: nobody leads it around', async () => {
    const before = await imports(`${queue},queue`);
    await edit(queue, 'user');
    expect((await requestOf(queue)).id).toBe(before.id);
    expect(await refusal(decideMailboxes(stage, env, pia, [queue], approved))).toBe('approval.other-set');
    // Nor by an import that says the same.
    await imports(`${queue},queue`).catch(() => undefined);
    expect((await requestOf(queue)).approverSetId).toBe('queues');
  });

  it('by an import, the same', async () => {
    await imports(user);
    const { id } = await planImport(stage, env, ada, adaChat, `${user},queue`);
    await confirmImport(stage, env, ada, id, false);
    expect(await requestOf(user)).toMatchObject({ approverSetId: 'queues', pending: 1 });
    expect(inOrder((await requests()).map(({ pending }) => pending))).toEqual([0, 1]);
  });

  it('with another address it is asked about in its set', async () => {
    await imports(`${queue},queue`);
    const { id, revision } = await stage.mailbox(queue);
    await changeAddress(stage, env, abe, id, revision, 'other@contoso.test', adaChat);
    expect(await requestOf('other@contoso.test')).toMatchObject({ approverSetId: 'queues', requestedBy: 'abe' });
  });
});

it('a request that expired is asked anew in the sets as they are now', async () => {
  await stage.settings({ approverSets: [] });
  const old = await imports([user, `${queue},queue`].join('\n'));
  await stage.settings({ approverSets: [queues] });
  stage.clock.advance(31 * day);
  await followRequests(stage, env);
  const { revision } = await stage.get('approvalRequest', old.id);
  await askAgain(stage, env, ada, old.id, revision, adaChat);
  expect([(await requestOf(user)).approverSetId, (await requestOf(queue)).approverSetId]).toEqual([null, 'queues']);
});
