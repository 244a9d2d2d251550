import type { ApprovalRequest } from '../model/approval-request.ts';
import { streamPages } from '../storage/stream-pages.ts';
import { keyOf, type Store } from '../storage/store.ts';

/**
 * Requests with mailboxes that wait, those that have expired among them, by id. The decided ones, which are kept for a while and
 * may be many thousands, are passed over a page at a time.
 */
export async function waitingRequests(store: Store, environmentId: string): Promise<ApprovalRequest[]> {
  const waiting: ApprovalRequest[] = [];
  for await (const page of streamPages(store, 'approvalRequest', { prefix: keyOf(environmentId, '') }))
    for (const { value } of page) if (value.pending > 0) waiting.push(value);
  return waiting;
}
