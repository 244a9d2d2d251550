import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { approvalChannels } from '../conversations/subscriptions.ts';
import { intentChange } from '../conversations/intents.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * One request for all mailboxes that became Pending together, with the wish to show its card in every approval channel.
 * Returned as changes: the caller commits them with the mailboxes.
 */
export async function newApprovalRequest(
  store: Store,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  total: number,
  testWhenApproved: boolean,
  now: number,
): Promise<{ id: string; changes: Change[] }> {
  const id = shortId();
  const request: ApprovalRequest = {
    environmentId,
    id,
    requestedBy: actor.aadObjectId,
    requestedByName: actor.name,
    requestedAt: now,
    conversationId,
    total,
    pending: total,
    approved: 0,
    rejected: 0,
    testWhenApproved,
    lastDecision: null,
    revision: 1,
  };
  const channels = await approvalChannels(store, environmentId);
  return {
    id,
    changes: [
      { kind: 'put', collection: 'approvalRequest', key: keyOf(environmentId, id), value: request },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, actor, 'approval.requested', [id], { mailboxes: total }),
      },
      ...channels.map((channel) => intentChange(environmentId, 'approval', id, channel, now)),
    ],
  };
}
