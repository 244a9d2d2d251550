import { pendingCard } from '../../cards/pending-card.ts';
import { decideMailboxes } from '../../services/approvals/decide-mailboxes.ts';
import { waitingRequests } from '../../services/approvals/waiting-requests.ts';
import { intentChange } from '../../services/conversations/intents.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { MailroomError } from '../../services/model/error.ts';
import { hasVisibleText } from '../../services/model/visible-text.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import { isNamedAddress } from '../../services/mailboxes/find-mailboxes.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { Reply, TurnInput } from '../turn-input.ts';
import { postInOwnChat } from './approval-view.ts';
import { profileNamesById, renderBulkAction } from './mailbox-commands.ts';
import { approveOwn } from './own-mailbox.ts';
import { runBegun } from './run-commands.ts';

/** `pending`: requests that wait, oldest first; a single one is shown at once. */
export async function showPending(input: TurnInput): Promise<Reply[]> {
  const requests = await openRequests(input);
  const [only] = requests;
  if (requests.length !== 1 || only === undefined) return [pendingCard(requests, cardContext(input))];
  return [{ text: await postRequest(input, only.id) }];
}

/**
 * The card of a request as the newest message here, by the outbox: like every other copy it follows each decision, which a
 * plain answer would not. Where people of other organizations read along it comes to the own chat of whoever asked: it would
 * go on telling them whose mailbox waits, and why.
 * @returns where it is
 */
export async function postRequest(input: TurnInput, requestId: string): Promise<string> {
  if (input.inSharedChannel) return postInOwnChat(input, requestId);
  const { services, environmentId, conversation, locale } = input;
  const now = services.clock.now();
  const wish = intentChange(environmentId, 'approval', requestId, conversation.conversationId, now, 'repost');
  await services.store.commit([wish]);
  return chatText(locale, 'chat.request-below');
}

/** Oldest first. Those that have expired are among them: their mailboxes still wait. */
export async function openRequests({
  services,
  environmentId,
}: Pick<TurnInput, 'services' | 'environmentId'>): Promise<ApprovalRequest[]> {
  const waiting = await waitingRequests(services.store, environmentId);
  return waiting.toSorted((a, b) => a.requestedAt - b.requestedAt);
}

/** `approve ADDRESS…|FILTER`: named addresses at once, a filter after a question. */
export async function approve(input: TurnInput, text: string): Promise<Reply[]> {
  return (await approveOwn(input, text)) ?? decide(input, text, 'approve', null);
}

/** `reject ADDRESS… because REASON` */
export async function reject(input: TurnInput, text: string): Promise<Reply[]> {
  // A word of its own: an address may hold it, too.
  const because = /(?<!\S)because(?!\S)/i.exec(text);
  const reason = because === null ? '' : text.slice(because.index + because[0].length).trim();
  if (because === null || !hasVisibleText(reason)) throw new MailroomError('approval.reason-missing');
  return decide(input, text.slice(0, because.index).trim(), 'reject', reason);
}

async function decide(
  input: TurnInput,
  text: string,
  kind: 'approve' | 'reject',
  reason: string | null,
): Promise<Reply[]> {
  const { services, environmentId, actor, locale } = input;
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) throw new MailroomError('mailbox.none-named');
  if (!words.every(isNamedAddress))
    return [
      renderBulkAction(
        input,
        await planBulkAction(services, environmentId, actor, kind, text, reason),
        undefined,
        await profileNamesById(input),
      ),
    ];
  const verdict = kind === 'approve' ? 'approved' : 'rejected';
  // Whoever types an address means it, also when it was rejected before.
  const meant = { takes: 'pending or rejected' } as const;
  const result = await decideMailboxes(services, environmentId, actor, words, { verdict, reason }, undefined, meant);
  const parts = [];
  if (result.decided.length > 0)
    parts.push(
      chatText(locale, `chat.decided.${verdict}`, { count: result.decided.length, first: result.decided[0] ?? '' }),
    );
  if (result.rejectedBefore.length > 0)
    parts.push(chatText(locale, 'chat.decided.rejected-before', { count: result.rejectedBefore.length }));
  if (result.notPending.length > 0)
    parts.push(
      chatText(locale, 'chat.decided.not-pending', {
        count: result.notPending.length,
        first: result.notPending[0] ?? '',
      }),
    );
  if (result.own.length > 0)
    parts.push(chatText(locale, 'chat.decided.own', { count: result.own.length, first: result.own[0] ?? '' }));
  if (result.ofOtherSets.length > 0)
    parts.push(
      chatText(locale, 'chat.decided.of-other-sets', {
        count: result.ofOtherSets.length,
        first: result.ofOtherSets[0] ?? '',
      }),
    );
  if (result.run !== null) parts.push(await runBegun(input, result.run));
  return [{ text: parts.join(' ') }];
}
