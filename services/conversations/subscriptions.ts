import type { Actor } from '../model/access.ts';
import type { Incident } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { auditEntry } from '../model/audit.ts';
import type { SubscribedLevel, Subscription } from '../model/conversation.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { openWindows } from '../profiles/maintenance-windows.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { openRequestIntents } from './approval-audience.ts';
import { intentChange } from './intents.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/**
 * Says what a conversation receives; `undefined` leaves a part as it is.
 * Open approval requests and open incidents are shown in the conversation at once, so that nothing waits unseen.
 * @throws MailroomError `access.denied`
 */
export async function changeSubscription(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  change: SubscriptionChange,
): Promise<Subscription> {
  await requireRight(context, environmentId, actor, 'subscribe');
  const { store, clock } = context;
  return retryConflict(async () => {
    const now = clock.now();
    const key = keyOf(environmentId, conversationId);
    const known = await store.get('subscription', key);
    const before = known?.value;
    const subscription = subscriptionAfter(before, { environmentId, conversationId }, change, actor, now);
    const changes: Change[] = [
      { kind: 'put', collection: 'subscription', key, value: subscription },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, actor, 'subscription.changed', [conversationId], {
          alerts: subscription.alerts,
          approvals: subscription.approvals,
          'alerts.before': before?.alerts ?? null,
          'approvals.before': before?.approvals ?? false,
          // Only where single profiles are given up.
          ...(change.profiles === undefined || Object.keys(before?.profiles ?? {}).length === 0
            ? {}
            : { 'profiles.before': Object.keys(before?.profiles ?? {}).join(', ') }),
        }),
      },
    ];
    if (subscription.approvals && before?.approvals !== true)
      changes.push(...(await openRequestIntents(store, environmentId, conversationId, now)));
    if (receivesAlerts(subscription))
      changes.push(...(await openIncidentIntents(store, environmentId, subscription, before, now)));
    // What explains the silence of a server.
    if (receivesAlerts(subscription) && !(before !== undefined && receivesAlerts(before)))
      for (const { id } of await openWindows(store, environmentId, now))
        changes.push(intentChange(environmentId, 'maintenance', id, conversationId, now));
    await store.commit(changes, [{ collection: 'subscription', key, version: known?.version ?? 0 }]);
    return subscription;
  });
}

type SubscriptionChange = Partial<Pick<Subscription, 'alerts' | 'approvals' | 'profiles'>>;

/** What is not changed stays; nothing of a conversation that receives nothing yet. */
function subscriptionAfter(
  before: Subscription | undefined,
  where: Pick<Subscription, 'environmentId' | 'conversationId'>,
  change: SubscriptionChange,
  actor: Actor,
  now: number,
): Subscription {
  const {
    alerts = null,
    approvals = false,
    profiles = {},
    nature = null,
    quietHours = null,
    revision = 0,
  } = before ?? {};
  return {
    alerts,
    approvals,
    profiles,
    nature,
    quietHours,
    ...where,
    ...change,
    setBy: actor.aadObjectId,
    setAt: now,
    revision: revision + 1,
  };
}

/**
 * The alerts of one profile come to a conversation, too.
 * @throws MailroomError `access.denied`
 */
export async function subscribeProfile(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  { id, name }: Pick<EmailServerProfile, 'id' | 'name'>,
  level: SubscribedLevel,
): Promise<void> {
  await requireRight(context, environmentId, actor, 'subscribe');
  const { store, clock } = context;
  await retryConflict(async () => {
    const now = clock.now();
    const key = keyOf(environmentId, conversationId);
    const known = await store.get('subscription', key);
    const before = known?.value;
    const change = { profiles: { ...before?.profiles, [id]: level } };
    const subscription = subscriptionAfter(before, { environmentId, conversationId }, change, actor, now);
    const details = { name, alerts: level, before: before?.profiles[id] ?? null };
    const entry = auditEntry(environmentId, now, actor, 'subscription.profile-changed', [conversationId, id], details);
    await store.commit(
      [
        { kind: 'put', collection: 'subscription', key, value: subscription },
        { kind: 'append', log: 'audit', entry },
        ...(await openIncidentIntents(store, environmentId, subscription, before, now)),
      ],
      [{ collection: 'subscription', key, version: known?.version ?? 0 }],
    );
  });
}

/** True when some alerts come there. */
export function receivesAlerts({ alerts, profiles }: Subscription): boolean {
  return alerts !== null || Object.keys(profiles).length > 0;
}

/** Conversations that receive alerts, with what they want to hear. */
export async function alertChannels(store: Store, environmentId: string): Promise<Subscription[]> {
  const found = await store.query('subscription', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return found.map((stored) => stored.value).filter(receivesAlerts);
}

/** True when a subscription covers an incident: by what comes of every profile, or of one that it hits. */
export function wants(
  { alerts, profiles }: Pick<Subscription, 'alerts' | 'profiles'>,
  { level, profileIds }: Pick<Incident, 'level' | 'profileIds'>,
): boolean {
  const levels = [alerts, ...profileIds.map((id) => (Object.hasOwn(profiles, id) ? profiles[id] : null))];
  return levels.some((wanted) => covers(wanted ?? null, level));
}

function covers(wanted: SubscribedLevel | null, level: Incident['level']): boolean {
  if (wanted === null) return false;
  return level === 'error' || wanted === 'all' || (wanted === 'warnings' && level === 'warning');
}

async function openIncidentIntents(
  store: Store,
  environmentId: string,
  subscription: Subscription,
  before: Subscription | undefined,
  now: number,
): Promise<Change[]> {
  const incidents = await store.query('incident', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'open' },
    limit: 1000,
  });
  const { settings } = (await getEnvironment(store, environmentId)).value;
  return incidents
    .filter(({ value }) => value.handling.quiet === null && alertsOf(settings, value.level))
    .filter(({ value }) => wants(subscription, value) && !(before !== undefined && wants(before, value)))
    .map((stored) => intentChange(environmentId, 'incident', stored.value.id, subscription.conversationId, now));
}
