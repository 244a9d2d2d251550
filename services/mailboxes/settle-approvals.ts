import type { Actor } from '../model/access.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { movesToOtherSet } from '../model/approver-set.ts';
import type { EmailSettings } from '../model/environment.ts';
import { approvalStatus, type Mailbox } from '../model/mailbox.ts';
import { redrawOwnMailboxCards } from '../approvals/own-mailbox-cards.ts';
import { requestApprovals } from '../approvals/request-approval.ts';
import { settleRequests } from '../approvals/settle-requests.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { needsApproval } from './approval-requirement.ts';
import { waiting } from './approval-switched-on.ts';

export interface ChangedMailbox {
  readonly before: Stored<Mailbox>;
  readonly after: Mailbox;
}

export interface SettledApprovals {
  /** The changed mailboxes with the approval that follows, in their order. */
  readonly mailboxes: ChangedMailbox[];
  readonly changes: Change[];
  readonly expected: ExpectedVersion[];
  /** Approval was asked for (again). */
  readonly asked: number;
  /** Approval is not asked for any more. */
  readonly withdrawn: number;
}

type Fate = 'stays' | 'asks' | 'withdraws' | 'renews';

/**
 * What a change of mailboxes does to their approval. Whoever is switched off waits for nobody; whoever is switched on, has
 * become of a type that needs it, has another address, or belongs to another approver set while it waits, is asked about; and a
 * card that shows one who waits is renewed.
 */
export async function settleApprovals(
  store: Store,
  environmentId: string,
  actor: Actor,
  settings: EmailSettings,
  changed: readonly ChangedMailbox[],
  conversationId: string,
  now: number,
): Promise<SettledApprovals> {
  const requests = await requestsOf(store, environmentId, changed);
  const fates = changed.map(({ before: { value: before }, after }) => {
    const request = requests.get(before.approvalRequestId ?? '');
    const isAskers = request?.requestedBy === actor.aadObjectId;
    const moves = movesToOtherSet(settings.approverSets, request?.approverSetId ?? null, before, after);
    return fateOf(settings, before, after, isAskers, moves);
  });
  const count = (fate: Fate): number => fates.filter((one) => one === fate).length;
  const raised = await requestApprovals(
    store,
    { environmentId, actor, conversationId, settings, testWhenApproved: true, now },
    changed.flatMap(({ after }, index) => (fates[index] === 'asks' ? after : [])),
  );
  const leaving = new Map<string, number>();
  const mailboxes = changed.map(({ before, after }, index): ChangedMailbox => {
    const fate = fates[index];
    const requestId = before.value.approvalRequestId;
    // Pending under a request of its own, or under another one now: the old one counts it no more.
    const leaves = before.value.approval === approvalStatus.pending && (fate === 'withdraws' || fate === 'asks');
    if (requestId !== null && (leaves || fate === 'renews'))
      leaving.set(requestId, (leaving.get(requestId) ?? 0) + (leaves ? 1 : 0));
    const asks = raised.requestIds.get(after.id);
    if (fate === 'asks' && asks !== undefined)
      return { before, after: { ...waiting(after, asks), revision: after.revision } };
    return { before, after: fate === 'withdraws' ? undecided(after) : after };
  });
  const settled = await settleRequests(store, environmentId, leaving, now);
  const shown = changed.flatMap(({ before: { value } }, index) =>
    value.approval === approvalStatus.pending && fates[index] !== 'stays' ? value.id : [],
  );
  const own = await redrawOwnMailboxCards(store, environmentId, shown, now);
  return {
    mailboxes,
    changes: [...own, ...raised.changes, ...settled.changes],
    expected: settled.expected,
    asked: count('asks'),
    withdrawn: count('withdraws'),
  };
}

/** The requests that ask about those that have another address, profile or type now, by id. */
async function requestsOf(
  store: Store,
  environmentId: string,
  changed: readonly ChangedMailbox[],
): Promise<ReadonlyMap<string, ApprovalRequest>> {
  const moved = changed.filter(({ before, after }) =>
    (['address', 'profileId', 'type'] as const).some((field) => before.value[field] !== after[field]),
  );
  const found = new Map<string, ApprovalRequest>();
  for (const id of new Set(moved.flatMap(({ before }) => before.value.approvalRequestId ?? []))) {
    const request = await store.get('approvalRequest', keyOf(environmentId, id));
    if (request !== undefined) found.set(id, request.value);
  }
  return found;
}

/**
 * `isAskers`: whoever changes the mailbox is the one who asked for its approval. `moves`: another approver set decides about it
 * now.
 */
function fateOf(settings: EmailSettings, before: Mailbox, after: Mailbox, isAskers: boolean, moves: boolean): Fate {
  const isPending = before.approval === approvalStatus.pending;
  const needs = needsApproval(settings, after.type);
  // An approval is one of an address: nobody has approved the new one, or rejected it.
  if (before.address !== after.address) {
    if (after.state === 'inactive' || !needs) return isPending || isDecided(before) ? 'withdraws' : 'stays';
    // Somebody else's address is somebody else's question: with four-eyes they must not answer it themselves.
    return isPending && isAskers && !moves ? 'renews' : 'asks';
  }
  if (after.state === 'inactive') return isPending ? 'withdraws' : 'stays';
  if (after.approval === approvalStatus.empty)
    return needs && (before.state !== after.state || before.type !== after.type) ? 'asks' : 'stays';
  if (isPending && moves && needs) return 'asks';
  const shown = (['owner', 'type', 'profileId'] as const).some((field) => before[field] !== after[field]);
  return isPending && shown ? 'renews' : 'stays';
}

const isDecided = ({ approval }: Mailbox): boolean =>
  approval === approvalStatus.approved || approval === approvalStatus.rejected;

function undecided(mailbox: Mailbox): Mailbox {
  return {
    ...mailbox,
    approval: approvalStatus.empty,
    approvalRequestId: null,
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
  };
}
