import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryError } from '../../../bot/deliver/connector.ts';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { readDeathNotice } from '../../../services/conversations/read-death-notice.ts';
import type { Role } from '../../../services/model/access.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import type { ConversationReference, Subscription } from '../../../services/model/conversation.ts';
import type { Incident } from '../../../services/model/alert.ts';
import { notHandled } from '../../../services/model/incident-handling.ts';
import type { IntentKind } from '../../../services/model/intent.ts';
import { ensureEnvironment } from '../../../services/platform/environments.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { intentChange } from '../../../services/conversations/intents.ts';
import { incidentRecord } from '../../support/incident-record.ts';
import { environmentId, OutboxStage, placeOf } from './outbox-stage.ts';

const minute = 60_000;
let stage: OutboxStage;
beforeEach(async () => {
  stage = await OutboxStage.open();
  await ensureEnvironment(stage.store, environmentId, 'Main');
});
afterEach(async () => {
  await stage.dispose();
});

const put = (change: Change): Promise<void> => stage.store.commit([change]);

/** The own chat of somebody with roles. */
async function person(id: string, ...roles: Role[]): Promise<string> {
  const chat = `chat-${id}`;
  await stage.store.commit([
    {
      kind: 'put',
      collection: 'conversation',
      key: keyOf(environmentId, chat),
      value: placeOf(chat, { aadObjectId: id }),
    },
    {
      kind: 'put',
      collection: 'role',
      key: keyOf(environmentId, id),
      value: { environmentId, aadObjectId: id, roles, name: id, grantedBy: 'ada', grantedAt: 0 },
    },
  ]);
  return chat;
}

async function channel(id: string, wants: Partial<Subscription> = {}): Promise<string> {
  await stage.store.commit([
    { kind: 'put', collection: 'conversation', key: keyOf(environmentId, id), value: placeOf(id, { kind: 'channel' }) },
    {
      kind: 'put',
      collection: 'subscription',
      key: keyOf(environmentId, id),
      value: {
        environmentId,
        conversationId: id,
        alerts: 'all',
        profiles: {},
        approvals: true,
        nature: null,
        quietHours: null,
        digest: null,
        setBy: 'ada',
        setAt: 0,
        revision: 1,
        ...wants,
      },
    },
  ]);
  return id;
}

async function incident(id: string, changes: Partial<Incident> = {}): Promise<void> {
  const value = incidentRecord(environmentId, id, stage.clock.now(), changes);
  await put({ kind: 'put', collection: 'incident', key: keyOf(environmentId, id), value });
}

async function request(id: string, changes: Partial<ApprovalRequest> = {}): Promise<void> {
  const value: ApprovalRequest = {
    environmentId,
    id,
    requestedBy: 'rita',
    requestedByName: 'Rita',
    requestedAt: stage.clock.now(),
    conversationId: 'chat-rita',
    approverSetId: null,
    total: 2,
    pending: 2,
    approved: 0,
    rejected: 0,
    testWhenApproved: false,
    lastDecision: null,
    questions: [],
    withdrawal: null,
    stage: 'open',
    dueAt: null,
    revision: 1,
    ...changes,
  };
  await put({ kind: 'put', collection: 'approvalRequest', key: keyOf(environmentId, id), value });
}

const wish = (place: string, kind: IntentKind, subjectId: string): Promise<void> =>
  put(intentChange(environmentId, kind, subjectId, place, stage.clock.now()));

/** Teams refuses these places, with a code each. */
const refused = new Map<string, string>();

async function start(look?: (subjectId: string) => string): Promise<void> {
  stage.teams.refuse = (conversationId) => {
    const code = refused.get(conversationId);
    return code === undefined ? undefined : new DeliveryError('dead', code);
  };
  stage.start({
    render: ({ kind, subjectId }) =>
      Promise.resolve({
        card: {},
        summary: look === undefined ? `${kind} ${subjectId}` : `${kind} ${subjectId} ${look(subjectId)}`,
        final: true,
      }),
  });
  await stage.idle();
}

async function die(place: string, code = 'BotNotInConversationRoster'): Promise<void> {
  refused.set(place, code);
  // Something that matters to nobody finds it out.
  await wish(place, 'status', 'today');
  await stage.idle();
}

async function seen(place: string, changes: Partial<ConversationReference> = {}): Promise<void> {
  refused.delete(place);
  const known = (await stage.store.get('conversation', keyOf(environmentId, place)))?.value;
  await recordConversation(stage.store, { ...(known ?? placeOf(place)), ...changes }, stage.clock.now());
  await stage.idle();
}

const notices = (place: string): string[] =>
  stage.teams.shown(place).filter((summary) => summary.startsWith('dead-conversation'));

afterEach(() => refused.clear());

describe('what was to be seen in a conversation that Teams refuses', () => {
  test('a request for approval goes to the deciders’ own chats when no channel is left', async () => {
    const ada = await person('ada', 'admin');
    const pia = await person('pia', 'approver');
    await channel('c1');
    await request('waits');
    await request('stood');
    await request('decided', { pending: 0, approved: 2 });
    await start();
    for (const id of ['stood', 'decided']) await wish('c1', 'approval', id);
    await stage.idle();
    refused.set('c1', 'ConversationNotFound');
    await wish('c1', 'approval', 'waits');
    await stage.idle();
    expect(stage.teams.shown(pia).toSorted()).toEqual(['approval stood', 'approval waits']);
    expect(stage.teams.shown(ada)).toEqual([expect.stringMatching(/^dead-conversation/)]);
    expect(await stage.intents()).toBe(0);
  });

  test('another approval channel gets it that does not have it, once', async () => {
    const pia = await person('pia', 'approver');
    await channel('c1');
    await channel('c2', { alerts: null });
    await request('r1');
    await request('r2');
    await start();
    await wish('c1', 'approval', 'r1');
    await wish('c1', 'approval', 'r2');
    await wish('c2', 'approval', 'r1');
    await stage.idle();
    await die('c1');
    expect(stage.teams.shown('c2')).toEqual(['approval r1', 'approval r2']);
    expect(stage.teams.calls.filter(({ summary }) => summary === 'approval r1')).toHaveLength(2);
    expect(stage.teams.shown(pia)).toEqual([]);
  });

  test('with nobody who decides, the admins get it, who can name somebody', async () => {
    const ada = await person('ada', 'admin');
    await channel('c1');
    await request('r1');
    await start();
    await wish('c1', 'approval', 'r1');
    await stage.idle();
    await die('c1');
    expect(stage.teams.shown(ada)).toContain('approval r1');
  });

  test('an open alert goes to the admins, unless a channel or one of them has it; a mailbox owner’s copy does not count', async () => {
    const ada = await person('ada', 'admin');
    await person('olga');
    await channel('c1');
    await channel('c2', { approvals: false });
    for (const id of ['alone', 'owned', 'elsewhere', 'over', 'snoozed']) await incident(id);
    await incident('over', { state: 'resolved' });
    await incident('snoozed', {
      handling: { ...notHandled, quiet: { by: 'ada', byName: 'Ada', at: 0, until: null, agreedByName: null } },
    });
    await start();
    for (const id of ['alone', 'owned', 'elsewhere', 'over', 'snoozed']) await wish('c1', 'incident', id);
    await wish('chat-olga', 'incident', 'owned');
    await wish('c2', 'incident', 'elsewhere');
    await stage.idle();
    await stage.advance(2000);
    await die('c1');
    await stage.advance(2000);
    const moved = stage.teams.shown(ada).filter((summary) => summary.startsWith('incident'));
    expect(moved.toSorted()).toEqual(['incident alone', 'incident owned']);
  });

  test('an alert that comes later goes there too, and what changes about it stays an edit', async () => {
    const ada = await person('ada', 'admin');
    await channel('c1');
    await start();
    await die('c1');
    await incident('i1');
    await wish('c1', 'incident', 'i1');
    await stage.idle();
    await wish('c1', 'incident', 'i1');
    await wish(ada, 'incident', 'i1');
    await stage.idle();
    const calls = stage.teams.calls.filter(({ summary }) => summary === 'incident i1').map(({ call }) => call);
    expect(calls).toEqual(['post', 'update']);
  });

  test('a question goes to where the mailboxes were asked for, or nowhere', async () => {
    await person('rita', 'viewer');
    await channel('c1', { alerts: null, approvals: false });
    const questions = [{ address: null, by: 'Pia', at: 0, text: 'Why?', answer: null }];
    await request('asked-in-channel', { conversationId: 'c1', questions });
    await request('asked-in-chat', { questions });
    await start();
    refused.set('chat-rita', 'ConversationBlockedByUser');
    await wish('chat-rita', 'approval-question', 'asked-in-channel');
    await wish('chat-rita', 'approval-question', 'asked-in-chat');
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['approval-question asked-in-channel']);
  });

  test('what somebody did there goes nowhere', async () => {
    const ada = await person('ada', 'admin');
    await person('abe', 'admin');
    await start();
    refused.set('chat-abe', 'MessageWritesBlocked');
    for (const kind of ['draft', 'import', 'run', 'directory-lookup', 'mailbox-list', 'maintenance', 'status'] as const)
      await wish('chat-abe', kind, kind);
    await stage.idle();
    expect(stage.teams.shown(ada)).toEqual([expect.stringMatching(/^dead-conversation/)]);
    expect(await stage.intents()).toBe(0);
  });

  test('of two conversations whose ids begin alike only the one is closed', async () => {
    await stage.know('c1', 'c1/incident');
    await stage.wish('c1/incident', 's1');
    refused.set('c1', 'ConversationNotFound');
    await stage.wish('c1', 's2');
    await start();
    expect(stage.teams.shown('c1/incident')).toEqual(['incident s1']);
  });
});

describe('a kill', () => {
  test('in the middle of thousands of wishes loses nothing: the next start moves the rest', async () => {
    const ada = await person('ada', 'admin');
    await channel('c1');
    const ids = Array.from({ length: 450 }, (_, index) => `i${index}`);
    for (const id of ids) await incident(id);
    for (const id of ids) await wish('c1', 'incident', id);
    refused.set('c1', 'BotNotInConversationRoster');
    const { store } = stage;
    const commit = store.commit.bind(store);
    let closings = 0;
    store.commit = async (changes, expected) => {
      if (changes.filter(({ kind }) => kind === 'delete').length > 100) closings += 1;
      if (closings > 1) {
        await store.close();
        throw new Error('killed');
      }
      await commit(changes, expected);
    };
    await start();
    expect(closings, 'the first page was written, the second was not').toBe(2);
    await stage.reopen();
    const halfway = (await stage.store.query('intent', { limit: 1000, where: { conversationId: 'c1' } })).length;
    expect(halfway).toBe(250);
    await start();
    for (let count = 0; count < 20; count += 1) await stage.advance(minute);
    const shown = stage.teams.shown(ada).filter((summary) => summary.startsWith('incident'));
    expect(shown.toSorted()).toEqual(ids.map((id) => `incident ${id}`).toSorted());
    expect(notices(ada)).toHaveLength(1);
  });
});

describe('the admins are told', () => {
  test('once, with what came there, since when and why, and where it goes now', async () => {
    const ada = await person('ada', 'admin');
    await person('pia', 'approver');
    await channel('c1');
    await start();
    await die('c1', 'ConversationNotFound');
    await wish('c1', 'status', 'tomorrow');
    await stage.idle();
    expect(notices(ada)).toHaveLength(1);
    const { deathNotice } = (await stage.store.get('conversation', keyOf(environmentId, 'c1')))!.value;
    expect(await readDeathNotice(stage.store, environmentId, deathNotice ?? '')).toEqual({
      places: [
        {
          name: 'c1',
          kind: 'channel',
          cause: 'gone',
          since: stage.clock.now(),
          alerts: true,
          approvals: true,
          roles: [],
        },
      ],
      total: 1,
      dead: 1,
      missesAlerts: true,
      missesApprovals: true,
      alertsNow: { channels: [], people: 1 },
      approvalsNow: { channels: [], people: 1 },
    });
  });

  test('by one card when five hundred die together, also over the full hour', async () => {
    const ada = await person('ada', 'admin');
    const chats: string[] = [];
    for (let index = 0; index < 500; index += 1) chats.push(await person(`v${index}`, 'viewer'));
    await start();
    // A quarter to ten by the clock of the test.
    await stage.advance(45 * minute);
    for (const [index, chat] of chats.entries()) {
      refused.set(chat, 'BotDisabledByAdmin');
      await wish(chat, 'status', 'today');
      if (index % 20 === 0) await stage.advance(minute);
    }
    await stage.advance(10 * minute);
    const posts = stage.teams.calls.filter(({ call, conversationId }) => call === 'post' && conversationId === ada);
    expect(posts).toHaveLength(1);
    const [, id = ''] = notices(ada)[0]?.split(' ') ?? [];
    expect(await readDeathNotice(stage.store, environmentId, id)).toMatchObject({ total: 500, dead: 500 });
  });

  test('of the next death hours later by a card of its own', async () => {
    const ada = await person('ada', 'admin');
    await channel('c1');
    await channel('c2');
    await start();
    await die('c1');
    await stage.advance(3 * 60 * minute);
    await die('c2');
    expect(notices(ada)).toHaveLength(2);
  });

  test('but not of the chat of somebody whom nothing is sent for', async () => {
    const ada = await person('ada', 'admin');
    const gone = await person('gone');
    await start();
    await die(gone);
    expect(notices(ada)).toEqual([]);
  });

  test('when all their chats are dead nothing goes round in circles, and whoever comes back reads it', async () => {
    const ada = await person('ada', 'admin');
    const abe = await person('abe', 'admin');
    await channel('c1');
    await start();
    for (const place of [ada, abe]) refused.set(place, 'MessageWritesBlocked');
    await die('c1');
    await stage.advance(60 * minute);
    expect(stage.teams.calls.length, 'one call a conversation').toBe(3);
    expect(await stage.intents()).toBe(0);
    await seen(ada);
    expect(notices(ada)).toHaveLength(1);
    const [, id = ''] = notices(ada)[0]?.split(' ') ?? [];
    const told = await readDeathNotice(stage.store, environmentId, id);
    expect(told?.places.filter(({ cause }) => cause !== null).map(({ name }) => name)).toEqual(['c1', abe]);
  });
});

describe('a conversation that lives again', () => {
  test('shows what it missed of the cards that stand there: also that something is over', async () => {
    await person('ada', 'admin');
    await channel('c1', { approvals: false });
    const olga = await person('olga');
    const revisions = new Map<string, string>();
    await incident('i1');
    await start((id) => revisions.get(id) ?? 'open');
    for (const place of ['c1', olga]) await wish(place, 'incident', 'i1');
    await stage.idle();
    await die('c1');
    await die(olga);
    await incident('i1', { state: 'resolved' });
    revisions.set('i1', 'resolved');
    for (const place of ['c1', olga]) await wish(place, 'incident', 'i1');
    await stage.idle();
    await stage.advance(minute);
    for (const place of ['c1', olga]) {
      expect(stage.teams.shown(place)).toEqual(['incident i1 open']);
      await seen(place);
      await stage.advance(minute);
      expect(stage.teams.shown(place)).toEqual(['incident i1 resolved']);
    }
  });

  test('gets what is open once more, as its newest messages and exactly once, and the notice says so', async () => {
    const ada = await person('ada', 'admin');
    await channel('c1');
    await request('r1');
    await incident('i1');
    await start();
    await wish('c1', 'approval', 'r1');
    await wish('c1', 'incident', 'i1');
    await stage.idle();
    await die('c1');
    const id = notices(ada)[0]?.split(' ')[1] ?? '';
    await incident('i2');
    await wish('c1', 'incident', 'i2');
    await stage.idle();
    await stage.advance(2000);
    expect(stage.teams.shown(ada)).toContain('incident i2');
    const before = stage.teams.calls.length;
    // Two messages of one moment: only one of them finds it dead.
    await Promise.all([seen('c1'), seen('c1')]);
    await stage.advance(10_000);
    const calls = stage.teams.calls.slice(before).filter(({ conversationId }) => conversationId === 'c1');
    expect(calls.flatMap(({ call, summary }) => (call === 'post' ? summary : [])).toSorted()).toEqual([
      'approval r1',
      'incident i1',
      'incident i2',
    ]);
    expect(stage.teams.shown('c1')).toHaveLength(3);
    expect(
      stage.teams.calls.slice(before).filter(({ summary }) => summary === `dead-conversation ${id}`),
    ).toMatchObject([{ call: 'update', conversationId: ada }]);
    expect(await readDeathNotice(stage.store, environmentId, id)).toMatchObject({ total: 1, dead: 0 });
    expect((await stage.store.get('subscription', keyOf(environmentId, 'c1')))?.value).toMatchObject({ alerts: 'all' });
  });

  test('and dies once more makes the admins hear of it anew', async () => {
    const ada = await person('ada', 'admin');
    await channel('c1');
    await start();
    await die('c1');
    await seen('c1');
    const first = [...stage.teams.messages.keys()];
    await die('c1');
    expect(notices(ada)).toHaveLength(1);
    const standing = [...stage.teams.messages.keys()];
    expect(standing, 'posted anew').not.toEqual(first);
  });
});
