import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import type { BulkAction } from '../model/bulk-action.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import { approvalStatus, normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import { groupsOf } from '../model/pending-group.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Run } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { checkReason, decideMailboxes, getRequest, type DecisionResult } from '../approvals/decide-mailboxes.ts';
import { expiredRequests } from '../approvals/expired-requests.ts';
import { mayDecideOf, refusalOf } from '../approvals/may-decide.ts';
import { filterReader } from '../approvals/requests-to-decide.ts';
import { withdrawMailboxes } from '../approvals/withdraw-request.ts';
import { redrawCards } from '../conversations/card-places.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { startRun, whatWouldBeTested, type AlsoCommitted, type StartedRun } from '../testing/start-run.ts';
import { mailboxesOfProfile, selectMailboxes } from './find-mailboxes.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

const rightOf = { approve: 'decide', reject: 'decide', withdraw: 'manage', test: 'test' } as const;

/** Mailboxes that were counted already, and the list in which they were selected. */
export interface Selection {
  readonly ids: readonly string[];
  readonly listId?: string;
}

/**
 * Counts what a bulk command would act on and remembers exactly those mailboxes until the answer. With a selection the
 * filter is only the title.
 * Left out of a decision, and counted apart: mailboxes whose approval the actor has asked for, where four-eyes is on, and those
 * about which another approver set decides.
 * @throws MailroomError `access.denied`, `filter.*`, `mailbox.*`, `bulk.nothing`, `run.nothing-to-test`, `approval.own`,
 * `approval.other-set`, `approval.reason-missing`, `approval.reason-too-long` {limit}
 */
export async function planBulkAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  kind: BulkAction['kind'],
  filter: string,
  reason: string | null = null,
  selection?: Selection,
): Promise<BulkAction> {
  await requireRight(context, environmentId, actor, rightOf[kind]);
  // Before anybody is asked: one that will be refused is no question.
  if (reason !== null) checkReason({ verdict: 'rejected', reason });
  const reader = filterReader(context, environmentId, actor);
  const found = await (selection === undefined
    ? selectMailboxes(context.store, environmentId, filter, reader)
    : load(context, environmentId, selection.ids));
  const deciding = kind !== 'test';
  const meant = found
    .map(({ value }) => value)
    .filter(({ approval }) => !deciding || approval === approvalStatus.pending);
  const list = selection?.listId === undefined ? {} : { listId: selection.listId };
  const asked = { kind, filter, reason, ...list };
  if (!deciding || kind === 'withdraw') return ask(context, environmentId, actor, asked, meant);
  const may = await mayDecideOf(context, environmentId, actor);
  const answers = await Promise.all(meant.map((mailbox) => may.aboutMailbox(mailbox)));
  const others = meant.filter((_, index) => answers[index] === 'decides');
  const own = answers.filter((answer) => answer === 'own').length;
  const ofOtherSets = answers.filter((answer) => answer === 'other-set').length;
  const left = meant[answers.findIndex((answer) => answer === (own > 0 ? 'own' : 'other-set'))];
  if (others.length === 0 && left !== undefined) {
    const request = await getRequest(context.store, environmentId, left.approvalRequestId ?? '');
    throw await refusalOf(context, environmentId, own > 0 ? 'own' : 'other-set', request.value);
  }
  const asking = new Set(others.map(({ approvalRequestId }) => approvalRequestId));
  const expired = [...(await expiredRequests(context.store, environmentId))].filter((id) => asking.has(id));
  const notPending = selection === undefined ? 0 : selection.ids.length - meant.length;
  return ask(
    context,
    environmentId,
    actor,
    {
      ...asked,
      ...(own === 0 ? {} : { own }),
      ...(ofOtherSets === 0 ? {} : { ofOtherSets }),
      ...(notPending === 0 ? {} : { notPending }),
      ...(expired.length === 0 ? {} : { expired }),
      groups: groupsOf(others),
      revisions: Object.fromEntries(others.map(({ id, revision }) => [id, revision])),
    },
    others,
  );
}

/**
 * The same for a test of all mailboxes of a profile: its name may hold what no filter can.
 * @throws MailroomError `access.denied`, `bulk.nothing`, `run.nothing-to-test`
 */
export async function planProfileTest(
  context: Context,
  environmentId: string,
  actor: Actor,
  { id, name }: Pick<EmailServerProfile, 'id' | 'name'>,
): Promise<BulkAction> {
  await requireRight(context, environmentId, actor, rightOf.test);
  const found = await mailboxesOfProfile(context.store, environmentId, id);
  return ask(context, environmentId, actor, { kind: 'test', filter: name, profileName: name, reason: null }, found);
}

async function ask(
  context: Context,
  environmentId: string,
  actor: Actor,
  question: Pick<
    BulkAction,
    | 'kind'
    | 'filter'
    | 'reason'
    | 'profileName'
    | 'own'
    | 'ofOtherSets'
    | 'notPending'
    | 'expired'
    | 'groups'
    | 'revisions'
    | 'listId'
  >,
  mailboxes: readonly Mailbox[],
): Promise<BulkAction> {
  const { kind, filter } = question;
  if (mailboxes.length === 0) throw new MailroomError('bulk.nothing', { filter: filter.slice(0, 100) });
  const ids = mailboxes.map(({ id }) => id);
  const tested = kind === 'test' ? await whatWouldBeTested(context, environmentId, mailboxes) : null;
  const action: BulkAction = {
    ...question,
    ...(tested === null
      ? { mailboxIds: ids }
      : { mailboxIds: [...new Set([...tested.ids, ...ids])], leftOut: tested.leftOut }),
    environmentId,
    id: randomUUID(),
    actorId: actor.aadObjectId,
    filter: filter.slice(0, 200),
    mayTakeOver:
      kind === 'test' && (await getEnvironment(context.store, environmentId)).value.settings.organizationStamp,
    state: 'waiting',
    createdAt: context.clock.now(),
    revision: 1,
  };
  const key = keyOf(environmentId, action.id);
  await context.store.commit(
    [{ kind: 'put', collection: 'bulkAction', key, value: action }],
    [{ collection: 'bulkAction', key, version: 0 }],
  );
  return action;
}

export interface BulkResult {
  readonly action: BulkAction;
  readonly count: number;
  /** The run that began, or that a test joined. */
  readonly run: Run | null;
  /** Of a test: all that became of the request. */
  readonly test?: StartedRun;
  /** Of a decision: mailboxes that were counted and not decided, each with the reason. */
  readonly leftOut?: readonly NotDecided[];
}

/** `own`: the actor has asked for it; `other-set`: another approver set decides; `off`: switched off or taken back; `changed`: it is not as it was counted; `gone`: it has another address, or does not exist any more. */
export interface NotDecided {
  readonly address: string;
  readonly why: 'own' | 'other-set' | 'approved' | 'rejected' | 'off' | 'changed' | 'gone';
}

/**
 * Does what was asked, to exactly the mailboxes that were counted. A second yes finds it done. `takeOver` counts only where
 * the question had that choice, `reason` where the question was a dialog that asked for it.
 * @throws MailroomError `access.denied`, `bulk.unknown`, `bulk.not-yours`, `bulk.over`, `run.nothing-to-test`
 */
export async function confirmBulkAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  conversationId: string,
  takeOver = false,
  reason: string | null = null,
): Promise<BulkResult> {
  const stored = await loadAction(context, environmentId, actor, id);
  await requireRight(context, environmentId, actor, rightOf[stored.value.kind]);
  const { action, also } = closing(stored, 'done', reason);
  also.changes.push(...(await listChanges(context.store, action, context.clock.now())));
  try {
    return { action, ...(await carryOut(context, environmentId, actor, action, conversationId, takeOver, also)) };
  } catch (error) {
    // Of two clicks at once one commits; the other learns here that it is over.
    if (isMailroomError(error)) await loadAction(context, environmentId, actor, id);
    throw error;
  }
}

/** Does the work and closes the question in one commit: after a kill either both are there or none. */
async function carryOut(
  context: Context,
  environmentId: string,
  actor: Actor,
  {
    kind,
    mailboxIds,
    revisions,
    expired: expiredBefore = [],
    reason,
    filter,
    profileName,
    mayTakeOver = false,
  }: BulkAction,
  conversationId: string,
  takeOver: boolean,
  also: AlsoCommitted,
): Promise<Omit<BulkResult, 'action'>> {
  switch (kind) {
    case 'approve':
    case 'reject': {
      const decision = { verdict: kind === 'approve' ? 'approved' : 'rejected', reason } as const;
      // One that has another address by now is another question.
      const there = (await load(context, environmentId, mailboxIds)).map(({ value }) => value.id);
      // No question outlives the requests that it was asked about: what they let expire, somebody asks about anew.
      const expired = await expiredRequests(context.store, environmentId);
      const isOver = (request: string): boolean => expired.has(request) && !expiredBefore.includes(request);
      // A question of before they were kept has no revisions.
      const isAsShown = ({ id, revision, approvalRequestId }: Mailbox): boolean =>
        (revisions === undefined || revisions[id] === revision) && !isOver(approvalRequestId ?? '');
      const result = await decideMailboxes(context, environmentId, actor, there, decision, also, { isAsShown });
      const leftOut = await notDecided(context, environmentId, { counted: mailboxIds, there }, result);
      return { count: result.decided.length, run: result.run, leftOut };
    }
    case 'withdraw': {
      const there = (await load(context, environmentId, mailboxIds)).map(({ value }) => value.id);
      const { withdrawn } = await withdrawMailboxes(context, environmentId, actor, there, also);
      return { count: withdrawn.length, run: null };
    }
    case 'test': {
      const mailboxes = await load(context, environmentId, mailboxIds);
      const test = await startRun(
        context,
        environmentId,
        actor,
        conversationId,
        profileName === undefined ? { kind: 'selection', text: filter } : { kind: 'profile', name: profileName },
        mailboxes.map(({ value }) => value),
        also,
        takeOver && mayTakeOver,
      );
      return { count: test.isNew ? test.run.total : 0, run: test.run, test };
    }
  }
}

/** Why each of the counted mailboxes that were not decided was left out. */
async function notDecided(
  context: Context,
  environmentId: string,
  { counted, there }: { readonly counted: readonly string[]; readonly there: readonly string[] },
  { notPending, own, ofOtherSets, changed }: DecisionResult,
): Promise<NotDecided[]> {
  const found = new Set(there);
  const states = new Map(
    (await load(context, environmentId, notPending)).map(({ value }) => [value.id, value.approval]),
  );
  const whyOf = (id: string): NotDecided['why'] => {
    const approval = states.get(id);
    if (approval === approvalStatus.approved) return 'approved';
    return approval === approvalStatus.rejected ? 'rejected' : 'off';
  };
  return [
    ...own.map((address): NotDecided => ({ address, why: 'own' })),
    ...ofOtherSets.map((address): NotDecided => ({ address, why: 'other-set' })),
    ...changed.map((address): NotDecided => ({ address, why: 'changed' })),
    ...notPending.map((address): NotDecided => ({ address, why: whyOf(normalizeAddress(address)) })),
    ...counted.filter((id) => !found.has(id)).map((address): NotDecided => ({ address, why: 'gone' })),
  ];
}

/** The list in which the mailboxes were selected goes on without them: nothing is selected, and its card shows what is left. */
async function listChanges(
  store: Store,
  { environmentId, actorId, listId }: BulkAction,
  now: number,
): Promise<Change[]> {
  if (listId === undefined) return [];
  return [
    { kind: 'delete', collection: 'mailboxSelection', key: keyOf(environmentId, actorId, listId) },
    ...(await redrawCards(store, environmentId, { kind: 'mailbox-list', subjectId: listId }, now)),
  ];
}

/** @throws MailroomError `bulk.unknown`, `bulk.not-yours`, `bulk.over` */
export async function cancelBulkAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<BulkAction> {
  return retryConflict(async () => {
    const { action, also } = closing(await loadAction(context, environmentId, actor, id), 'cancelled');
    await context.store.commit(also.changes, also.expected);
    return action;
  });
}

/**
 * A question that waits for its answer, for whoever asked it.
 * @throws MailroomError `bulk.unknown`, `bulk.not-yours`, `bulk.over`
 */
export async function bulkActionOf(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<BulkAction> {
  return (await loadAction(context, environmentId, actor, id)).value;
}

async function load(context: Context, environmentId: string, ids: readonly string[]): Promise<Stored<Mailbox>[]> {
  const found = await Promise.all(ids.map((id) => context.store.get('mailbox', keyOf(environmentId, id))));
  return found.filter((stored) => stored !== undefined);
}

async function loadAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<Stored<BulkAction>> {
  const stored = await context.store.get('bulkAction', keyOf(environmentId, id));
  if (stored === undefined) throw new MailroomError('bulk.unknown');
  if (stored.value.actorId !== actor.aadObjectId) throw new MailroomError('bulk.not-yours');
  if (stored.value.state !== 'waiting') throw new MailroomError('bulk.over', { state: stored.value.state });
  return stored;
}

function closing(
  { key, version, value }: Stored<BulkAction>,
  state: 'done' | 'cancelled',
  reason: string | null = null,
): { action: BulkAction; also: { changes: Change[]; expected: ExpectedVersion[] } } {
  const action: BulkAction = { ...value, reason: value.reason ?? reason, state, revision: value.revision + 1 };
  return {
    action,
    also: {
      changes: [{ kind: 'put', collection: 'bulkAction', key, value: action }],
      expected: [{ collection: 'bulkAction', key, version }],
    },
  };
}
