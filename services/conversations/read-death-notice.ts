import { hasRight } from '../model/access.ts';
import { receivesAlerts } from '../model/alert-route.ts';
import type { ConversationReference } from '../model/conversation.ts';
import { deathCauseOf, mostDeadPlaces, type DeadPlace, type DeathNotice } from '../model/death-notice.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { approvalAudience, chatsWith } from './approval-audience.ts';
import { alertChannels } from './subscriptions.ts';

const mostRead = 1000;

/** What a notice has to tell now; null: it names no conversation any more. */
export async function readDeathNotice(
  store: Store,
  environmentId: string,
  deathNotice: string,
): Promise<DeathNotice | null> {
  const prefix = keyOf(environmentId, '');
  const told = await store.query('conversation', { prefix, where: { deathNotice }, limit: mostRead });
  if (told.length === 0) return null;
  const places = await Promise.all(told.map(({ value }) => placeOf(store, value)));
  const dead = places.filter(({ cause }) => cause !== null);
  const channels = await alertChannels(store, environmentId);
  const { channels: approvalPlaces, chats } = await approvalAudience(store, environmentId, null);
  const admins = await chatsWith(store, environmentId, (roles) => hasRight(roles, 'manage'));
  const alertPlaces = await namesOfLiving(
    store,
    environmentId,
    channels.map(({ conversationId }) => conversationId),
  );
  return {
    places: places.toSorted((left, right) => weight(right) - weight(left)).slice(0, mostDeadPlaces),
    total: places.length,
    dead: dead.length,
    missesAlerts: dead.some(({ alerts }) => alerts),
    missesApprovals: dead.some(({ approvals, roles }) => approvals || hasRight(roles, 'decide')),
    alertsNow: { channels: alertPlaces, people: admins.length },
    approvalsNow: {
      channels: await namesOfLiving(store, environmentId, approvalPlaces),
      people: chats.length > 0 ? chats.length : admins.length,
    },
  };
}

function weight({ cause, alerts, approvals, roles }: DeadPlace): number {
  return (cause === null ? 0 : 4) + (alerts || approvals ? 2 : 0) + (roles.length > 0 ? 1 : 0);
}

async function placeOf(
  store: Store,
  { environmentId, conversationId, name, kind, aadObjectId, deadReason, deadSince }: ConversationReference,
): Promise<DeadPlace> {
  const subscription = (await store.get('subscription', keyOf(environmentId, conversationId)))?.value;
  const person =
    kind === 'personal' && aadObjectId !== null
      ? (await store.get('role', keyOf(environmentId, aadObjectId)))?.value
      : undefined;
  return {
    name,
    kind,
    cause: deadReason === null ? null : deathCauseOf(deadReason),
    since: deadSince,
    alerts: subscription !== undefined && receivesAlerts(subscription),
    approvals: subscription?.approvals ?? false,
    roles: person?.roles ?? [],
  };
}

async function namesOfLiving(store: Store, environmentId: string, places: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of places) {
    const conversation = (await store.get('conversation', keyOf(environmentId, id)))?.value;
    if (conversation?.deadReason === null) names.push(conversation.name);
  }
  return names;
}
