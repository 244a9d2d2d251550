import { expect, it } from 'vitest';
import { decideMailboxes, decideRequest, pendingOf } from '../../../services/approvals/decide-mailboxes.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import type { Actor } from '../../../services/model/access.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import {
  keyOf,
  type Collection,
  type Query,
  type Records,
  type Store,
  type Stored,
} from '../../../services/storage/store.ts';
import { verifyLog } from '../../../services/storage/log-chain.ts';
import {
  ada,
  adaChat,
  addresses,
  env,
  MailroomStage,
  pete,
  pia,
  refusal,
  refusalOf,
  stranger,
} from '../../support/mailroom-stage.ts';

const approved = { verdict: 'approved', reason: null } as const;
const rejected = { verdict: 'rejected', reason: 'not ours' } as const;
const five = addresses(5);

async function requested(count = 5, test = false): Promise<{ stage: MailroomStage; request: ApprovalRequest }> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.subscribe('approvers', { approvals: true });
  const { id } = await planImport(stage, env, ada, adaChat, addresses(count).join('\n'));
  await confirmImport(stage, env, ada, id, test);
  await stage.sendAll();
  const [request] = await stage.all('approvalRequest');
  if (request === undefined) throw new Error('no request');
  return { stage, request };
}

const decide = (
  stage: MailroomStage,
  request: ApprovalRequest,
  which: 'all' | readonly string[],
  decision: Parameters<typeof decideRequest>[6] = approved,
  actor: Actor = pia,
) => decideRequest(stage, env, actor, request.id, request.revision, which, decision);

const approvals = async (stage: MailroomStage): Promise<number[]> =>
  (await stage.all('mailbox')).map(({ approval }) => approval);

/** Where the card of the request stands, as the outbox writes it down. */
async function shown(stage: MailroomStage, requestId: string, ...conversations: readonly string[]): Promise<void> {
  await stage.store.commit(
    conversations.map((conversationId) => ({
      kind: 'put',
      collection: 'message',
      key: keyOf(env, conversationId, 'approval', requestId),
      value: {
        environmentId: env,
        conversationId,
        kind: 'approval',
        subjectId: requestId,
        activityId: 'a1',
        sentAt: 0,
        edits: 0,
      },
    })),
  );
}

it('asks once for all mailboxes of an import', async () => {
  const { stage, request } = await requested();
  expect(request).toMatchObject({ total: 5, pending: 5, approved: 0, rejected: 0, requestedByName: 'Ada Admin' });
  expect((await pendingOf(stage.store, env, request.id)).map(({ value }) => value.id)).toEqual(five);
});

it('approves all of them in one commit: mailboxes, request, audit, cards (law 4)', async () => {
  const { stage, request } = await requested();
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  const { request: now, stale, result } = await decide(stage, request, 'all');
  expect(commits).toBe(1);
  expect(stale).toBe(false);
  expect(result?.decided).toEqual(five);
  expect(now).toMatchObject({
    pending: 0,
    approved: 5,
    rejected: 0,
    revision: request.revision + 1,
    lastDecision: { by: 'Pia Approver', at: stage.clock.now(), verdict: 'approved', count: 5, reason: null },
  });
  expect(await stage.mailbox(five[0] ?? '')).toMatchObject({
    approval: approvalStatus.approved,
    decidedBy: 'Pia Approver',
    decidedAt: stage.clock.now(),
  });
  expect(await stage.audit('approval.approved')).toEqual(
    five.map((address) => ({
      environmentId: env,
      at: stage.clock.now(),
      kind: 'approval.approved',
      actorId: 'pia',
      actorName: 'Pia Approver',
      subjects: [address],
      details: { request: request.id, askedBy: 'Ada Admin', askedById: 'ada', reason: null },
    })),
  );
  expect(await stage.wishes()).toEqual(['approvers approval']);
});

it('decides about the selected ones and leaves the others pending', async () => {
  const { stage, request } = await requested();
  const first = await decide(stage, request, five.slice(0, 2));
  expect(first.request).toMatchObject({ pending: 3, approved: 2 });
  const second = await decide(stage, first.request, five.slice(2, 3), rejected);
  expect(second.request).toMatchObject({ pending: 2, approved: 2, rejected: 1 });
  expect(await approvals(stage)).toEqual([1, 1, 3, 2, 2]);
  expect(await stage.mailbox(five[2] ?? '')).toMatchObject({ decisionReason: 'not ours' });
  expect(await stage.audit('approval.rejected')).toMatchObject([
    { actorId: 'pia', subjects: [five[2]], details: { reason: 'not ours' } },
  ]);
});

it('rejects only with a reason, and not with a novel', async () => {
  const { stage, request } = await requested();
  const reject = (reason: string | null) => refusal(decide(stage, request, 'all', { verdict: 'rejected', reason }));
  expect(await reject(null)).toBe('approval.reason-missing');
  expect(await reject('   ')).toBe('approval.reason-missing');
  expect(await reject('x'.repeat(501))).toBe('approval.reason-too-long');
  expect(await approvals(stage)).toEqual([2, 2, 2, 2, 2]);
  expect((await decide(stage, request, 'all', { verdict: 'rejected', reason: 'x'.repeat(500) })).stale).toBe(false);
});

it('does nothing for a second click, and shows what became of it (laws 1 and 7)', async () => {
  const { stage, request } = await requested();
  const { request: decided } = await decide(stage, request, 'all');
  const again = await decide(stage, request, 'all', rejected);
  expect(again).toEqual({ request: decided, stale: true, result: null });
  expect(await decide(stage, decided, 'all', rejected)).toMatchObject({ stale: true });
  expect(await approvals(stage)).toEqual([1, 1, 1, 1, 1]);
  expect(await stage.audit('approval.rejected')).toEqual([]);
});

it('does nothing for a card that counted other mailboxes (law 1)', async () => {
  const { stage, request } = await requested();
  await decide(stage, request, five.slice(0, 1), rejected);
  const stale = await decide(stage, request, 'all', approved, pete);
  expect(stale).toMatchObject({ stale: true, request: { pending: 4 } });
  expect(await approvals(stage)).toEqual([3, 2, 2, 2, 2]);
});

it('takes no decision from whoever lacks the role: neither a stranger nor the admin who asked', async () => {
  const { stage, request } = await requested();
  for (const actor of [ada, stranger]) {
    expect(await refusal(decide(stage, request, 'all', approved, actor))).toBe('access.denied');
    expect(await refusal(decideMailboxes(stage, env, actor, five, approved))).toBe('access.denied');
  }
  expect(await approvals(stage)).toEqual([2, 2, 2, 2, 2]);
  expect(await stage.all('intent')).toEqual([]);
});

it('knows no forged request, and mailboxes of another request do not slip in', async () => {
  const { stage, request } = await requested(2);
  const other = await planImport(stage, env, ada, adaChat, 'other@x.test');
  await confirmImport(stage, env, ada, other.id, false);
  expect(await refusal(decide(stage, { ...request, id: 'FORGED' }, 'all'))).toBe('approval.unknown');
  expect(await refusal(decide(stage, request, []))).toBe('approval.none-selected');
  const { result } = await decide(stage, request, ['other@x.test', '__proto__', five[0] ?? '']);
  expect(result?.decided).toEqual([five[0]]);
  expect((await stage.mailbox('other@x.test')).approval).toBe(approvalStatus.pending);
});

it('counts once when two approvers click at the same instant', async () => {
  for (const [mine, theirs] of [
    ['all', 'all'],
    [five.slice(0, 1), 'all'],
    [five.slice(0, 3), five.slice(2)],
  ] as const) {
    const { stage, request } = await requested();
    const both = await Promise.all([
      decide(stage, request, mine, approved, pia),
      decide(stage, request, theirs, rejected, pete),
    ]);
    expect(both.map(({ stale }) => stale)).toEqual([false, true]);
    const now = await stage.get('approvalRequest', request.id);
    const states = await approvals(stage);
    expect([now.pending, now.approved, now.rejected]).toEqual(
      [2, 1, 3].map((state) => states.filter((approval) => approval === state).length),
    );
    expect(now.rejected).toBe(0);
    expect(await stage.audit('approval.rejected')).toEqual([]);
    expect(await stage.audit('approval.approved')).toHaveLength(now.approved);
  }
});

it('makes a click stale when another decision comes while it is being worked on (law 1)', async () => {
  const { stage, request } = await requested();
  let other: Promise<unknown> | null = null;
  // The real store, but the other approver is quicker: their decision is there before the pending mailboxes are read.
  const slower: Store = Object.create(stage.store, {
    query: {
      value: async <C extends Collection>(collection: C, query: Query<Records[C]>): Promise<Stored<Records[C]>[]> => {
        if (collection === 'mailbox') await (other ??= decide(stage, request, five.slice(0, 1), approved, pete));
        return stage.store.query(collection, query);
      },
    },
    get: { value: stage.store.get.bind(stage.store) },
    commit: { value: stage.store.commit.bind(stage.store) },
  }) as Store;
  const context = { store: slower, clock: stage.clock };
  const mine = await decideRequest(context, env, pia, request.id, request.revision, 'all', rejected);
  expect(mine).toMatchObject({ stale: true, result: null, request: { pending: 4, approved: 1 } });
  expect(await approvals(stage)).toEqual([1, 2, 2, 2, 2]);
});

it('changes every copy of the card, wherever it stands', async () => {
  const { stage, request } = await requested();
  await shown(stage, request.id, 'approvers', 'another-channel', 'chat-pia');
  await decide(stage, request, 'all');
  expect(await stage.wishes()).toEqual(['another-channel approval', 'approvers approval', 'chat-pia approval']);
});

it('decides by address as the chat commands do, and names what was not pending', async () => {
  const { stage, request } = await requested(3);
  await decideMailboxes(stage, env, pia, five.slice(0, 1), approved);
  const result = await decideMailboxes(stage, env, pia, [five[0] ?? '', five[1] ?? ''], rejected);
  expect(result).toEqual({
    decided: [five[1]],
    rejectedBefore: [],
    notPending: [five[0]],
    own: [],
    ofOtherSets: [],
    changed: [],
    run: null,
  });
  expect(await stage.get('approvalRequest', request.id)).toMatchObject({ pending: 1, approved: 1, rejected: 1 });
  expect(await refusalOf(decideMailboxes(stage, env, pia, ['nobody@x.test'], approved))).toEqual({
    code: 'mailbox.unknown',
    params: { address: 'nobody@x.test' },
  });
});

it('lets an approver change a rejection to an approval by address, audited, and the counts stay right', async () => {
  const { stage, request } = await requested(3, true);
  await decideMailboxes(stage, env, pia, five.slice(0, 2), rejected);
  await stage.sendAll();
  const both = [five[0] ?? '', five[2] ?? ''];
  const result = await decideMailboxes(stage, env, pete, both, approved, undefined, { takes: 'pending or rejected' });
  expect(result).toMatchObject({ decided: both, rejectedBefore: [five[0]], notPending: [], run: { total: 2 } });
  expect(await approvals(stage)).toEqual([1, 3, 1]);
  expect(await stage.get('approvalRequest', request.id)).toMatchObject({
    total: 3,
    pending: 0,
    approved: 2,
    rejected: 1,
    lastDecision: { by: 'Pete Approver', verdict: 'approved', count: 2 },
  });
  expect(await stage.mailbox(five[0] ?? '')).toMatchObject({ decidedBy: 'Pete Approver', decisionReason: null });
  expect(await stage.audit('approval.approved')).toMatchObject([
    { actorId: 'pete', subjects: both.slice(0, 1), details: { reason: null, rejectedBefore: true } },
    { actorId: 'pete', subjects: both.slice(1), details: { reason: null } },
  ]);
  expect(await stage.wishes()).toEqual(['approvers approval', `${adaChat} run`]);
});

it('changes a rejection whose card was seen as it is, and none that is another one by now', async () => {
  const { stage } = await requested(1);
  await decideMailboxes(stage, env, pia, five.slice(0, 1), rejected);
  const { revision: shown } = await stage.mailbox(five[0] ?? '');
  const click = (seen: number) =>
    decideMailboxes(stage, env, pete, five.slice(0, 1), approved, undefined, {
      takes: 'pending or rejected',
      isAsShown: ({ revision }) => revision === seen,
    });
  expect(await click(shown - 1)).toMatchObject({ decided: [], changed: [five[0]] });
  expect((await click(shown)).decided).toEqual([five[0]]);
  expect(await approvals(stage)).toEqual([1]);
});

it('leaves a rejection alone that came after the pending mailboxes were counted (law 1), and an approval always', async () => {
  const { stage, request } = await requested(2);
  await decideMailboxes(stage, env, pia, five.slice(0, 1), rejected);
  expect((await decideMailboxes(stage, env, pete, five.slice(0, 2), approved)).decided).toEqual([five[1]]);
  const again = await decideMailboxes(stage, env, pia, five.slice(0, 2), rejected, undefined, {
    takes: 'pending or rejected',
  });
  expect(again).toMatchObject({ decided: [], notPending: five.slice(0, 2) });
  expect(await approvals(stage)).toEqual([3, 1]);
  expect(await stage.get('approvalRequest', request.id)).toMatchObject({ pending: 0, approved: 1, rejected: 1 });
});

it('changes a rejection once when two approvers do it at the same instant', async () => {
  const { stage, request } = await requested(1);
  await decideMailboxes(stage, env, pia, five.slice(0, 1), rejected);
  const both = await Promise.all(
    [pia, pete].map((actor) =>
      decideMailboxes(stage, env, actor, five.slice(0, 1), approved, undefined, { takes: 'pending or rejected' }),
    ),
  );
  expect(both.flatMap(({ decided }) => decided)).toEqual([five[0]]);
  expect(await stage.get('approvalRequest', request.id)).toMatchObject({ pending: 0, approved: 1, rejected: 0 });
});

it('decides about nobody when one of the named mailboxes is not known', async () => {
  const { stage } = await requested(1);
  await refusal(decideMailboxes(stage, env, pia, [five[0] ?? '', 'nobody@x.test'], approved));
  expect(await approvals(stage)).toEqual([2]);
});

it('counts a mailbox once that is named in two spellings', async () => {
  const { stage, request } = await requested(2);
  const result = await decideMailboxes(stage, env, pia, [five[0] ?? '', (five[0] ?? '').toUpperCase()], approved);
  expect(result.decided).toEqual([five[0]]);
  expect(await stage.get('approvalRequest', request.id)).toMatchObject({ pending: 1, approved: 1 });
});

it('starts the wished-for test in the commit of the approval, in the requester’s conversation', async () => {
  const { stage, request } = await requested(3, true);
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  const { result } = await decide(stage, request, five.slice(0, 2));
  expect(commits).toBe(1);
  expect(result?.run).toMatchObject({ total: 2, conversationId: adaChat, title: { kind: 'approved' } });
  expect((await stage.all('task')).map(({ subjectId }) => subjectId)).toEqual(five.slice(0, 2));
  expect(await stage.wishes()).toEqual(['approvers approval', `${adaChat} run`]);
  expect((await stage.audit()).slice(-3).map(({ kind, actorId }) => [kind, actorId])).toEqual([
    ['approval.approved', 'pia'],
    ['approval.approved', 'pia'],
    ['run.started', 'pia'],
  ]);
});

it('tests nothing after a rejection, nor when nobody wished for it', async () => {
  const wished = await requested(2, true);
  expect((await decide(wished.stage, wished.request, 'all', rejected)).result?.run).toBeNull();
  const unwished = await requested(2);
  expect((await decide(unwished.stage, unwished.request, 'all')).result?.run).toBeNull();
  for (const { stage } of [wished, unwished]) expect(await stage.all('task')).toEqual([]);
});

it('makes one card of a decision about a thousand (law 9), and an audit entry of each of them', async () => {
  const { stage, request } = await requested(1000);
  const { request: now } = await decide(stage, request, 'all');
  expect(now).toMatchObject({ pending: 0, approved: 1000 });
  expect(await stage.wishes()).toEqual(['approvers approval']);
  const subjects = (await stage.audit('approval.approved')).map((entry) => entry.subjects);
  expect(subjects).toEqual(addresses(1000).map((address) => [address]));
  expect(await verifyLog(stage.store, 'audit')).toMatchObject({ problem: null });
});
