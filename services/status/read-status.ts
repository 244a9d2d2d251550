import { allOpenIncidents } from '../alerts/all-open-incidents.ts';
import { waitingRequests } from '../approvals/waiting-requests.ts';
import { isCritical, type Incident } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import type { EmailSettings } from '../model/environment.ts';
import { testStatus, type Mailbox } from '../model/mailbox.ts';
import type { Run } from '../model/run.ts';
import { plus, totalOf, type MailboxCounts, type ProfileHealth, type Status } from '../model/status.ts';
import { nearLimits, type StoreLimit } from '../model/store-limits.ts';
import { getEnvironment } from '../platform/environments.ts';
import { openWindows } from '../profiles/maintenance-windows.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Query, type Store, type Stored } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'meter'>;

/** Incidents and runs that are shown as examples. */
const examples = 3;

/**
 * How an environment stands now. Everything is counted by the store: no list of mailboxes is read, so that it answers at once
 * however many there are.
 */
export async function readStatus({ store, clock, meter }: Context, environmentId: string): Promise<Status> {
  const now = clock.now();
  const prefix = keyOf(environmentId, '');
  const environment = (await getEnvironment(store, environmentId)).value;
  const profiles: ProfileHealth[] = [];
  for (const { id, name, state } of await listProfiles(store, environmentId))
    profiles.push({ id, name, state, counts: await countStates(store, prefix, id) });
  const withoutProfile = await countStates(store, prefix, null);
  return {
    environmentName: environment.name,
    counts: profiles.reduce((sum, { counts }) => plus(sum, counts), withoutProfile),
    profiles: profiles.sort((a, b) => totalOf(b.counts) - totalOf(a.counts)),
    withoutProfile,
    incidents: await openIncidents(store, environmentId, environment.settings),
    pending: await pendingApprovals(store, environmentId),
    retries: await retries(store, prefix, now),
    runs: await latestRuns(store, prefix),
    maintenance: await openWindows(store, environmentId, now),
    limits: meter === undefined ? [] : await limitsOf(store, meter),
  };
}

/** Success is what is left: most mailboxes have it, so that the store would have to look at each of them. */
async function countStates(store: Store, prefix: string, profileId: string | null): Promise<MailboxCounts> {
  const count = (where: NonNullable<Query<Mailbox>['where']>): Promise<number> =>
    store.count('mailbox', { prefix, where: { profileId, ...where } });
  const failure = await count({ status: testStatus.failure });
  const notRun = await count({ status: testStatus.notRun });
  // Counted one after the other, while tests go on.
  return { success: Math.max(0, (await count({})) - failure - notRun), failure, notRun };
}

/** Those of levels that the organization has switched off are not shown, as on the list of alerts. */
async function openIncidents(
  store: Store,
  environmentId: string,
  settings: EmailSettings,
): Promise<Status['incidents']> {
  const all = await allOpenIncidents(store, environmentId);
  const open = all.filter(({ level }) => alertsOf(settings, level));
  const errors = open.filter(({ level }) => level === 'error').length;
  return {
    errors,
    warnings: open.filter(({ level }) => level === 'warning').length,
    acknowledged: open.filter(({ handling }) => handling.acknowledged !== null).length,
    assigned: open.filter(({ handling }) => handling.assigned !== null).length,
    worst: [...open].sort(worstFirst).slice(0, examples),
  };
}

function worstFirst(a: Incident, b: Incident): number {
  return (
    Number(isCritical(b)) - Number(isCritical(a)) ||
    Number(b.level === 'error') - Number(a.level === 'error') ||
    b.open - a.open
  );
}

async function pendingApprovals(store: Store, environmentId: string): Promise<Status['pending']> {
  const waiting = await waitingRequests(store, environmentId);
  return {
    mailboxes: waiting.reduce((sum, { pending }) => sum + pending, 0),
    requests: waiting.length,
    oldestAt: waiting.reduce<number | null>(
      (oldest, { requestedAt }) => Math.min(oldest ?? requestedAt, requestedAt),
      null,
    ),
  };
}

/** Up to so many are looked at one by one; of more, the next one is found among those that are nearly due. */
const fewRetries = 1000;
const minuteMs = 60_000;
const horizonsMs = [0, 0.25, 0.5, 1, 2, 3, 4, 5, 10, 30, 60, 24 * 60].map((minutes) => minutes * minuteMs);

async function retries(store: Store, prefix: string, now: number): Promise<Status['retries']> {
  const nearest = (found: readonly Stored<Mailbox>[]): number =>
    Math.max(now, Math.min(...found.map(({ value }) => value.postponedUntil ?? Number.POSITIVE_INFINITY)));
  const until = (at: number) => ({ prefix, atMost: { postponedUntil: at } });
  const some = await store.query('mailbox', { ...until(Number.MAX_SAFE_INTEGER), limit: fewRetries });
  if (some.length === 0) return { mailboxes: 0, nextAt: null };
  if (some.length < fewRetries) return { mailboxes: some.length, nextAt: nearest(some) };
  const mailboxes = await store.count('mailbox', until(Number.MAX_SAFE_INTEGER));
  for (const horizonMs of horizonsMs) {
    const due = await store.query('mailbox', { ...until(now + horizonMs), limit: fewRetries });
    if (due.length > 0) return { mailboxes, nextAt: nearest(due) };
  }
  return { mailboxes, nextAt: nearest(some) };
}

async function latestRuns(store: Store, prefix: string): Promise<Run[]> {
  const found = await store.query('run', { prefix, limit: 10_000 });
  return found
    .map(({ value }) => value)
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, examples);
}

/** The store is one for all environments. */
async function limitsOf(store: Store, meter: NonNullable<Context['meter']>): Promise<StoreLimit[]> {
  const { bytes, limitBytes } = meter.memory();
  return nearLimits({
    mailboxes: await store.count('mailbox', {}),
    writesPerSecond: meter.writesPerSecond(),
    memoryBytes: bytes,
    memoryLimitBytes: limitBytes,
  });
}
