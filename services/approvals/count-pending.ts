import type { ApprovalRequest } from '../model/approval-request.ts';
import { approvalStatus, type Mailbox } from '../model/mailbox.ts';
import { groupsOf, rejectionsOf, type PendingCount } from '../model/pending-group.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { pendingOf } from './decide-mailboxes.ts';

/** Mailboxes that a card names. */
const sampleSize = 5;

/** Reasons of rejections that a card tells. */
const mostRejections = 3;

/** Requests whose numbers are kept: more than are looked at in one moment. */
const mostKept = 200;

/** Numbers by store and, within, by request and revision: what they are about changes only together with the revision. */
const kept = new WeakMap<Store, Map<string, Promise<PendingCount>>>();

/**
 * The pending mailboxes of a request, counted by profile and type, and why others were rejected. One pass over them for each revision of the request: after
 * each edit of its card the clients of all approvers ask at once.
 */
export async function countPending(store: Store, request: ApprovalRequest): Promise<PendingCount> {
  if (request.pending === 0 && request.rejected === 0 && request.total !== 1)
    return { groups: [], sample: [], only: null, rejections: [] };
  const ofStore = kept.get(store) ?? new Map<string, Promise<PendingCount>>();
  kept.set(store, ofStore);
  const key = `${keyOf(request.environmentId, request.id)} ${request.revision}`;
  const known = ofStore.get(key);
  if (known !== undefined) return known;
  const [oldest] = ofStore.keys();
  if (ofStore.size >= mostKept && oldest !== undefined) ofStore.delete(oldest);
  const counting = count(store, request);
  ofStore.set(key, counting);
  let isOfThisRevision = false;
  try {
    const counted = await counting;
    // Else a decision came between the request and its mailboxes, and these are the numbers of another revision.
    isOfThisRevision = counted.groups.reduce((sum, group) => sum + group.count, 0) === request.pending;
    return counted;
  } finally {
    if (!isOfThisRevision) ofStore.delete(key);
  }
}

async function count(store: Store, request: ApprovalRequest): Promise<PendingCount> {
  const { environmentId, id } = request;
  const pending = request.pending === 0 ? [] : await pendingOf(store, environmentId, id);
  const rejected =
    request.rejected === 0
      ? []
      : await mailboxesOf(store, environmentId, {
          approvalRequestId: id,
          approval: approvalStatus.rejected,
        });
  const [only] = request.total === 1 ? await mailboxesOf(store, environmentId, { approvalRequestId: id }) : [];
  return {
    groups: groupsOf(pending.map(({ value }) => value)),
    sample: pending.slice(0, sampleSize).map(({ value }) => value),
    only: only?.value ?? null,
    rejections: rejectionsOf(rejected.map(({ value }) => value)).slice(0, mostRejections),
  };
}

function mailboxesOf(
  store: Store,
  environmentId: string,
  where: Partial<Pick<Mailbox, 'approvalRequestId' | 'approval'>>,
): Promise<Stored<Mailbox>[]> {
  return store.query('mailbox', { prefix: keyOf(environmentId, ''), where, limit: 100_000 });
}
