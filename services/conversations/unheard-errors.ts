import type { Actor } from '../model/access.ts';
import { hasRight } from '../model/access.ts';
import { unheardProfiles } from '../model/alert-route.ts';
import type { Subscription } from '../model/conversation.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { intentChange } from './intents.ts';
import { personalConversation } from './record-conversation.ts';

/**
 * Errors that come to nobody are as good as switched off, and nobody does that alone in silence (DESIGN, law 10): when a
 * change takes the last place that hears errors of some profile, all others who may mend it, and the approvers, are told in
 * their own chats. Where there is nobody else, whoever did it is. What only that person hears does not count: an own chat would be a
 * way to silence everybody else.
 */
export async function unheardIntents(
  store: Store,
  actor: Pick<Actor, 'aadObjectId'>,
  before: Subscription | undefined,
  after: Subscription,
  now: number,
): Promise<Change[]> {
  if (before === undefined) return [];
  const { environmentId, conversationId } = after;
  const others = (await livePlaces(store, environmentId, actor.aadObjectId)).filter(
    (place) => place.conversationId !== conversationId,
  );
  const profiles = await listProfiles(store, environmentId);
  const unheard = unheardProfiles(
    [...others, before],
    [...others, after],
    profiles.map(({ id }) => id),
  );
  if (unheard.length === 0) return [];
  const people = await store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const told = people
    .map(({ value }) => value)
    .filter(({ aadObjectId }) => aadObjectId !== actor.aadObjectId)
    .filter(({ roles }) => hasRight(roles, 'subscribe') || hasRight(roles, 'decide'));
  const chats = await Promise.all(
    (told.length > 0 ? told : [actor]).map(({ aadObjectId }) =>
      personalConversation(store, environmentId, aadObjectId),
    ),
  );
  return chats.flatMap((chat) =>
    chat === undefined
      ? []
      : [intentChange(environmentId, 'alerts-unheard', conversationId, chat.value.conversationId, now, 'repost')],
  );
}

/** The profiles of which errors come to nobody now, or to nobody but one person. */
export async function unheardNow(store: Store, environmentId: string, but?: string): Promise<EmailServerProfile[]> {
  const profiles = await listProfiles(store, environmentId);
  const everything = { alerts: 'errors', profiles: {}, nature: null } as const;
  const unheard = unheardProfiles(
    [everything],
    await livePlaces(store, environmentId, but),
    profiles.map(({ id }) => id),
  );
  return profiles.filter(({ id }) => unheard.includes(id));
}

/** What comes where, but for places that Teams refuses, and those that this person alone chose to read. */
async function livePlaces(store: Store, environmentId: string, but?: string): Promise<Subscription[]> {
  const live: Subscription[] = [];
  for (const { key, value } of await store.query('subscription', { prefix: keyOf(environmentId, ''), limit: 10_000 })) {
    const place = (await store.get('conversation', key))?.value;
    const isOwn =
      but !== undefined &&
      ((place?.kind === 'personal' && place.aadObjectId === but) ||
        // Nobody knows who else is in it, perhaps nobody.
        (place?.kind === 'groupChat' && value.setBy === but));
    if (!isOwn && (place?.deadReason ?? null) === null) live.push(value);
  }
  return live;
}
