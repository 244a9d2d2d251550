import type { Incident } from '../model/alert.ts';
import { isDigestDue, newDigest, type AlertDigest } from '../model/alert-digest.ts';
import { receivesAlerts, routeOf } from '../model/alert-route.ts';
import type { Subscription } from '../model/conversation.ts';
import { isMailroomError } from '../model/error.ts';
import { isQuiet } from '../model/quiet-hours.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { newCard, placeOf } from './channel-cards.ts';
import { hasUntold, openIncidents } from './read-digest.ts';

/**
 * Sends the digests that are due, and the cards that waited for the end of quiet hours or of a pause: for each channel one
 * commit with what it covers and what is left, so that a kill neither loses nor repeats any of it. What fell due while no
 * process ran comes once. Returns how many digests went.
 */
export async function closeDigests(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
): Promise<number> {
  const gathering = await store.query('alertDigest', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'gathering' },
    limit: 10_000,
  });
  if (gathering.length === 0) return 0;
  const now = clock.now();
  const open = await openIncidents(store, environmentId);
  let sent = 0;
  for (const digest of gathering) {
    const closing = await closingOf(store, digest, open, now);
    if (closing === null) continue;
    try {
      await store.commit(closing.changes, [
        { collection: 'alertDigest', key: digest.key, version: digest.version },
        // Nothing goes by what the channel wanted a moment ago.
        { collection: 'subscription', key: digest.key, version: closing.subscriptionVersion },
      ]);
      if (closing.sends) sent += 1;
    } catch (error) {
      // It gathers more, or somebody changes what comes there: looked at again the next time.
      if (!isMailroomError(error, 'store.conflict')) throw error;
    }
  }
  return sent;
}

interface Closing {
  readonly changes: readonly Change[];
  readonly subscriptionVersion: number;
  readonly sends: boolean;
}

/** What is to be done about a digest now; null: nothing yet. */
async function closingOf(
  store: Store,
  { key, value: digest }: Stored<AlertDigest>,
  open: readonly Incident[],
  now: number,
): Promise<Closing | null> {
  const { environmentId, conversationId, id, hasNews, since } = digest;
  const stored = await store.get('subscription', key);
  const subscriptionVersion = stored?.version ?? 0;
  if (stored === undefined || !receivesAlerts(stored.value))
    return { changes: [{ kind: 'delete', collection: 'alertDigest', key }], subscriptionVersion, sends: false };
  const subscription = stored.value;
  const quiet = isQuiet(subscription.quietHours, now);
  const cards = await cardsThatWaited(store, digest, subscription, open, quiet, now);
  const isDue = !quiet && hasNews && isDigestDue(subscription.digest, since, now);
  const isLeft = (hasNews && !isDue) || cards.wait || cards.returning.length > 0;
  if (!isDue && isLeft && cards.changes.length === 0) return null;
  const changes: Change[] = [...cards.changes];
  const untold = open.filter((incident) => !cards.shown.has(incident.id));
  const sends =
    isDue && (digest.ended.length > 0 || digest.runs.length > 0 || (await hasUntold(store, subscription, untold)));
  if (sends)
    changes.push(
      {
        kind: 'put',
        collection: 'alertDigest',
        key: keyOf(environmentId, conversationId, id),
        value: { ...digest, state: 'sent', sentAt: now, cardsWait: false, returning: [] },
      },
      intentChange(environmentId, 'alert-digest', id, conversationId, now),
    );
  const rest = isDue ? newDigest(environmentId, conversationId, shortId(), now) : digest;
  const { wait: cardsWait, returning } = cards;
  changes.push(
    isLeft
      ? { kind: 'put', collection: 'alertDigest', key, value: { ...rest, cardsWait, returning } }
      : { kind: 'delete', collection: 'alertDigest', key },
  );
  return { changes, subscriptionVersion, sends };
}

interface WaitingCards {
  readonly changes: readonly Change[];
  /** Incidents that get their card now. */
  readonly shown: ReadonlySet<string>;
  /** Some wait still. */
  readonly wait: boolean;
  readonly returning: readonly string[];
}

/** Errors that are still open get their cards as soon as nothing holds them up any more. */
async function cardsThatWaited(
  store: Store,
  { conversationId, cardsWait, returning }: AlertDigest,
  subscription: Subscription,
  open: readonly Incident[],
  quiet: boolean,
  now: number,
): Promise<WaitingCards> {
  const changes: Change[] = [];
  const shown = new Set<string>();
  let wait = false;
  for (const incident of cardsWait ? open : []) {
    const place = await placeOf(store, incident, conversationId);
    if (place.hasCard) continue;
    const route = routeOf(subscription, incident, place, now);
    wait ||= route === 'later';
    if (route !== 'card') continue;
    changes.push(...newCard(incident, conversationId, now));
    shown.add(incident.id);
  }
  if (quiet) return { changes, shown, wait, returning };
  for (const incident of open.filter(({ id }) => returning.includes(id)))
    changes.push(intentChange(incident.environmentId, 'incident', incident.id, conversationId, now, 'repost'));
  return { changes, shown, wait, returning: [] };
}
