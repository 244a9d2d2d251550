import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { dueAfter, type ApprovalRequest } from '../model/approval-request.ts';
import { approverSetOf } from '../model/approver-set.ts';
import type { EmailSettings } from '../model/environment.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { approvalAudience } from '../conversations/approval-audience.ts';
import { intentChange } from '../conversations/intents.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { ownMailboxCards } from './own-mailbox-cards.ts';

/** What all mailboxes that become Pending together have in common. */
export interface AskedTogether {
  readonly environmentId: string;
  readonly actor: Actor;
  /** Where the actor asked. */
  readonly conversationId: string;
  readonly settings: EmailSettings;
  /** Start a test as soon as mailboxes are approved. */
  readonly testWhenApproved: boolean;
  readonly now: number;
  readonly importId?: string;
}

export interface RaisedRequests {
  /** The request of each mailbox, by its id. */
  readonly requestIds: ReadonlyMap<string, string>;
  readonly changes: Change[];
}

/**
 * One request for each approver set that decides about some of these mailboxes, and one for those of no set; where the switch
 * is on, also a card for everybody whose own mailbox is among them. Returned as changes: the caller commits them with the
 * mailboxes, and expects the settings as they were read.
 */
export async function requestApprovals(
  store: Store,
  asked: AskedTogether,
  mailboxes: readonly Mailbox[],
): Promise<RaisedRequests> {
  const { environmentId, actor, conversationId, settings, testWhenApproved, now, importId } = asked;
  const requestIds = new Map<string, string>();
  const changes: Change[] = [];
  const bySet = Map.groupBy(mailboxes, (mailbox) => approverSetOf(settings.approverSets, mailbox)?.id ?? null);
  for (const [approverSetId, mine] of bySet) {
    const request = await newApprovalRequest(
      store,
      environmentId,
      actor,
      conversationId,
      mine.length,
      testWhenApproved,
      now,
      importId,
      approverSetId,
    );
    for (const change of request.changes) changes.push(change);
    for (const { id } of mine) requestIds.set(id, request.id);
  }
  for (const change of await ownMailboxCards(store, environmentId, settings, actor, mailboxes, now))
    changes.push(change);
  return { requestIds, changes };
}

/**
 * One request for all mailboxes that became Pending together and belong to one approver set, with the wish to show its card in every approval channel, or
 * in the own chats of those who are asked where there is none.
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
  approverSetId: string | null = null,
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
    approverSetId,
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
  const { channels, chats } = await approvalAudience(store, environmentId, request);
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
