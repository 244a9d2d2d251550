import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { isLive, type ApprovalRequest } from '../model/approval-request.ts';
import { MailroomError } from '../model/error.ts';
import { approvalStatus, normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import type { Run } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { prepareRun, type AlsoCommitted } from '../testing/start-run.ts';
import { mailboxKey } from '../mailboxes/mailbox-key.ts';
import { fourEyesOf, refusalOfOwn } from './four-eyes.ts';
import { redrawRequest } from './redraw-request.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

export interface Decision {
  readonly verdict: 'approved' | 'rejected';
  /** Required for a rejection. */
  readonly reason: string | null;
}

export interface DecisionResult {
  /** Mailboxes that this decision changed. */
  readonly decided: string[];
  /** Those of them that had been rejected before. */
  readonly rejectedBefore: string[];
  /** Named mailboxes about which there was nothing to decide (any more). */
  readonly notPending: string[];
  /** Named mailboxes whose approval the actor has asked for: with four-eyes somebody else decides about them. */
  readonly own: string[];
  readonly run: Run | null;
}

const reasonLimit = 500;
/** Decisions about other mailboxes of the same request count on the same record: of fifty at one instant the last one waits for all. */
const mostTries = 100;

/**
 * Decides about the pending mailboxes of one request: all of them, or some. `revision` is that of the card that was
 * clicked, which binds "all" to the mailboxes it counted; a stale click decides nothing.
 * @throws MailroomError `access.denied`, `approval.unknown`, `approval.reason-missing`, `approval.reason-too-long`,
 * `approval.none-selected`, `approval.own` {count, names}: the actor has asked, and four-eyes is on
 */
export async function decideRequest(
  context: Context,
  environmentId: string,
  actor: Actor,
  requestId: string,
  revision: number,
  addresses: 'all' | readonly string[],
  decision: Decision,
): Promise<{ request: ApprovalRequest; stale: boolean; result: DecisionResult | null }> {
  await requireRight(context, environmentId, actor, 'decide');
  checkReason(decision);
  if (addresses !== 'all' && addresses.length === 0) throw new MailroomError('approval.none-selected');
  return retryConflict(async () => {
    const stored = await getRequest(context.store, environmentId, requestId);
    if (stored.value.revision !== revision || !isLive(stored.value))
      return { request: stored.value, stale: true, result: null };
    const eyes = await fourEyesOf(context, environmentId, actor);
    if (!eyes.mayDecide(stored.value)) throw await refusalOfOwn(context, environmentId, stored.value);
    const pending = await pendingOf(context.store, environmentId, requestId);
    const wanted = addresses === 'all' ? pending : pending.filter((mailbox) => addresses.includes(mailbox.value.id));
    // Against the revision that was clicked: a decision that comes in between makes this click a stale one.
    const result = await commitDecision(context, environmentId, actor, wanted, decision, {
      changes: [],
      expected: [{ collection: 'approvalRequest', key: stored.key, version: stored.version }, ...eyes.expected],
    });
    return { request: (await getRequest(context.store, environmentId, requestId)).value, stale: false, result };
  });
}

/**
 * Decides about mailboxes by address, as the chat commands do. An approver may change a rejection to an approval where it
 * is meant: `takes` says so, since each was named, or `also` expects the version of it that was seen. A filter counted
 * pending ones, so a rejection that came in between stands (DESIGN, law 1). The others, about which there is nothing to
 * decide, or which the actor has asked for (four-eyes), are named in the result.
 * @throws MailroomError as decideRequest, `mailbox.unknown`; `approval.own` only where it holds for all that could be decided
 */
export async function decideMailboxes(
  context: Context,
  environmentId: string,
  actor: Actor,
  addresses: readonly string[],
  decision: Decision,
  also: AlsoCommitted = { changes: [], expected: [] },
  takes: 'pending' | 'pending or rejected' = 'pending',
): Promise<DecisionResult> {
  await requireRight(context, environmentId, actor, 'decide');
  checkReason(decision);
  const seen = new Set(also.expected.filter(({ collection }) => collection === 'mailbox').map(({ key }) => key));
  const mayDecide = ({ key, value: { approval } }: Stored<Mailbox>): boolean => {
    if (approval === approvalStatus.pending) return true;
    const mayChange = decision.verdict === 'approved' && (takes === 'pending or rejected' || seen.has(key));
    return mayChange && approval === approvalStatus.rejected;
  };
  return retryConflict(async () => {
    const eyes = await fourEyesOf(context, environmentId, actor);
    const open: Stored<Mailbox>[] = [];
    const own: Stored<Mailbox>[] = [];
    const notPending: string[] = [];
    // In one spelling: a mailbox that is named twice is decided, and counted, once.
    for (const address of new Set(addresses.map(normalizeAddress))) {
      const stored = await context.store.get('mailbox', mailboxKey(environmentId, address));
      if (stored === undefined) throw new MailroomError('mailbox.unknown', { address: address.slice(0, 100) });
      if (!mayDecide(stored)) notPending.push(stored.value.address);
      else if (await eyes.mayDecideMailbox(stored.value)) open.push(stored);
      else own.push(stored);
    }
    if (open.length === 0 && own.length > 0)
      throw await refusalOfOwn(context, environmentId, { requestedBy: actor.aadObjectId });
    const result = await commitDecision(context, environmentId, actor, open, decision, {
      changes: also.changes,
      expected: [...also.expected, ...eyes.expected],
    });
    return { ...result, notPending, own: own.map(({ value }) => value.address) };
  }, mostTries);
}

/** Mailboxes of a request that still wait. */
export async function pendingOf(store: Store, environmentId: string, requestId: string): Promise<Stored<Mailbox>[]> {
  return store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { approvalRequestId: requestId, approval: approvalStatus.pending },
    limit: 100_000,
  });
}

/** @throws MailroomError `approval.unknown` */
export async function getRequest(
  store: Store,
  environmentId: string,
  requestId: string,
): Promise<Stored<ApprovalRequest>> {
  const stored = await store.get('approvalRequest', keyOf(environmentId, requestId));
  if (stored === undefined) throw new MailroomError('approval.unknown');
  return stored;
}

/** Mailboxes, their requests, audit, every copy of the cards, and the test that was wished for: one commit. */
async function commitDecision(
  context: Context,
  environmentId: string,
  actor: Actor,
  mailboxes: readonly Stored<Mailbox>[],
  decision: Decision,
  also: AlsoCommitted,
): Promise<DecisionResult> {
  const { store, clock } = context;
  if (mailboxes.length === 0) {
    await store.commit(also.changes, also.expected);
    return { decided: [], rejectedBefore: [], notPending: [], own: [], run: null };
  }
  const now = clock.now();
  const approval = decision.verdict === 'approved' ? approvalStatus.approved : approvalStatus.rejected;
  const decided = mailboxes.map(({ value }): Mailbox => ({
    ...value,
    approval,
    decidedBy: actor.name === '' ? actor.aadObjectId : actor.name,
    decidedAt: now,
    decisionReason: decision.reason,
    revision: value.revision + 1,
  }));
  const addresses = decided.map((mailbox) => mailbox.address);
  const before = mailboxes.filter(({ value }) => value.approval === approvalStatus.rejected);
  const rejectedBefore = before.map(({ value }) => value.address);
  const changes: Change[] = [
    {
      kind: 'append',
      log: 'audit',
      entry: auditEntry(
        environmentId,
        now,
        actor,
        decision.verdict === 'approved' ? 'approval.approved' : 'approval.rejected',
        addresses,
        before.length === 0 ? { reason: decision.reason } : { reason: decision.reason, rejectedBefore: before.length },
      ),
    },
  ];
  const expected: ExpectedVersion[] = mailboxes.map(({ key, version }) => ({ collection: 'mailbox', key, version }));
  const testing: Mailbox[] = [];
  let runConversation = '';
  for (const requestId of new Set(decided.flatMap((mailbox) => mailbox.approvalRequestId ?? []))) {
    const request = await getRequest(store, environmentId, requestId);
    const mine = decided.filter((mailbox) => mailbox.approvalRequestId === requestId);
    const changed = before.filter(({ value }) => value.approvalRequestId === requestId).length;
    changes.push({
      kind: 'put',
      collection: 'approvalRequest',
      key: request.key,
      value: withDecision(request.value, actor, decision, mine.length, changed, now),
    });
    expected.push({ collection: 'approvalRequest', key: request.key, version: request.version });
    changes.push(...(await redrawRequest(store, environmentId, requestId, now)));
    if (decision.verdict === 'approved' && request.value.testWhenApproved) {
      testing.push(...mine);
      runConversation = request.value.conversationId;
    }
  }
  // Prepared with the mailboxes as they will be after this commit: approved.
  const run =
    testing.length === 0
      ? null
      : await prepareRun(context, environmentId, actor, runConversation, { kind: 'approved' }, testing);
  changes.push(
    ...decided.map((value, index): Change => ({
      kind: 'put',
      collection: 'mailbox',
      key: mailboxes[index]?.key ?? mailboxKey(environmentId, value.address),
      value,
    })),
  );
  if (run !== null) {
    changes.push(...run.changes);
    expected.push(...run.expected);
  }
  await store.commit([...changes, ...also.changes], [...expected, ...also.expected]);
  return { decided: addresses, rejectedBefore, notPending: [], own: [], run: run?.run ?? null };
}

/** `changed` of the `count` mailboxes were rejected before: they were not pending any more. */
function withDecision(
  request: ApprovalRequest,
  actor: Actor,
  decision: Decision,
  count: number,
  changed: number,
  now: number,
): ApprovalRequest {
  return {
    ...request,
    pending: request.pending - (count - changed),
    approved: request.approved + (decision.verdict === 'approved' ? count : 0),
    rejected: request.rejected - changed + (decision.verdict === 'rejected' ? count : 0),
    lastDecision: { by: actor.name, at: now, verdict: decision.verdict, count, reason: decision.reason },
    revision: request.revision + 1,
  };
}

function checkReason(decision: Decision): void {
  if (decision.verdict === 'rejected' && (decision.reason === null || decision.reason.trim() === ''))
    throw new MailroomError('approval.reason-missing');
  if (decision.reason !== null && decision.reason.length > reasonLimit)
    throw new MailroomError('approval.reason-too-long', { limit: reasonLimit });
}
