import type { Actor } from '../model/access.ts';
import type { EmailSettings } from '../model/environment.ts';
import { approvalStatus, type Mailbox } from '../model/mailbox.ts';
import { newApprovalRequest } from '../approvals/request-approval.ts';
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
 * become of a type that needs it, or has another address is asked about; and a card that shows one who waits is renewed.
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
  const asker = await requestersOf(store, environmentId, changed);
  const fates = changed.map(({ before, after }) => {
    const { approvalRequestId: id } = before.value;
    return fateOf(settings, before.value, after, id !== null && asker.get(id) === actor.aadObjectId);
  });
  const count = (fate: Fate): number => fates.filter((one) => one === fate).length;
  const asked = count('asks');
  const request =
    asked === 0 ? null : await newApprovalRequest(store, environmentId, actor, conversationId, asked, true, now);
  const leaving = new Map<string, number>();
  const mailboxes = changed.map(({ before, after }, index): ChangedMailbox => {
    const fate = fates[index];
    const requestId = before.value.approvalRequestId;
    // Pending under a request of its own, or under another one now: the old one counts it no more.
    const leaves = before.value.approval === approvalStatus.pending && (fate === 'withdraws' || fate === 'asks');
    if (requestId !== null && (leaves || fate === 'renews'))
      leaving.set(requestId, (leaving.get(requestId) ?? 0) + (leaves ? 1 : 0));
    if (fate === 'asks' && request !== null)
      return { before, after: { ...waiting(after, request.id), revision: after.revision } };
    return { before, after: fate === 'withdraws' ? undecided(after) : after };
  });
  const settled = await settleRequests(store, environmentId, leaving, now);
  return {
    mailboxes,
    changes: [...(request?.changes ?? []), ...settled.changes],
    expected: settled.expected,
    asked,
    withdrawn: count('withdraws'),
  };
}

/** Who asked about those that have another address now. */
async function requestersOf(
  store: Store,
  environmentId: string,
  changed: readonly ChangedMailbox[],
): Promise<ReadonlyMap<string, string>> {
  const moved = changed.filter(({ before, after }) => before.value.address !== after.address);
  const found = new Map<string, string>();
  for (const { before } of moved) {
    const id = before.value.approvalRequestId;
    const request = id === null ? undefined : await store.get('approvalRequest', keyOf(environmentId, id));
    if (request !== undefined) found.set(request.value.id, request.value.requestedBy);
  }
  return found;
}

/** `isAskers`: whoever changes the mailbox is the one who asked for its approval. */
function fateOf(settings: EmailSettings, before: Mailbox, after: Mailbox, isAskers: boolean): Fate {
  const isPending = before.approval === approvalStatus.pending;
  const needs = needsApproval(settings, after.type);
  // An approval is one of an address: nobody has approved the new one, or rejected it.
  if (before.address !== after.address) {
    if (after.state === 'inactive' || !needs) return isPending || isDecided(before) ? 'withdraws' : 'stays';
    // Somebody else's address is somebody else's question: with four-eyes they must not answer it themselves.
    return isPending && isAskers ? 'renews' : 'asks';
  }
  if (after.state === 'inactive') return isPending ? 'withdraws' : 'stays';
  if (after.approval === approvalStatus.empty)
    return needs && (before.state !== after.state || before.type !== after.type) ? 'asks' : 'stays';
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
