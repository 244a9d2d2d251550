import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { approvalAudience, approvalChannels } from '../conversations/approval-audience.ts';
import { intentChange } from '../conversations/intents.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';

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
    total,
    pending: total,
    approved: 0,
    rejected: 0,
    testWhenApproved,
    lastDecision: null,
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

/**
 * What an open request shows has changed (owner, type or profile of a mailbox): its revision moves on, so that nobody
 * decides by a card that shows the old facts (DESIGN, law 1). Returned as changes: the caller commits them with the mailboxes.
 */
export async function renewRequests(
  store: Store,
  environmentId: string,
  requestIds: ReadonlySet<string>,
  now: number,
): Promise<{ changes: Change[]; expected: ExpectedVersion[] }> {
  const changes: Change[] = [];
  const expected: ExpectedVersion[] = [];
  for (const id of requestIds) {
    const request = await store.get('approvalRequest', keyOf(environmentId, id));
    if (request === undefined) continue;
    const { key, version, value } = request;
    changes.push({
      kind: 'put',
      collection: 'approvalRequest',
      key,
      value: { ...value, revision: value.revision + 1 },
    });
    expected.push({ collection: 'approvalRequest', key, version });
    for (const conversationId of await conversationsShowing(store, environmentId, id))
      changes.push(intentChange(environmentId, 'approval', id, conversationId, now));
  }
  return { changes, expected };
}

/** Everywhere the request's card stands or shall stand. */
export async function conversationsShowing(
  store: Store,
  environmentId: string,
  requestId: string,
): Promise<Set<string>> {
  const query = {
    prefix: keyOf(environmentId, ''),
    where: { kind: 'approval', subjectId: requestId },
    limit: 1000,
  } as const;
  const [messages, intents] = await Promise.all([store.query('message', query), store.query('intent', query)]);
  return new Set([
    ...messages.map((stored) => stored.value.conversationId),
    ...intents.map((stored) => stored.value.conversationId),
    ...(await approvalChannels(store, environmentId)),
  ]);
}
