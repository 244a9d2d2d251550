import { newDigest } from '../model/alert-digest.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { routeOf, wants } from '../model/alert-route.ts';
import type { Subscription } from '../model/conversation.ts';
import { allOpenIncidents } from '../alerts/all-open-incidents.ts';
import { newCard, placeOf } from '../alerts/channel-cards.ts';
import { getEnvironment } from '../platform/environments.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';
import { intentChange } from './intents.ts';

/**
 * What is open and comes here from now on: cards of what goes at once, and a note of the rest for the digest. `anew`: nobody
 * knows what became of what was shown before, so cards that stand come back as the newest messages.
 */
export async function openIncidents(
  store: Store,
  subscription: Subscription,
  before: Subscription | undefined,
  now: number,
  shown: 'as-known' | 'anew' = 'as-known',
): Promise<{ readonly changes: Change[]; readonly expected: ExpectedVersion[] }> {
  const { environmentId, conversationId } = subscription;
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const added = (await allOpenIncidents(store, environmentId))
    .filter(({ handling, level }) => handling.quiet === null && alertsOf(settings, level))
    .filter((incident) => wants(subscription, incident) && !(before !== undefined && wants(before, incident)));
  const changes: Change[] = [];
  let hasNews = false;
  let cardsWait = false;
  for (const incident of added) {
    const known = await placeOf(store, incident, conversationId);
    const place = shown === 'anew' && !known.hasCard ? { ...known, shownAt: null } : known;
    const route = routeOf(subscription, incident, place, now);
    const placement = shown === 'anew' ? 'repost' : 'refresh';
    if (place.hasCard)
      changes.push(intentChange(environmentId, 'incident', incident.id, conversationId, now, placement));
    else if (route === 'card') changes.push(...newCard(incident, conversationId, now));
    hasNews ||= route === 'digest';
    cardsWait ||= route === 'later';
  }
  if (!hasNews && !cardsWait) return { changes, expected: [] };
  const key = keyOf(environmentId, conversationId);
  const known = await store.get('alertDigest', key);
  const digest = known?.value ?? newDigest(environmentId, conversationId, shortId(), now);
  const value = { ...digest, hasNews: digest.hasNews || hasNews, cardsWait: digest.cardsWait || cardsWait };
  return {
    changes: [...changes, { kind: 'put', collection: 'alertDigest', key, value }],
    expected: [{ collection: 'alertDigest', key, version: known?.version ?? 0 }],
  };
}
