import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { dueAfter, type ApprovalRequest } from '../model/approval-request.ts';
import { approvalAudience } from '../conversations/approval-audience.ts';
import { intentChange } from '../conversations/intents.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * One request for all mailboxes that became Pending together, with the wish to show its card in every approval channel, or
 * in the approvers' own chats where there is none.
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
  importId?: string,
): Promise<{ id: string; changes: Change[] }> {
  const id = shortId();
  const request: ApprovalRequest = {
    environmentId,
    id,
    requestedBy: actor.aadObjectId,
    requestedByName: actor.name,
    requestedAt: now,
    conversationId,
    ...(importId === undefined ? {} : { importId }),
    approverSetId: null,
    total,
    pending: total,
    approved: 0,
    rejected: 0,
    testWhenApproved,
    lastDecision: null,
    questions: [],
    withdrawal: null,
    stage: 'open',
    dueAt: dueAfter({ requestedAt: now }, 'open'),
    revision: 1,
  };
  const { channels, chats } = await approvalAudience(store, environmentId);
  return {
    id,
    changes: [
      { kind: 'put', collection: 'approvalRequest', key: keyOf(environmentId, id), value: request },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, actor, 'approval.requested', [id], { mailboxes: total }),
      },
      ...[...channels, ...chats].map((place) => intentChange(environmentId, 'approval', id, place, now)),
    ],
  };
}
