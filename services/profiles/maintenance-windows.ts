import { MailroomError } from '../model/error.ts';
import {
  isOpen,
  maintenanceHostsOf,
  maintenanceLimits,
  restingHosts,
  restMs,
  type MaintenanceWindow,
} from '../model/maintenance.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Run } from '../model/run.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { listProfiles } from './profile-names.ts';

/** More than anybody plans; what is over is swept after a month. */
const most = 1000;

/** Windows that were announced and last or lie ahead, soonest first. */
export async function openWindows(store: Store, environmentId: string, now: number): Promise<MaintenanceWindow[]> {
  const found = await store.query('maintenance', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'announced' },
    limit: most,
  });
  return found
    .map(({ value }) => value)
    .filter((window) => isOpen(window, now))
    .sort((a, b) => a.startsAt - b.startsAt);
}

/** Those of the servers that a profile leads to. */
export async function windowsOf(store: Store, profile: EmailServerProfile, now: number): Promise<MaintenanceWindow[]> {
  const hosts = maintenanceHostsOf(profile);
  return (await openWindows(store, profile.environmentId, now)).filter(({ host }) => hosts.includes(host));
}

/**
 * Refuses a window that would make a row of windows too long: its server, or a profile with it, would rest for weeks and nobody
 * hear of its trouble.
 * @throws MailroomError `maintenance.rest-too-long` {days}
 */
export async function requireShortRest(store: Store, window: MaintenanceWindow, now: number): Promise<void> {
  const { environmentId, id, host } = window;
  const profiles = (await listProfiles(store, environmentId)).map(maintenanceHostsOf);
  const hosts = new Set([host, ...profiles.filter((servers) => servers.includes(host)).flat()]);
  const others = (await openWindows(store, environmentId, now)).filter(
    (other) => other.id !== id && hosts.has(other.host),
  );
  const { longestRestMs } = maintenanceLimits;
  if (restMs(window, others) > longestRestMs)
    throw new MailroomError('maintenance.rest-too-long', { days: longestRestMs / (24 * 60 * 60 * 1000) });
}

/** Until when a server of a profile rests; null: none does. Overlapping windows are one rest. */
export async function restUntil(store: Store, profile: EmailServerProfile, now: number): Promise<number | null> {
  const windows = await openWindows(store, profile.environmentId, now);
  return restOf(profile, restingHosts(windows, now));
}

/** Of two servers, until both are back. */
function restOf(profile: EmailServerProfile, resting: ReadonlyMap<string, number>): number | null {
  const ends = maintenanceHostsOf(profile).flatMap((host) => resting.get(host) ?? []);
  return ends.length === 0 ? null : Math.max(...ends);
}

/**
 * Profiles with a server that rests now, in all environments: keys of their records, and until when. Costs next to nothing while
 * there is no window, so that it may be asked with every claim of a task.
 */
export async function restingProfiles(store: Store, now: number): Promise<ReadonlyMap<string, number>> {
  const resting = new Map<string, number>();
  const announced = await store.query('maintenance', { where: { state: 'announced' }, limit: most });
  const windows = announced.map(({ value }) => value).filter((window) => isOpen(window, now));
  for (const environmentId of new Set(windows.map((window) => window.environmentId))) {
    const hosts = restingHosts(
      windows.filter((window) => window.environmentId === environmentId),
      now,
    );
    if (hosts.size === 0) continue;
    const profiles = await store.query('profile', { prefix: keyOf(environmentId, ''), limit: 1000 });
    for (const { key, value } of profiles) {
      const until = restOf(value, hosts);
      if (until !== null) resting.set(key, until);
    }
  }
  return resting;
}

/** @throws MailroomError `maintenance.unknown` */
export async function getWindow(store: Store, environmentId: string, id: string): Promise<Stored<MaintenanceWindow>> {
  const stored = await store.get('maintenance', keyOf(environmentId, id));
  if (stored === undefined) throw new MailroomError('maintenance.unknown');
  return stored;
}

/** Tests of a run that wait for the end of a window; null: none does. Until the first of several servers is back. */
export async function waitingTests(
  store: Store,
  { environmentId, id }: Pick<Run, 'environmentId' | 'id'>,
  now: number,
): Promise<{ readonly count: number; readonly until: number } | null> {
  let [count, until] = [0, Number.POSITIVE_INFINITY];
  for (const [key, end] of await restingProfiles(store, now)) {
    if (!key.startsWith(keyOf(environmentId, ''))) continue;
    const where = { runId: id, profileId: key.slice(keyOf(environmentId, '').length) };
    const waiting = await store.count('task', { prefix: keyOf(environmentId, ''), where });
    if (waiting === 0) continue;
    count += waiting;
    until = Math.min(until, end);
  }
  return count === 0 ? null : { count, until };
}
