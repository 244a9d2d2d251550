import type { Clock } from '../../services/model/clock.ts';
import { closeConversation, moveIntent } from '../../services/conversations/close-conversation.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { isMailroomError } from '../../services/model/error.ts';
import type { Intent, RecentSends, SentMessage } from '../../services/model/intent.ts';
import type { Log } from '../../services/service-context.ts';
import { keyOf, type Change, type Store, type Stored } from '../../services/storage/store.ts';
import { reference as newReference } from '../log.ts';
import type { DeliveryError, OutgoingMessage, TeamsConnector } from './connector.ts';
import { deliveryError } from './delivery-failure.ts';
import { retryDelayMs, runEditAt, type Pace } from './pace.ts';

/**
 * What is shown of a subject now. `final`: this card will not change again, so the pace of live cards does not hold it
 * back (a finished run). `gone`: there is nothing to show any more.
 */
export type Rendered = (OutgoingMessage & { readonly final?: boolean }) | 'gone';

export type Render = (intent: Intent, reference: ConversationReference) => Promise<Rendered>;

export interface SendContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly connector: TeamsConnector;
  readonly render: Render;
  readonly log: Log;
  readonly pace: Pace;
  readonly random: () => number;
  /** When a live card was last changed, by intent key; only for the pace, so a restart may forget it. */
  readonly changedAt: Map<string, number>;
}

/**
 * - `done`: nothing left of this intent       - `again`: another call is due, in its turn
 * - `held`: not before `at`                   - `retry`: the conversation waits until `at`
 * - `dead`: Teams refuses the conversation
 * `called` false: no call was made, so none counts for the pace.
 */
export type SendOutcome = { readonly called: boolean } & (
  { readonly kind: 'done' | 'again' | 'dead' } | { readonly kind: 'held' | 'retry'; readonly at: number }
);

/**
 * One step for one intent, with at most one call to Teams: a card that moves is taken away in one step and posted in the
 * next, so that pacing counts calls exactly. What is sent is always the state of now. The message and the end of the
 * intent are one commit; killed in between, the next start edits once more, or posts a second time when it was a post,
 * because Teams had told nobody else of the first.
 */
export async function sendIntent(
  context: SendContext,
  wanted: {
    readonly key: string;
    readonly repost: boolean;
    readonly failures: number;
    /** What the conversation was sent lately, this call included, when it is asked. */
    readonly sends: () => RecentSends['sends'];
  },
): Promise<SendOutcome> {
  const { store, clock } = context;
  const { key, repost } = wanted;
  const stored = await store.get('intent', key);
  if (stored === undefined) return { kind: 'done', called: false };
  if (stored.value.notBefore > clock.now()) return { kind: 'held', at: stored.value.notBefore, called: false };
  const { environmentId, conversationId } = stored.value;
  const conversation = await store.get('conversation', keyOf(environmentId, conversationId));
  if (conversation === undefined) return move(context, stored, 'the conversation is not known');
  if (conversation.value.deadReason !== null)
    return move(context, stored, `Teams refuses the conversation: ${conversation.value.deadReason}`);
  const rendered = await renderNow(context, stored, conversation.value);
  if ('kind' in rendered) return rendered;

  const standing = await store.get('message', key);
  const heldUntil = liveCardAt(context, stored, standing?.value, rendered.message.final === true);
  if (heldUntil > clock.now()) return { kind: 'held', at: heldUntil, called: false };
  try {
    if (standing === undefined) {
      const { activityId } = await context.connector.post(conversation.value, rendered.message);
      const sent = activityId === null ? null : { activityId, sentAt: clock.now(), edits: 0 };
      return await settle(context, stored, sent, rendered.message.final, spentChange(stored.value, wanted.sends()));
    }
    const { activityId, sentAt, edits } = standing.value;
    if (repost || stored.value.placement === 'repost') {
      await context.connector.remove(conversation.value, activityId);
      return await forgetMessage(context, standing);
    }
    await context.connector.update(conversation.value, activityId, rendered.message);
    const sent = { activityId, sentAt, edits: edits + 1 };
    return await settle(context, stored, sent, rendered.message.final, spentChange(stored.value, wanted.sends()));
  } catch (error) {
    if (isMailroomError(error)) throw error;
    const failure = deliveryError(error, clock.now());
    if (standing !== undefined && isMessageGone(failure, conversation.value)) return forgetMessage(context, standing);
    return failed(context, stored, conversation, failure, wanted);
  }
}

/**
 * Somebody took the message away: it is posted anew in the next step. A message in a channel is called by its thread, which
 * goes with it, so "no such conversation" means the thread there; whether the channel is gone as well, the post finds out.
 */
function isMessageGone({ kind, code }: DeliveryError, place: ConversationReference): boolean {
  return kind === 'gone' || (place.kind === 'channel' && code === 'ConversationNotFound');
}

async function renderNow(
  context: SendContext,
  stored: Stored<Intent>,
  reference: ConversationReference,
): Promise<SendOutcome | { readonly message: Exclude<Rendered, 'gone'> }> {
  try {
    const message = await context.render(stored.value, reference);
    if (message === 'gone') return await drop(context, stored, 'there is nothing to show any more', false);
    return { message };
  } catch (error) {
    const attempts = stored.value.attempts + 1;
    const { kind, subjectId } = stored.value;
    context.log.error({ reference: newReference(), kind, subjectId, attempts, error }, 'a card cannot be made');
    if (attempts >= context.pace.renderAttempts) return drop(context, stored, 'its card cannot be made', false);
    const at = await postpone(context, stored, { failures: 0, retryAfterMs: null, sends: null });
    return { kind: 'held', at, called: false };
  }
}

/** A run's card follows its run, but not each of its outcomes; zero for everything else. */
function liveCardAt(
  context: SendContext,
  stored: Stored<Intent>,
  standing: SentMessage | undefined,
  final: boolean,
): number {
  const changedAt = context.changedAt.get(stored.key);
  if (stored.value.kind !== 'run' || final || standing === undefined || changedAt === undefined) return 0;
  return runEditAt(context.pace, standing.sentAt, changedAt);
}

async function settle(
  context: SendContext,
  stored: Stored<Intent>,
  sent: Pick<SentMessage, 'activityId' | 'sentAt' | 'edits'> | null,
  final: boolean | undefined,
  budget: Change,
): Promise<SendOutcome> {
  const { environmentId, conversationId, kind, subjectId } = stored.value;
  if (kind === 'run' && final !== true) context.changedAt.set(stored.key, context.clock.now());
  else context.changedAt.delete(stored.key);
  const changes: Change[] = [budget];
  // Teams took it and did not say as what: it stands there, and nobody can change it any more. To post it again would not help.
  if (sent === null) context.log.warn({ kind, subjectId, conversationId }, 'Teams named no id of a message');
  else
    changes.push({
      kind: 'put',
      collection: 'message',
      key: stored.key,
      value: { environmentId, conversationId, kind, subjectId, ...sent },
    });
  const replaced = await commitUnlessReplaced(context.store, stored, changes);
  if (!replaced) return { kind: 'done', called: true };
  // The intent was replaced while its card was under way: the newer state goes out as an edit of this message.
  await context.store.commit(changes);
  return { kind: 'again', called: true };
}

/** What a conversation was sent lately: written in the commit that ends a call. */
export function spentChange(
  { environmentId, conversationId }: Pick<Intent, 'environmentId' | 'conversationId'>,
  sends: RecentSends['sends'],
  pausedUntil = 0,
): Change {
  const at = sends.at(-1)?.[0] ?? 0;
  const value: RecentSends = { environmentId, conversationId, sends, pausedUntil, at };
  return { kind: 'put', collection: 'recentSends', key: keyOf(environmentId, conversationId), value };
}

async function forgetMessage(context: SendContext, standing: Stored<SentMessage>): Promise<SendOutcome> {
  await context.store.commit([{ kind: 'delete', collection: 'message', key: standing.key }]);
  return { kind: 'again', called: true };
}

async function failed(
  context: SendContext,
  stored: Stored<Intent>,
  conversation: Stored<ConversationReference>,
  failure: DeliveryError,
  { failures, sends }: { readonly failures: number; readonly sends: () => RecentSends['sends'] },
): Promise<SendOutcome> {
  const { kind, subjectId, conversationId, attempts } = stored.value;
  const details = { kind, subjectId, conversationId, attempts, failure: failure.kind, code: failure.code };
  switch (failure.kind) {
    case 'dead':
      await closeConversation(context, conversation, failure.code);
      return { kind: 'dead', called: true };
    case 'too-large':
    case 'rejected':
      context.log.error({ ...details, reference: newReference(), error: failure }, 'Teams does not take a card');
      return drop(context, stored, `Teams does not take it: ${failure.code}`, true);
    default: {
      const at = await postpone(context, stored, { failures, retryAfterMs: failure.retryAfterMs, sends: sends() });
      context.log.warn({ ...details, waitMs: at - context.clock.now() }, 'delivery postponed');
      return { kind: 'retry', at, called: true };
    }
  }
}

/**
 * Writes the wait down, so that a restart does not forget it. A newer wish begins with no attempts of its own, so the
 * failures of the whole conversation count as well.
 */
async function postpone(
  context: SendContext,
  stored: Stored<Intent>,
  cause: {
    readonly failures: number;
    readonly retryAfterMs: number | null;
    readonly sends: RecentSends['sends'] | null;
  },
): Promise<number> {
  const { attempts } = stored.value;
  const tries = Math.max(attempts, cause.failures);
  const at = context.clock.now() + retryDelayMs(context.pace, tries, cause.retryAfterMs, context.random);
  const value: Intent = { ...stored.value, attempts: attempts + 1, notBefore: at };
  const expected = [{ collection: 'intent', key: stored.key, version: stored.version }] as const;
  const budget = cause.sends === null ? [] : [spentChange(stored.value, cause.sends, at)];
  try {
    await context.store.commit([{ kind: 'put', collection: 'intent', key: stored.key, value }, ...budget], expected);
  } catch (error) {
    if (!isMailroomError(error, 'store.conflict')) throw error;
    // The intent was replaced meanwhile; the call was made all the same, and the wait is the conversation's.
    await context.store.commit(budget);
  }
  return at;
}

/** To where such messages go now, in place of a conversation that takes none. */
async function move(context: SendContext, stored: Stored<Intent>, reason: string): Promise<SendOutcome> {
  const { kind, subjectId, conversationId } = stored.value;
  context.changedAt.delete(stored.key);
  try {
    const places = await moveIntent(context, stored);
    context.log.warn({ kind, subjectId, conversationId, reason, places }, 'delivery moved elsewhere');
    return { kind: 'done', called: false };
  } catch (error) {
    if (isMailroomError(error, 'store.conflict')) return { kind: 'again', called: false };
    throw error;
  }
}

async function drop(
  context: SendContext,
  stored: Stored<Intent>,
  reason: string,
  called: boolean,
): Promise<SendOutcome> {
  const { kind, subjectId, conversationId } = stored.value;
  context.log.warn({ kind, subjectId, conversationId, reason }, 'delivery dropped');
  context.changedAt.delete(stored.key);
  const replaced = await commitUnlessReplaced(context.store, stored, []);
  return { kind: replaced ? 'again' : 'done', called };
}

async function commitUnlessReplaced(
  store: Store,
  stored: Stored<Intent>,
  changes: Parameters<Store['commit']>[0],
): Promise<boolean> {
  try {
    await store.commit(
      [...changes, { kind: 'delete', collection: 'intent', key: stored.key }],
      [{ collection: 'intent', key: stored.key, version: stored.version }],
    );
    return false;
  } catch (error) {
    if (isMailroomError(error, 'store.conflict')) return true;
    throw error;
  }
}
