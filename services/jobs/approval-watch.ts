import { hasRight } from '../model/access.ts';
import { dueAfter, stageAt, stageSince, type ApprovalRequest, type ApprovalStage } from '../model/approval-request.ts';
import { auditEntry, systemActor, type AuditEventKind } from '../model/audit.ts';
import { isMailroomError } from '../model/error.ts';
import { pendingOf } from '../approvals/decide-mailboxes.ts';
import { redrawOwnMailboxCards } from '../approvals/own-mailbox-cards.ts';
import { redrawRequest } from '../approvals/redraw-request.ts';
import { waitingRequests } from '../approvals/waiting-requests.ts';
import { approvalAudience, chatsWith } from '../conversations/approval-audience.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** How late a reminder may come. */
const everyMs = 60_000;
/**
 * Of more requests that fall due within a day, a place gets a list instead of a card each, whether they come at once or one a
 * minute: many mailboxes may each have their own. One list a day, which later ones edit.
 */
const mostCards = 3;
const cardsWithinMs = 24 * 60 * 60 * 1000;

/** Reminds of requests that nobody decides about, escalates them, and lets them expire. What fell due while no process ran comes once, at the start. */
export function startApprovalWatch(context: Context, environmentId: string): RepeatedWork {
  return startRepeated(context, everyMs, 'requests for approval could not be followed up', () =>
    followRequests(context, environmentId),
  );
}

/** One commit a request: its stage, the trail, and the wishes, so that a kill between them neither loses nor repeats one. */
export async function followRequests({ store, clock, log }: Context, environmentId: string): Promise<void> {
  const now = clock.now();
  const due = await store.query('approvalRequest', {
    prefix: keyOf(environmentId, ''),
    atMost: { dueAt: now },
    limit: 10_000,
  });
  const told = due.filter(({ value }) => value.pending > 0 && stageAt(value, now) !== value.stage);
  const asList =
    told.length > 0 && (told.length > mostCards || (await toldWithinADay(store, environmentId, now)) > mostCards);
  for (const stored of due) {
    try {
      await follow(store, stored, now, asList);
      log.info({ request: stored.value.id }, 'a request for approval was followed up');
    } catch (error) {
      // Somebody decides in this moment: looked at again the next time.
      if (!isMailroomError(error, 'store.conflict')) throw error;
    }
  }
}

/** Those that are due now among them. */
async function toldWithinADay(store: Store, environmentId: string, now: number): Promise<number> {
  const waiting = await waitingRequests(store, environmentId);
  return waiting.filter((request) => stageAt(request, now) !== 'open' && stageSince(request, now) > now - cardsWithinMs)
    .length;
}

const eventOf: Readonly<Record<Exclude<ApprovalStage, 'open'>, AuditEventKind>> = {
  reminded: 'approval.reminded',
  escalated: 'approval.escalated',
  expired: 'approval.expired',
};

async function follow(
  store: Store,
  { key, version, value }: Stored<ApprovalRequest>,
  now: number,
  asList: boolean,
): Promise<void> {
  const { environmentId, id, pending } = value;
  const expected = [{ collection: 'approvalRequest', key, version } as const];
  const put = (request: ApprovalRequest): Change => ({
    kind: 'put',
    collection: 'approvalRequest',
    key,
    value: request,
  });
  const stage = stageAt(value, now);
  // Nothing waits any more, or the clock was set back: nobody is told anything.
  if (pending === 0 || stage === value.stage || stage === 'open') {
    await store.commit([put({ ...value, dueAt: pending === 0 ? null : dueAfter(value, value.stage) })], expected);
    return;
  }
  const isOver = stage === 'expired';
  // What is decided about stays the same until it is over, so that a reminder wipes out nobody's half-typed reason.
  const request = { ...value, stage, dueAt: dueAfter(value, stage), revision: value.revision + (isOver ? 1 : 0) };
  const entry = auditEntry(environmentId, now, systemActor, eventOf[stage], [id], { mailboxes: pending });
  await store.commit(
    [
      put(request),
      { kind: 'append', log: 'audit', entry },
      // In a list they are not edited as well: thousands of edits would hold up for hours whatever else the place is to get.
      ...(asList && !isOver ? [] : await redrawRequest(store, environmentId, id, now)),
      ...(isOver ? await redrawOwnCards(store, value, now) : []),
      // Later wishes replace earlier ones: where the card is posted anew, it is not edited as well.
      ...(await placesOf(store, value, stage)).map((place) =>
        asList
          ? intentChange(environmentId, 'pending-list', new Date(now).toISOString().slice(0, 10), place, now)
          : intentChange(environmentId, 'approval', id, place, now, 'repost'),
      ),
    ],
    expected,
  );
}

/** People may approve their own mailbox by a card of their own, which is over as well. */
async function redrawOwnCards(store: Store, { environmentId, id }: ApprovalRequest, now: number): Promise<Change[]> {
  const pending = await pendingOf(store, environmentId, id);
  return redrawOwnMailboxCards(
    store,
    environmentId,
    pending.map(({ value }) => value.id),
    now,
  );
}

/** Where the card becomes the newest message: with those who decide in that stage, with the admins, or with whoever asked. */
async function placesOf(
  store: Store,
  request: ApprovalRequest,
  stage: Exclude<ApprovalStage, 'open'>,
): Promise<readonly string[]> {
  const { environmentId, requestedBy, conversationId } = request;
  switch (stage) {
    case 'reminded': {
      const { channels, chats } = await approvalAudience(store, environmentId, { ...request, stage });
      return [...channels, ...chats];
    }
    case 'escalated': {
      const { channels, chats } = await approvalAudience(store, environmentId, { ...request, stage });
      const admins = await chatsWith(store, environmentId, (roles) => hasRight(roles, 'manage'));
      return [...new Set([...channels, ...chats, ...admins])];
    }
    case 'expired': {
      const chat = (await personalConversation(store, environmentId, requestedBy))?.value.conversationId;
      return [chat ?? conversationId].filter((place) => place !== '');
    }
  }
}
