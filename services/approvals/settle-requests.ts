import type { Actor } from '../model/access.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';
import { redrawRequest } from './redraw-request.ts';

/**
 * What open requests show has changed: `leaving` says of each how many of its mailboxes do not wait any more (0: they wait, and
 * their facts are others). Its revision moves on, so that nobody decides by a card that shows what was (DESIGN, law 1).
 * `withdrawnBy`: they leave because somebody took the request for them back. Returned as changes: the caller commits them with the mailboxes.
 */
export async function settleRequests(
  store: Store,
  environmentId: string,
  leaving: ReadonlyMap<string, number>,
  now: number,
  withdrawnBy?: Actor,
): Promise<{ changes: Change[]; expected: ExpectedVersion[] }> {
  const changes: Change[] = [];
  const expected: ExpectedVersion[] = [];
  for (const [id, left] of leaving) {
    const request = await store.get('approvalRequest', keyOf(environmentId, id));
    if (request === undefined) continue;
    const { key, version, value: before } = request;
    const value: ApprovalRequest = {
      ...before,
      total: before.total - left,
      pending: before.pending - left,
      ...(withdrawnBy === undefined ? {} : { withdrawal: { by: withdrawnBy.name, at: now, count: left } }),
      revision: before.revision + 1,
    };
    changes.push({ kind: 'put', collection: 'approvalRequest', key, value });
    expected.push({ collection: 'approvalRequest', key, version });
    changes.push(...(await redrawRequest(store, environmentId, id, now)));
  }
  return { changes, expected };
}
