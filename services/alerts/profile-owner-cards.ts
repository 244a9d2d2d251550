import { hasRight } from '../model/access.ts';
import { profileOfAlarm, type Incident } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { routeOf, wants } from '../model/alert-route.ts';
import type { Subscription } from '../model/conversation.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { allOpenIncidents } from './all-open-incidents.ts';
import { newCard, placeOf } from './channel-cards.ts';
import { chatsOfPeople } from './owner-people.ts';
import { ownerToldOfAlarm } from './profile-alarm.ts';

/** Who owns these profiles and may read here what becomes of them. */
export async function profileOwners(
  store: Store,
  environmentId: string,
  profileIds: readonly string[],
): Promise<string[]> {
  const owners = new Set<string>();
  for (const id of profileIds) {
    const ownerId = (await store.get('profile', keyOf(environmentId, id)))?.value.ownerId;
    if (ownerId === undefined || owners.has(ownerId)) continue;
    const roles = (await store.get('role', keyOf(environmentId, ownerId)))?.value.roles ?? [];
    if (hasRight(roles, 'read')) owners.add(ownerId);
  }
  return [...owners];
}

/**
 * Who hears of an incident as the owner of its profile (dynamics facts, 3.2): of the trouble of a server or of the whole
 * profile. That more than half of it fails is said where the profile asks for it (`sendemailalert`).
 */
export async function ownersToTell(store: Store, incident: Incident): Promise<string[]> {
  const { environmentId, causeId, scope, profileIds } = incident;
  if (scope !== 'server') return [];
  const alarming = profileOfAlarm(causeId);
  if (alarming === null) return profileOwners(store, environmentId, profileIds);
  const profile = (await store.get('profile', keyOf(environmentId, alarming)))?.value;
  return profile === undefined || ownerToldOfAlarm(profile) === null
    ? []
    : profileOwners(store, environmentId, [alarming]);
}

/** The own chats of those of them who did not ask for silence. */
export async function profileOwnerChats(store: Store, incident: Incident): Promise<string[]> {
  const { environmentId } = incident;
  const owners = await ownersToTell(store, incident);
  const chats: string[] = [];
  for (const [owner, chat] of await chatsOfPeople(store, environmentId, owners)) {
    const notice = (await store.get('ownerNotice', keyOf(environmentId, owner)))?.value;
    if ((notice?.mutedAt ?? null) === null) chats.push(chat);
  }
  return chats;
}

/**
 * First cards of an incident in the chats of the owners of its profiles, as if each were subscribed to the errors of their own:
 * where none stands yet, and where no subscription of the chat brings it.
 */
export async function profileOwnerCards(
  store: Store,
  incident: Incident,
  channels: readonly Subscription[],
  now: number,
): Promise<Change[]> {
  const changes: Change[] = [];
  const profiles = Object.fromEntries(incident.profileIds.map((id) => [id, 'errors'] as const));
  const asOwner = { alerts: null, profiles, nature: null, quietHours: null };
  for (const chat of await profileOwnerChats(store, incident)) {
    if (channels.some((channel) => channel.conversationId === chat && wants(channel, incident))) continue;
    const place = await placeOf(store, incident, chat);
    if (place.hasCard || routeOf(asOwner, incident, place, now) !== 'card') continue;
    changes.push(...newCard(incident, chat, now));
  }
  return changes;
}

/**
 * Cards of open incidents that owners of their profiles do not have: since they own them, or have Mailroom, or want to hear of
 * them only now, or since the same cause was shown just before.
 */
export async function missedOwnerCards(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
): Promise<Change[]> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const open = await allOpenIncidents(store, environmentId);
  const channels = await alertChannels(store, environmentId);
  const changes: Change[] = [];
  for (const incident of open)
    if (incident.scope === 'server' && incident.handling.quiet === null && alertsOf(settings, incident.level))
      changes.push(...(await profileOwnerCards(store, incident, channels, clock.now())));
  return changes;
}
