import { hasRight } from '../model/access.ts';
import { isCritical, type Incident } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { routeOf, wants } from '../model/alert-route.ts';
import { isQuiet } from '../model/quiet-hours.ts';
import { cardPlaces } from '../conversations/card-places.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import { getEnvironment } from '../platform/environments.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { incidentEvent } from './alert-events.ts';
import { newCard, placeOf } from './channel-cards.ts';
import { profileOwnerCards, profileOwnerChats } from './profile-owner-cards.ts';

/**
 * The wishes to show an incident as it is now, in the channels that want it and in the chats that have its card. A card that
 * stands is edited, which notifies nobody; a new one begins only where the level is switched on and nobody asked for quiet,
 * and only of what goes at once: the rest is noted down for the digests. `repost`: it comes back as the newest message.
 */
export async function incidentIntents(
  store: Store,
  incident: Incident,
  now: number,
  placement: 'refresh' | 'repost' = 'refresh',
): Promise<Change[]> {
  const { environmentId, id, level, handling } = incident;
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const mayBegin = alertsOf(settings, level) && handling.quiet === null;
  const channels = await alertChannels(store, environmentId);
  const subscribed = new Set(channels.map(({ conversationId }) => conversationId));
  const own = await assigneeChat(store, environmentId, handling.assigned?.personId);
  const places = await placesOf(store, incident);
  const edited = await readableOf(store, environmentId, [...places, ...(own === undefined ? [] : [own])], subscribed);
  /** Where it may come back as the newest message. */
  const repostedIn = new Set(own === undefined ? [] : [own]);
  const changes: Change[] = [];
  let isNews = false;
  let returns = false;
  for (const channel of channels) {
    const { conversationId } = channel;
    if (edited.has(conversationId)) {
      if (placement === 'refresh' || !wants(channel, incident)) continue;
      // A card that comes back is a new message.
      if (!isCritical(incident) && isQuiet(channel.quietHours, now)) returns = true;
      else repostedIn.add(conversationId);
      continue;
    }
    const place = await placeOf(store, incident, conversationId);
    if (place.hasCard) {
      edited.add(conversationId);
      continue;
    }
    const route = mayBegin ? routeOf(channel, incident, place, now) : 'none';
    if (route === 'card') changes.push(...newCard(incident, conversationId, now));
    // Of a warning that goes on there is no news.
    if (route === 'later' || (route === 'digest' && isBeginOrEnd(incident, placement))) isNews = true;
  }
  for (const chat of await profileOwnerChats(store, incident)) if (edited.has(chat)) repostedIn.add(chat);
  if (mayBegin) changes.push(...(await profileOwnerCards(store, incident, channels, now)));
  if (isNews || returns) changes.push(await incidentEvent(store, environmentId, id, now, returns));
  for (const place of edited)
    changes.push(intentChange(environmentId, 'incident', id, place, now, await wishFor(place)));
  return changes;

  /** A wish for the newest place that was not carried out yet is not forgotten over an edit. */
  async function wishFor(place: string): Promise<'refresh' | 'repost'> {
    // Whoever gave it away meanwhile has a card that is kept true, and hears of it no more.
    if (placement === 'repost' && repostedIn.has(place)) return placement;
    return (await store.get('intent', keyOf(environmentId, place, 'incident', id)))?.value.placement ?? 'refresh';
  }
}

function isBeginOrEnd({ state, revision }: Incident, placement: 'refresh' | 'repost'): boolean {
  return state === 'resolved' || revision === 1 || placement === 'repost';
}

/** The wishes to draw its cards anew wherever they stand, and to show it to whom it was given just now. */
export async function handlingIntents(
  store: Store,
  incident: Incident,
  now: number,
  assignedNow: boolean,
): Promise<Change[]> {
  const { environmentId, id, handling } = incident;
  const chat = assignedNow ? await assigneeChat(store, environmentId, handling.assigned?.personId) : undefined;
  const places = (await placesOf(store, incident)).filter((place) => place !== chat);
  return [
    ...places.map((place) => intentChange(environmentId, 'incident', id, place, now)),
    ...(chat === undefined ? [] : [intentChange(environmentId, 'incident', id, chat, now, 'repost')]),
  ];
}

/** The own chat of somebody who gets an incident; undefined: Mailroom is not installed for them, or Teams takes no messages. */
export async function assigneeChat(
  store: Store,
  environmentId: string,
  personId: string | undefined,
): Promise<string | undefined> {
  if (personId === undefined) return undefined;
  const chat = (await personalConversation(store, environmentId, personId))?.value;
  return chat?.deadReason === null ? chat.conversationId : undefined;
}

async function placesOf(store: Store, { environmentId, id }: Incident): Promise<string[]> {
  const places = await cardPlaces(store, environmentId, { kind: 'incident', subjectId: id });
  return places.map(({ conversationId }) => conversationId);
}

/**
 * Of these places, those where it is shown: a card that stands goes on telling the truth, also where no alerts come any more,
 * but for the chats of people who may not read it.
 */
async function readableOf(
  store: Store,
  environmentId: string,
  places: readonly string[],
  subscribed: ReadonlySet<string>,
): Promise<Set<string>> {
  const readable = new Set<string>();
  for (const id of places) {
    const chat = (await store.get('conversation', keyOf(environmentId, id)))?.value;
    const personId = chat?.kind === 'personal' ? chat.aadObjectId : null;
    const person = personId === null ? undefined : (await store.get('role', keyOf(environmentId, personId)))?.value;
    if (personId === null || subscribed.has(id) || hasRight(person?.roles ?? [], 'read')) readable.add(id);
  }
  return readable;
}
