import type { Actor } from '../model/access.ts';
import { receivesAlerts } from '../model/alert-route.ts';
import { auditEntry, type AuditEntry } from '../model/audit.ts';
import type { DailyTime, QuietHours, SubscribedLevel, Subscription } from '../model/conversation.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { openWindows } from '../profiles/maintenance-windows.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { openRequestIntents } from './approval-audience.ts';
import { intentChange } from './intents.ts';
import { openIncidents } from './open-incidents.ts';
import { unheardIntents } from './unheard-errors.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What can be set about a conversation. */
export type SubscriptionChange = Partial<
  Pick<Subscription, 'alerts' | 'approvals' | 'profiles' | 'nature' | 'quietHours' | 'digest'>
>;

/** Nothing comes any more. What was set for alerts goes with them: whoever subscribes again begins anew. */
export const nothingComes: SubscriptionChange = {
  alerts: null,
  profiles: {},
  approvals: false,
  nature: null,
  quietHours: null,
  digest: null,
};

/**
 * Says what a conversation receives; what the change leaves out stays as it is. Open approval requests and open incidents are
 * shown in the conversation at once, or told in its digest, so that nothing waits unseen. `seen`: the revision of the card
 * that was clicked, null: it was typed; whoever saw an older one changes nothing, and gets what holds now.
 * @throws MailroomError `access.denied`
 */
export async function changeSubscription(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  change: SubscriptionChange,
  seen: number | null = null,
): Promise<Subscription> {
  const profiles = await listProfiles(context.store, environmentId);
  const names = new Map(profiles.map(({ id, name }) => [id, name]));
  return commitChange(context, environmentId, actor, conversationId, seen, (before) => ({
    change,
    entry: (after, now) => {
      const details = changeDetails(before, after, names);
      return auditEntry(environmentId, now, actor, 'subscription.changed', [conversationId], details);
    },
  }));
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
): Promise<Subscription> {
  return commitChange(context, environmentId, actor, conversationId, null, (before) => ({
    change: { profiles: { ...before?.profiles, [id]: level } },
    entry: (_after, now) =>
      auditEntry(environmentId, now, actor, 'subscription.profile-changed', [conversationId, id], {
        name,
        alerts: level,
        before: before?.profiles[id] ?? null,
      }),
  }));
}

async function commitChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  seen: number | null,
  decide: (before: Subscription | undefined) => {
    readonly change: SubscriptionChange;
    readonly entry: (after: Subscription, now: number) => AuditEntry;
  },
): Promise<Subscription> {
  await requireRight(context, environmentId, actor, 'subscribe');
  const { store, clock } = context;
  return retryConflict(async () => {
    const now = clock.now();
    const key = keyOf(environmentId, conversationId);
    const known = await store.get('subscription', key);
    const before = known?.value;
    if (before !== undefined && seen !== null && seen !== before.revision) return before;
    const { change, entry } = decide(before);
    const subscription = subscriptionAfter(before, { environmentId, conversationId }, change, actor, now);
    const changes: Change[] = [
      { kind: 'put', collection: 'subscription', key, value: subscription },
      { kind: 'append', log: 'audit', entry: entry(subscription, now) },
      ...(await unheardIntents(store, actor, before, subscription, now)),
    ];
    if (subscription.approvals && before?.approvals !== true)
      changes.push(...(await openRequestIntents(store, environmentId, conversationId, now)));
    const open = await openIncidents(store, subscription, before, now);
    // What explains the silence of a server.
    if (receivesAlerts(subscription) && !(before !== undefined && receivesAlerts(before)))
      for (const { id } of await openWindows(store, environmentId, now))
        changes.push(intentChange(environmentId, 'maintenance', id, conversationId, now));
    await store.commit(
      [...changes, ...open.changes],
      [{ collection: 'subscription', key, version: known?.version ?? 0 }, ...open.expected],
    );
    return subscription;
  });
}

/** What is not changed stays; nothing of a conversation that receives nothing yet. */
function subscriptionAfter(
  before: Subscription | undefined,
  where: Pick<Subscription, 'environmentId' | 'conversationId'>,
  change: SubscriptionChange,
  actor: Actor,
  now: number,
): Subscription {
  return {
    ...subscriptionOf(before, where),
    ...change,
    setBy: actor.aadObjectId,
    setAt: now,
    revision: (before?.revision ?? 0) + 1,
  };
}

/** What a conversation receives, also one of which nobody said anything yet. */
export function subscriptionOf(
  known: Subscription | undefined,
  { environmentId, conversationId }: Pick<Subscription, 'environmentId' | 'conversationId'>,
): Subscription {
  return (
    known ?? {
      environmentId,
      conversationId,
      alerts: null,
      profiles: {},
      approvals: false,
      nature: null,
      quietHours: null,
      digest: null,
      setBy: '',
      setAt: 0,
      revision: 0,
    }
  );
}

/** Before and after: of alerts and approvals always, of everything else where it changed. */
function changeDetails(
  before: Subscription | undefined,
  after: Subscription,
  names: ReadonlyMap<string, string>,
): AuditEntry['details'] {
  const texts = {
    profiles: ({ profiles }: Subscription) =>
      Object.entries(profiles)
        .map(([id, level]) => `${names.get(id) ?? id} (${level})`)
        .join(', '),
    nature: ({ nature }: Subscription) => nature,
    quietHours: ({ quietHours }: Subscription) => quietText(quietHours),
    digest: ({ digest }: Subscription) => dailyText(digest),
  };
  const first = subscriptionOf(before, after);
  const changed = Object.entries(texts).filter(([, text]) => (text(first) ?? '') !== (text(after) ?? ''));
  return {
    alerts: after.alerts,
    approvals: after.approvals,
    'alerts.before': first.alerts,
    'approvals.before': first.approvals,
    ...Object.fromEntries(
      changed.flatMap(([field, text]) => [
        [field, text(after)],
        [`${field}.before`, text(first)],
      ]),
    ),
  };
}

const quietText = (quiet: QuietHours | null): string | null =>
  quiet === null ? null : `${quiet.from}–${quiet.to} ${quiet.timeZone}`;

const dailyText = (daily: DailyTime | null): string | null =>
  daily === null ? null : `${daily.time} ${daily.timeZone}`;

/** Conversations that receive alerts, with what they want to hear. */
export async function alertChannels(store: Store, environmentId: string): Promise<Subscription[]> {
  const found = await store.query('subscription', { prefix: keyOf(environmentId, ''), limit: 10_000 });
  return found.map((stored) => stored.value).filter(receivesAlerts);
}
