import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import type { BulkAction } from '../model/bulk-action.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import { approvalStatus, type Mailbox } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Run } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { decideMailboxes } from '../approvals/decide-mailboxes.ts';
import { fourEyesOf, refusalOfOwn } from '../approvals/four-eyes.ts';
import { withdrawMailboxes } from '../approvals/withdraw-request.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Stored } from '../storage/store.ts';
import { startRun, whatWouldBeTested, type AlsoCommitted, type StartedRun } from '../testing/start-run.ts';
import { mailboxesOfProfile, selectMailboxes } from './find-mailboxes.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

const rightOf = { approve: 'decide', reject: 'decide', withdraw: 'manage', test: 'test' } as const;

/**
 * Counts what a bulk command would act on and remembers exactly those mailboxes until the answer. `ids`: mailboxes that were
 * counted already; the filter is then only the title.
 * Mailboxes whose approval the actor has asked for are left out of a decision where four-eyes is on, and counted apart.
 * @throws MailroomError `access.denied`, `filter.*`, `mailbox.*`, `bulk.nothing`, `run.nothing-to-test`, `approval.own`
 */
export async function planBulkAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  kind: BulkAction['kind'],
  filter: string,
  reason: string | null = null,
  ids?: readonly string[],
): Promise<BulkAction> {
  await requireRight(context, environmentId, actor, rightOf[kind]);
  const found = await (ids === undefined
    ? selectMailboxes(context.store, environmentId, filter)
    : load(context, environmentId, ids));
  const deciding = kind !== 'test';
  const meant = found
    .map(({ value }) => value)
    .filter(({ approval }) => !deciding || approval === approvalStatus.pending);
  if (!deciding || kind === 'withdraw') return ask(context, environmentId, actor, { kind, filter, reason }, meant);
  const eyes = await fourEyesOf(context, environmentId, actor);
  const may = await Promise.all(meant.map((mailbox) => eyes.mayDecideMailbox(mailbox)));
  const others = meant.filter((_, index) => may[index] === true);
  const own = meant.length - others.length;
  if (own > 0 && others.length === 0)
    throw await refusalOfOwn(context, environmentId, { requestedBy: actor.aadObjectId });
  return ask(context, environmentId, actor, { kind, filter, reason, ...(own === 0 ? {} : { own }) }, others);
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
  question: Pick<BulkAction, 'kind' | 'filter' | 'reason' | 'profileName' | 'own'>,
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
}

/**
 * Does what was asked, to exactly the mailboxes that were counted. A second yes finds it done. `takeOver` counts only where
 * the question had that choice.
 * @throws MailroomError `access.denied`, `bulk.unknown`, `bulk.not-yours`, `bulk.over`, `run.nothing-to-test`
 */
export async function confirmBulkAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  conversationId: string,
  takeOver = false,
): Promise<BulkResult> {
  const stored = await loadAction(context, environmentId, actor, id);
  await requireRight(context, environmentId, actor, rightOf[stored.value.kind]);
  const { action, also } = closing(stored, 'done');
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
  { kind, mailboxIds, reason, filter, profileName, mayTakeOver = false }: BulkAction,
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
      const result = await decideMailboxes(context, environmentId, actor, there, decision, also);
      return { count: result.decided.length, run: result.run };
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
): { action: BulkAction; also: AlsoCommitted } {
  const action: BulkAction = { ...value, state, revision: value.revision + 1 };
  return {
    action,
    also: {
      changes: [{ kind: 'put', collection: 'bulkAction', key, value: action }],
      expected: [{ collection: 'bulkAction', key, version }],
    },
  };
}
