import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { BulkAction } from '../model/bulk-action.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import { approvalStatus, type Mailbox } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Run } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { decideMailboxes } from '../approvals/decide-mailboxes.ts';
import { renewRequests } from '../approvals/request-approval.ts';
import { getEnvironment } from '../platform/environments.ts';
import { holdProfile } from '../profiles/hold-profile.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { prepareRun, startRun, whatWouldBeTested, type AlsoCommitted, type StartedRun } from '../testing/start-run.ts';
import { withDefaults } from './default-methods.ts';
import { mailboxesOfProfile, selectMailboxes } from './find-mailboxes.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

const rightOf = { 'apply-defaults': 'manage', approve: 'decide', reject: 'decide', test: 'test' } as const;

/**
 * Counts what a bulk command would act on and remembers exactly those mailboxes until the answer.
 * @throws MailroomError `access.denied`, `filter.*`, `mailbox.*`, `bulk.nothing`, `run.nothing-to-test`
 */
export async function planBulkAction(
  context: Context,
  environmentId: string,
  actor: Actor,
  kind: BulkAction['kind'],
  filter: string,
  reason: string | null = null,
): Promise<BulkAction> {
  await requireRight(context, environmentId, actor, rightOf[kind]);
  const found = await selectMailboxes(context.store, environmentId, filter);
  const deciding = kind === 'approve' || kind === 'reject';
  const meant = found
    .map(({ value }) => value)
    .filter(({ approval }) => !deciding || approval === approvalStatus.pending);
  return ask(context, environmentId, actor, { kind, filter, reason }, meant);
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
  question: Pick<BulkAction, 'kind' | 'filter' | 'reason' | 'profileName'>,
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
    case 'apply-defaults':
      return applyDefaults(context, environmentId, actor, mailboxIds, conversationId, also);
    case 'approve':
    case 'reject': {
      const decision = { verdict: kind === 'approve' ? 'approved' : 'rejected', reason } as const;
      const result = await decideMailboxes(context, environmentId, actor, mailboxIds, decision, also);
      return { count: result.decided.length, run: result.run };
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

/**
 * Gives mailboxes the organization's defaults and tests those that may be tested, as the platform's command of that name
 * does (learn.microsoft.com/power-platform/admin/connect-exchange-server-on-premises).
 */
async function applyDefaults(
  context: Context,
  environmentId: string,
  actor: Actor,
  mailboxIds: readonly string[],
  conversationId: string,
  also: AlsoCommitted,
): Promise<Omit<BulkResult, 'action'>> {
  return retryConflict(async () => {
    const environment = await getEnvironment(context.store, environmentId);
    const { settings } = environment.value;
    const held = await holdProfile(context.store, environmentId, settings.defaultProfileId);
    const before = await load(context, environmentId, mailboxIds);
    const after = before.map(({ value }) => withDefaults(settings, value));
    const run = await prepareRun(
      context,
      environmentId,
      actor,
      conversationId,
      { kind: 'selection', text: 'apply defaults' },
      after,
    );
    // Whoever is asked about a mailbox sees its profile.
    const moved = after.filter(
      ({ approval, profileId }, index) =>
        approval === approvalStatus.pending && profileId !== before[index]?.value.profileId,
    );
    const renewed = await renewRequests(
      context.store,
      environmentId,
      new Set(moved.flatMap(({ approvalRequestId }) => approvalRequestId ?? [])),
      context.clock.now(),
    );
    const changes: Change[] = [
      ...held.changes,
      ...renewed.changes,
      ...after.map((value, index): Change => ({
        kind: 'put',
        collection: 'mailbox',
        key: before[index]?.key ?? keyOf(environmentId, value.id),
        value,
      })),
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, context.clock.now(), actor, 'mailboxes.defaults-applied', mailboxIds, {
          count: after.length,
        }),
      },
      ...(run?.changes ?? []),
      ...also.changes,
    ];
    const expected: ExpectedVersion[] = [
      { collection: 'environment', key: environment.key, version: environment.version },
      ...held.expected,
      ...renewed.expected,
      ...before.map(({ key, version }): ExpectedVersion => ({ collection: 'mailbox', key, version })),
      ...(run?.expected ?? []),
      ...also.expected,
    ];
    await context.store.commit(changes, expected);
    return { count: after.length, run: run?.run ?? null };
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
