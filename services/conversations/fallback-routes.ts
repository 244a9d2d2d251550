import { hasRight } from '../model/access.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { isLive, openQuestion } from '../model/approval-request.ts';
import type { IntentKind } from '../model/intent.ts';
import { getEnvironment } from '../platform/environments.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { approvalAudience, chatsWith } from './approval-audience.ts';
import { cardPlaces } from './card-places.ts';
import { intentChange } from './intents.ts';

/**
 * Where a message goes when its conversation takes none any more:
 * - `deciders`: where requests for approval go now, or else to the admins, who can name somebody
 * - `admins`: to their own chats, unless it stands in another channel or with one of them already
 * - `asker`: to where the mailboxes were asked for; the request's own card has the question too
 * - `nowhere`: it was about what its reader did there, or others show the same; whoever needs it asks for it
 */
type FallbackRoute = 'deciders' | 'admins' | 'asker' | 'nowhere';

const routes: Readonly<Record<IntentKind, FallbackRoute>> = {
  approval: 'deciders',
  // The requests themselves move.
  'pending-list': 'nowhere',
  'approval-question': 'asker',
  incident: 'admins',
  // What began and is not over has its card, or stands on the wall; the rest is news of yesterday.
  'alert-digest': 'nowhere',
  'alerts-unheard': 'admins',
  'settings-proposal': 'admins',
  'role-change': 'admins',
  // Every admin has one of their own.
  'dead-conversation': 'nowhere',
  'approval-setup': 'nowhere',
  // What an owner is told of an own mailbox is nobody else's; approvers and channels have the same in theirs.
  'own-mailbox': 'nowhere',
  owner: 'nowhere',
  maintenance: 'nowhere',
  status: 'nowhere',
  run: 'nowhere',
  draft: 'nowhere',
  import: 'nowhere',
  'directory-lookup': 'nowhere',
  'mailbox-list': 'nowhere',
};

/** Kinds that go somewhere else: what already stood in a conversation is looked through for them. */
export const movingKinds: readonly IntentKind[] = (Object.keys(routes) as IntentKind[]).filter(
  (kind) => routes[kind] !== 'nowhere',
);

/** A message of a dead conversation. */
export interface StrandedMessage {
  readonly kind: IntentKind;
  readonly subjectId: string;
  /** It was still to be sent; else it stood there. */
  readonly waits: boolean;
}

/**
 * The wishes that take the place of messages of a conversation that Teams refuses, `lost`. What is over or decided goes
 * nowhere, and a place that has the card or waits for it gets no second one.
 */
export async function fallbackIntents(
  store: Store,
  environmentId: string,
  lost: string,
  stranded: readonly StrandedMessage[],
  now: number,
): Promise<Change[]> {
  const moving = stranded.filter(({ kind }) => routes[kind] !== 'nowhere');
  if (moving.length === 0) return [];
  const living = (places: readonly string[]): string[] => places.filter((place) => place !== lost);
  const admins = living(await chatsWith(store, environmentId, (roles) => hasRight(roles, 'manage')));
  const changes: Change[] = [];
  for (const message of moving) {
    const { kind, subjectId } = message;
    if (!(await matters(store, environmentId, message))) continue;
    const has = await placesWith(store, environmentId, message, lost);
    const wanted = await placesFor(message, has);
    for (const place of wanted.filter((id) => !has.has(id)))
      changes.push(intentChange(environmentId, kind, subjectId, place, now));
  }
  return changes;

  async function placesFor({ kind, subjectId }: StrandedMessage, has: ReadonlySet<string>): Promise<string[]> {
    switch (routes[kind]) {
      case 'deciders': {
        const request = (await store.get('approvalRequest', keyOf(environmentId, subjectId)))?.value ?? null;
        const { channels, chats } = await approvalAudience(store, environmentId, request, lost);
        const deciders = [...channels, ...chats];
        return deciders.length > 0 ? deciders : admins;
      }
      case 'asker': {
        const request = (await store.get('approvalRequest', keyOf(environmentId, subjectId)))?.value;
        return request === undefined ? [] : livePlaces(store, environmentId, living([request.conversationId]));
      }
      case 'admins':
        return (await isSeen(has)) ? [] : admins;
      case 'nowhere':
        return [];
    }
  }

  /** In a channel, or with somebody who may act on it: a mailbox owner's copy does not count. */
  async function isSeen(has: ReadonlySet<string>): Promise<boolean> {
    for (const place of has) {
      if (admins.includes(place)) return true;
      const conversation = (await store.get('conversation', keyOf(environmentId, place)))?.value;
      if (conversation !== undefined && conversation.kind !== 'personal') return true;
    }
    return false;
  }
}

/** Somebody still has to see it: it waits for a deed, or it is news that must not be lost. */
async function matters(
  store: Store,
  environmentId: string,
  { kind, subjectId, waits }: StrandedMessage,
): Promise<boolean> {
  const key = keyOf(environmentId, subjectId);
  switch (kind) {
    case 'approval': {
      const request = (await store.get('approvalRequest', key))?.value;
      return request !== undefined && isLive(request);
    }
    case 'approval-question': {
      const request = (await store.get('approvalRequest', key))?.value;
      return request !== undefined && isLive(request) && openQuestion(request) !== null;
    }
    case 'incident': {
      const incident = (await store.get('incident', key))?.value;
      if (incident?.state !== 'open' || incident.handling.quiet !== null) return false;
      return alertsOf((await getEnvironment(store, environmentId)).value.settings, incident.level);
    }
    case 'settings-proposal': {
      const state = (await store.get('settingsProposal', key))?.value.state;
      return state === 'waiting' || (waits && state === 'alone');
    }
    case 'role-change': {
      const state = (await store.get('roleChange', key))?.value.state;
      return state === 'waiting' || (waits && state === 'alone');
    }
    default:
      return waits;
  }
}

/** The other living places where a subject's card stands or is to be sent. */
async function placesWith(
  store: Store,
  environmentId: string,
  { kind, subjectId }: StrandedMessage,
  lost: string,
): Promise<Set<string>> {
  const places = await cardPlaces(store, environmentId, { kind, subjectId });
  const others = places.map(({ conversationId }) => conversationId).filter((place) => place !== lost);
  return new Set(await livePlaces(store, environmentId, others));
}

async function livePlaces(store: Store, environmentId: string, places: readonly string[]): Promise<string[]> {
  const live: string[] = [];
  for (const id of places)
    if ((await store.get('conversation', keyOf(environmentId, id)))?.value.deadReason === null) live.push(id);
  return live;
}
