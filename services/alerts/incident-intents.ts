import { hasRight } from '../model/access.ts';
import type { Incident } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import { alertChannels, wants } from '../conversations/subscriptions.ts';
import { getEnvironment } from '../platform/environments.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * The wishes to show an incident as it is now, in the channels that want its level and in the chats that have its card.
 * A card that stands is edited, which notifies nobody; a new one begins only where the level is switched on and nobody asked
 * for quiet. `repost`: it comes back as the newest message.
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
  const standing = new Set(await placesOf(store, incident));
  const channels = (await alertChannels(store, environmentId))
    .filter((channel) => wants(channel, incident))
    .map(({ conversationId }) => conversationId)
    .filter((conversationId) => mayBegin || standing.has(conversationId));
  const own = await assigneeChat(store, environmentId, handling.assigned?.personId);
  const chats = await chatsOf(store, environmentId, new Set([...standing, ...(own === undefined ? [] : [own])]));
  const places = [...new Set([...channels, ...chats])];
  return Promise.all(
    places.map(async (place) => intentChange(environmentId, 'incident', id, place, now, await wishFor(place))),
  );

  /** A wish for the newest place that was not carried out yet is not forgotten over an edit. */
  async function wishFor(place: string): Promise<'refresh' | 'repost'> {
    // Whoever gave it away meanwhile has a card that is kept true, and hears of it no more.
    if (placement === 'repost' && (place === own || channels.includes(place))) return placement;
    return (await store.get('intent', keyOf(environmentId, place, 'incident', id)))?.value.placement ?? 'refresh';
  }
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
  const found = await store.query('message', {
    prefix: keyOf(environmentId, ''),
    where: { subjectId: id, kind: 'incident' },
    limit: 1000,
  });
  return found.map(({ value }) => value.conversationId);
}

/** Of these places, the chats of people who may read it. */
async function chatsOf(store: Store, environmentId: string, places: ReadonlySet<string>): Promise<string[]> {
  const chats: string[] = [];
  for (const id of places) {
    const chat = (await store.get('conversation', keyOf(environmentId, id)))?.value;
    if (chat?.kind !== 'personal' || chat.aadObjectId === null) continue;
    const person = (await store.get('role', keyOf(environmentId, chat.aadObjectId)))?.value;
    if (hasRight(person?.roles ?? [], 'read')) chats.push(id);
  }
  return chats;
}
