import { personReview } from '../alerts/owner-reviews.ts';
import { receivesAlerts } from '../model/alert-route.ts';
import type { ConversationReference } from '../model/conversation.ts';
import type { SentMessage } from '../model/intent.ts';
import { openWindows } from '../profiles/maintenance-windows.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';
import { openRequestIntents, requestsForChat } from './approval-audience.ts';
import { missedNotices, redrawDeathNotice } from './death-notices.ts';
import { intentChange } from './intents.ts';
import { openIncidents } from './open-incidents.ts';

/**
 * What a conversation missed that comes to be known or lives again, to be committed with that: what its subscription brings
 * is shown once more as the newest messages, an approver's chat gets the requests that wait for want of a channel, an admin's
 * the notices of dead conversations, and the notice of its own death says that it is over. Cards that stand there say what is
 * true now: of what changed meanwhile nothing was sent.
 */
export async function catchUp(
  store: Store,
  conversation: ConversationReference,
  before: ConversationReference | undefined,
  now: number,
): Promise<{ readonly changes: Change[]; readonly expected: ExpectedVersion[] }> {
  const { environmentId, deathNotice, aadObjectId } = conversation;
  const subscribed = before === undefined ? nothing : await subscribedIntents(store, conversation, now);
  const wishes = [
    ...(await missedNotices(store, conversation, now)),
    ...(await requestsForChat(store, conversation, now)),
    ...subscribed.changes,
    // Mailboxes of theirs may fail already.
    ...(aadObjectId === null ? [] : [personReview(environmentId, aadObjectId)]),
    ...(deathNotice === null ? [] : await redrawDeathNotice(store, environmentId, deathNotice, now)),
  ];
  const wished = new Set(wishes.flatMap((change) => ('key' in change ? change.key : [])));
  const redrawn = before === undefined ? [] : await redrawStanding(store, before, wished, now);
  const changes = [...wishes, ...redrawn];
  return { changes, expected: [...subscribed.expected] };
}

const dayMs = 24 * 60 * 60_000;
/** An edit counts like a message, and new alerts wait behind them. */
const mostRedrawn = 500;

/**
 * The newest cards that stand there and are not `wished` anyway. What was over for long when the conversation died was shown
 * so in time.
 */
async function redrawStanding(
  store: Store,
  { environmentId, conversationId, deadSince }: ConversationReference,
  wished: ReadonlySet<string>,
  now: number,
): Promise<Change[]> {
  const longOver = (deadSince ?? now) - dayMs;
  const standing: SentMessage[] = [];
  const query = { prefix: keyOf(environmentId, ''), where: { conversationId } };
  for await (const page of streamPages(store, 'message', query))
    for (const { key, value } of page)
      if (!wished.has(key) && (await overSince(store, value)) >= longOver) standing.push(value);
  return standing
    .toSorted((left, right) => right.sentAt - left.sentAt)
    .slice(0, mostRedrawn)
    .map(({ kind, subjectId }) => intentChange(environmentId, kind, subjectId, conversationId, now));
}

/** Infinity: it goes on, or nobody knows. */
async function overSince(store: Store, { environmentId, kind, subjectId }: SentMessage): Promise<number> {
  const key = keyOf(environmentId, subjectId);
  if (kind === 'incident') return (await store.get('incident', key))?.value.resolvedAt ?? Infinity;
  if (kind === 'run') return (await store.get('run', key))?.value.finishedAt ?? Infinity;
  return Infinity;
}

const nothing = { changes: [], expected: [] } as const;

async function subscribedIntents(
  store: Store,
  { environmentId, conversationId }: ConversationReference,
  now: number,
): Promise<{ readonly changes: readonly Change[]; readonly expected: readonly ExpectedVersion[] }> {
  const stored = await store.get('subscription', keyOf(environmentId, conversationId));
  if (stored === undefined) return nothing;
  const changes: Change[] = [];
  if (stored.value.approvals)
    changes.push(...(await openRequestIntents(store, environmentId, conversationId, now)).map(asNewest));
  if (!receivesAlerts(stored.value)) return { changes, expected: [] };
  for (const { id } of await openWindows(store, environmentId, now))
    changes.push(intentChange(environmentId, 'maintenance', id, conversationId, now));
  const open = await openIncidents(store, stored.value, undefined, now, 'anew');
  return { changes: [...changes, ...open.changes], expected: open.expected };
}

/** Of a request: its import's card stands with whoever imported, and only changes. */
function asNewest(change: Change): Change {
  return change.kind === 'put' && change.collection === 'intent' && change.value.kind === 'approval'
    ? { ...change, value: { ...change.value, placement: 'repost' } }
    : change;
}
