import type { Actor } from '../model/access.ts';
import type { AlertLevel } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { auditEntry } from '../model/audit.ts';
import type { Subscription } from '../model/conversation.ts';
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
  change: { alerts?: Subscription['alerts']; approvals?: boolean },
): Promise<Subscription> {
  await requireRight(context, environmentId, actor, 'subscribe');
  const { store, clock } = context;
  return retryConflict(async () => {
    const now = clock.now();
    const key = keyOf(environmentId, conversationId);
    const known = await store.get('subscription', key);
    const before = known?.value;
    const subscription: Subscription = {
      environmentId,
      conversationId,
      alerts: change.alerts === undefined ? (before?.alerts ?? null) : change.alerts,
      approvals: change.approvals ?? before?.approvals ?? false,
      setBy: actor.aadObjectId,
      setAt: now,
      revision: (before?.revision ?? 0) + 1,
    };
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
        }),
      },
    ];
    if (subscription.approvals && before?.approvals !== true)
      changes.push(...(await openRequestIntents(store, environmentId, conversationId, now)));
    if (subscription.alerts !== null && subscription.alerts !== before?.alerts)
      changes.push(...(await openIncidentIntents(store, environmentId, subscription, before, now)));
    // What explains the silence of a server.
    if (subscription.alerts !== null && (before?.alerts ?? null) === null)
      for (const { id } of await openWindows(store, environmentId, now))
        changes.push(intentChange(environmentId, 'maintenance', id, conversationId, now));
    await store.commit(changes, [{ collection: 'subscription', key, version: known?.version ?? 0 }]);
    return subscription;
  });
}

/** Conversations that receive alerts, with what they want to hear. */
export async function alertChannels(store: Store, environmentId: string): Promise<Subscription[]> {
  const found = await store.query('subscription', {
    prefix: keyOf(environmentId, ''),
    where: { alerts: ['all', 'warnings', 'errors'] },
    limit: 1000,
  });
  return found.map((stored) => stored.value);
}

/** True when a subscription covers an alert level: `errors` errors only, `warnings` those too, `all` everything. */
export function wants(subscription: Subscription, level: AlertLevel): boolean {
  if (subscription.alerts === null) return false;
  return (
    level === 'error' || subscription.alerts === 'all' || (subscription.alerts === 'warnings' && level === 'warning')
  );
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
    .filter(({ value }) => wants(subscription, value.level) && !(before !== undefined && wants(before, value.level)))
    .map((stored) => intentChange(environmentId, 'incident', stored.value.id, subscription.conversationId, now));
}
