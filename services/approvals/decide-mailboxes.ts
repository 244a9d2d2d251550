import type { Actor } from '../model/access.ts';
import { isLive, reasonLimit, type ApprovalRequest } from '../model/approval-request.ts';
import { MailroomError } from '../model/error.ts';
import { approvalStatus, normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import { hasVisibleText } from '../model/visible-text.ts';
import type { Run } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { timeSlices } from '../time-slices.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { prepareRun, type AlsoCommitted } from '../testing/start-run.ts';
import { mailboxKey } from '../mailboxes/mailbox-key.ts';
import { mayDecideOf, refusalOf } from './may-decide.ts';
import { mailboxEntries } from './mailbox-entries.ts';
import { redrawOwnMailboxCards } from './own-mailbox-cards.ts';
import { redrawRequest } from './redraw-request.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

export interface Decision {
  readonly verdict: 'approved' | 'rejected';
  /** Required for a rejection. */
  readonly reason: string | null;
  /** The mailbox is that of whoever decides (`approveOwnMailbox`); the trail says so. */
  readonly isOfOwnMailbox?: true;
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
  /** Named mailboxes about which another approver set decides. */
  readonly ofOtherSets: string[];
  /** Named mailboxes that are not as they were shown to whoever decides. */
  readonly changed: string[];
  readonly run: Run | null;
}

/** Decisions about other mailboxes of the same request count on the same record: of fifty at one instant the last one waits for all. */
const mostTries = 100;

/**
 * Decides about the pending mailboxes of one request: all of them, or some. `revision` is that of the card that was
 * clicked, which binds "all" to the mailboxes it counted; a stale click decides nothing.
 * @throws MailroomError `access.denied`, `approval.unknown`, `approval.reason-missing`, `approval.reason-too-long`,
 * `approval.none-selected`, `approval.own` {count, names}: the actor has asked, and four-eyes is on, `approval.other-set`
 * {set, count, names}: the actor is not among those of its approver set
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
    const may = await mayDecideOf(context, environmentId, actor);
    const answer = may.about(stored.value);
    if (answer !== 'decides') throw await refusalOf(context, environmentId, answer, stored.value);
    const pending = await pendingOf(context.store, environmentId, requestId);
    const ids = new Set(addresses);
    const wanted = addresses === 'all' ? pending : pending.filter((mailbox) => ids.has(mailbox.value.id));
    // Against the revision that was clicked: a decision that comes in between makes this click a stale one.
    const result = await commitDecision(context, environmentId, actor, wanted, decision, {
      changes: [],
      expected: [{ collection: 'approvalRequest', key: stored.key, version: stored.version }, ...may.expected()],
    });
    return { request: (await getRequest(context.store, environmentId, requestId)).value, stale: false, result };
  });
}

/** Which of the named mailboxes are meant: rejected ones too, where each was named; only those that are as they were shown. */
interface Meant {
  readonly takes?: 'pending' | 'pending or rejected';
  readonly isAsShown?: (mailbox: Mailbox) => boolean;
}

/**
 * Decides about mailboxes by address, as the chat commands do. An approver may change a rejection to an approval where it
 * is meant, since each was named or shown (`takes`). A filter counted
 * pending ones, so a rejection that came in between stands (DESIGN, law 1). The others, about which there is nothing to
 * decide, which the actor has asked for (four-eyes), about which another approver set decides, or which are not `isAsShown`, are
 * named in the result.
 * @throws MailroomError as decideRequest, `mailbox.unknown`; `approval.own` and `approval.other-set` only where it holds for
 * all that could be decided
 */
export async function decideMailboxes(
  context: Context,
  environmentId: string,
  actor: Actor,
  addresses: readonly string[],
  decision: Decision,
  also: AlsoCommitted = { changes: [], expected: [] },
  { takes = 'pending', isAsShown = () => true }: Meant = {},
): Promise<DecisionResult> {
  await requireRight(context, environmentId, actor, 'decide');
  checkReason(decision);
  const mayChange = decision.verdict === 'approved' && takes === 'pending or rejected';
  const isOpen = ({ value: { approval } }: Stored<Mailbox>): boolean =>
    approval === approvalStatus.pending || (mayChange && approval === approvalStatus.rejected);
  return retryConflict(async () => {
    const may = await mayDecideOf(context, environmentId, actor);
    const open: Stored<Mailbox>[] = [];
    const own: Stored<Mailbox>[] = [];
    const ofOtherSets: Stored<Mailbox>[] = [];
    const notPending: string[] = [];
    const changed: string[] = [];
    // In one spelling: a mailbox that is named twice is decided, and counted, once.
    for (const address of new Set(addresses.map(normalizeAddress))) {
      const stored = await context.store.get('mailbox', mailboxKey(environmentId, address));
      if (stored === undefined) throw new MailroomError('mailbox.unknown', { address: address.slice(0, 100) });
      if (!isOpen(stored)) {
        notPending.push(stored.value.address);
        continue;
      }
      const answer = await may.aboutMailbox(stored.value);
      if (answer === 'decides' && !isAsShown(stored.value)) changed.push(stored.value.address);
      else ({ decides: open, own, 'other-set': ofOtherSets })[answer].push(stored);
    }
    await refuseWhereNothingIsLeft(context, environmentId, open, own, ofOtherSets);
    const result = await commitDecision(context, environmentId, actor, open, decision, {
      changes: also.changes,
      expected: [...also.expected, ...may.expected()],
    });
    const addressesOf = (left: readonly Stored<Mailbox>[]): string[] => left.map(({ value }) => value.address);
    return { ...result, notPending, own: addressesOf(own), ofOtherSets: addressesOf(ofOtherSets), changed };
  }, mostTries);
}

/** Where some are left out for this reason and some for that, nothing is decided and the result names them. */
async function refuseWhereNothingIsLeft(
  context: Context,
  environmentId: string,
  open: readonly Stored<Mailbox>[],
  own: readonly Stored<Mailbox>[],
  ofOtherSets: readonly Stored<Mailbox>[],
): Promise<void> {
  const [first] = own.length > 0 ? own : ofOtherSets;
  if (open.length > 0 || first === undefined || (own.length > 0 && ofOtherSets.length > 0)) return;
  const { value } = await getRequest(context.store, environmentId, first.value.approvalRequestId ?? '');
  throw await refusalOf(context, environmentId, own.length > 0 ? 'own' : 'other-set', value);
}

/** Mailboxes of a request that still wait, by address. A card that shows the first few asks for no more: how many there are, the request says. */
export async function pendingOf(
  store: Store,
  environmentId: string,
  requestId: string,
  limit = 100_000,
): Promise<Stored<Mailbox>[]> {
  return store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { approvalRequestId: requestId, approval: approvalStatus.pending },
    limit,
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
export async function commitDecision(
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
    return { decided: [], rejectedBefore: [], notPending: [], own: [], ofOtherSets: [], changed: [], run: null };
  }
  const pause = timeSlices();
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
  const wasRejected = new Set(rejectedBefore);
  const changes: Change[] = [];
  const expected: ExpectedVersion[] = mailboxes.map(({ key, version }) => ({ collection: 'mailbox', key, version }));
  const testing: Mailbox[] = [];
  let runConversation = '';
  // Thousands of mailboxes may have a request each: they are sorted out once.
  const changedBy = Map.groupBy(before, ({ value }) => value.approvalRequestId);
  for (const [requestId, mine] of Map.groupBy(decided, (mailbox) => mailbox.approvalRequestId)) {
    const request = requestId === null ? null : await getRequest(store, environmentId, requestId);
    for (const entry of entriesOf(mine, request?.value ?? null)) changes.push(entry);
    await pause();
    if (requestId === null || request === null) continue;
    const changed = changedBy.get(requestId)?.length ?? 0;
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
  changes.push(
    ...(await redrawOwnMailboxCards(
      store,
      environmentId,
      decided.map(({ id }) => id),
      now,
    )),
  );
  // Prepared with the mailboxes as they will be after this commit: approved.
  const run =
    testing.length === 0
      ? null
      : await prepareRun(context, environmentId, actor, runConversation, { kind: 'approved' }, testing);
  for (const [index, value] of decided.entries())
    changes.push({
      kind: 'put',
      collection: 'mailbox',
      key: mailboxes[index]?.key ?? mailboxKey(environmentId, value.address),
      value,
    });
  await pause();
  await store.commit(
    [...changes, ...(run?.changes ?? []), ...also.changes],
    [...expected, ...(run?.expected ?? []), ...also.expected],
  );
  return {
    decided: addresses,
    rejectedBefore,
    notPending: [],
    own: [],
    ofOtherSets: [],
    changed: [],
    run: run?.run ?? null,
  };

  function entriesOf(mine: readonly Mailbox[], request: ApprovalRequest | null): Change[] {
    const kind =
      decision.isOfOwnMailbox === true ? 'approval.self-approved' : (`approval.${decision.verdict}` as const);
    return mailboxEntries(
      { environmentId, now, actor, kind, request },
      mine.map(({ address }) => ({
        address,
        details: { reason: decision.reason, ...(wasRejected.has(address) ? { rejectedBefore: true } : {}) },
      })),
    );
  }
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

/**
 * A rejection has a reason that its readers see and its cards have room for.
 * @throws MailroomError `approval.reason-missing`, `approval.reason-too-long` {limit}
 */
export function checkReason(decision: Decision): void {
  if (decision.verdict === 'rejected' && !hasVisibleText(decision.reason ?? ''))
    throw new MailroomError('approval.reason-missing');
  if (decision.reason !== null && decision.reason.length > reasonLimit)
    throw new MailroomError('approval.reason-too-long', { limit: reasonLimit });
}
