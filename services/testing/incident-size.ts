import {
  incidentSampleSize,
  profileOfAccountCause,
  profileOfAlarm,
  serverOfCause,
  type AlertLevel,
} from '../model/alert.ts';
import type { Fault } from '../model/fault.ts';
import type { Outage } from '../model/outage.ts';
import { alarmSize } from '../alerts/profile-alarm.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';
import { timeSlices } from '../time-slices.ts';
import { isAccountRefused } from './refused-account.ts';

/** What a cause hits now, counted from alerts and from the mailboxes whose checks wait for a server or for a new password. */
export interface IncidentSize {
  readonly open: number;
  readonly waiting: number;
  readonly sample: readonly string[];
  /** Null: it hits nobody. */
  readonly level: AlertLevel | null;
  readonly outage: Outage | null;
  /** What it is about, where that changes with its size; null: it stays as it was. */
  readonly fault: Fault | null;
}

export async function incidentSize(
  store: Store,
  environmentId: string,
  causeId: string,
  now: number,
): Promise<IncidentSize> {
  if (profileOfAlarm(causeId) !== null) {
    const { failing, sample, fault } = await alarmSize(store, environmentId, causeId, now);
    return { open: failing, waiting: 0, sample, level: failing > 0 ? 'error' : null, outage: null, fault };
  }
  const prefix = keyOf(environmentId, '');
  const hit = await store.count('alert', { prefix, where: { causeId } });
  const errors = await store.count('alert', { prefix, where: { causeId, level: 'error' } });
  const alerts = await store.query('alert', { prefix, where: { causeId }, limit: incidentSampleSize });
  const sample = alerts.map(({ value }) => value.address);
  const level = errors > 0 ? 'error' : hit > 0 ? 'warning' : null;
  const host = serverOfCause(causeId);
  const outage = host === null ? undefined : (await store.get('outage', keyOf(environmentId, host)))?.value;
  const profileIds = outage?.profileIds ?? (await refusedProfiles(store, environmentId, causeId));
  const where = { profileId: profileIds };
  const waiting = outage?.waiting ?? (profileIds.length === 0 ? 0 : await store.count('poll', { prefix, where }));
  if (outage === undefined && waiting === 0) return { open: hit, waiting, sample, level, outage: null, fault: null };
  const polls = await store.query('poll', { prefix, where, limit: incidentSampleSize });
  return {
    open: waiting + (await alertsOnly(store, environmentId, causeId, profileIds)),
    waiting,
    sample: [...new Set([...sample, ...polls.map(({ value }) => value.mailboxId)])].slice(0, incidentSampleSize),
    level: level === 'error' ? level : (outage?.level ?? 'error'),
    outage: outage ?? null,
    fault: outage?.fault ?? null,
  };
}

/** Profiles whose checks wait for the end of a cause: for a server, or for a new password. */
export async function profilesThatWait(
  store: Store,
  environmentId: string,
  causeId: string,
): Promise<readonly string[]> {
  const host = serverOfCause(causeId);
  const outage = host === null ? undefined : (await store.get('outage', keyOf(environmentId, host)))?.value;
  return outage?.profileIds ?? (await refusedProfiles(store, environmentId, causeId));
}

/** The profile whose mailboxes wait for a new password. */
async function refusedProfiles(store: Store, environmentId: string, causeId: string): Promise<readonly string[]> {
  const profileId = profileOfAccountCause(causeId);
  const profile = profileId === null ? undefined : (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  return profile !== undefined && (await isAccountRefused(store, profile)) ? [profile.id] : [];
}

/**
 * Mailboxes that a run met meanwhile and whose checks do not wait for it: they are not checked, or at another server than they
 * send by. The others are counted among those who wait.
 */
async function alertsOnly(
  store: Store,
  environmentId: string,
  causeId: string,
  waiting: readonly string[],
): Promise<number> {
  const pause = timeSlices();
  let count = 0;
  for await (const page of streamPages(store, 'alert', { prefix: keyOf(environmentId, ''), where: { causeId } }))
    for (const { value } of page) {
      await pause();
      if (
        !waiting.includes(value.profileId) ||
        (await store.get('poll', keyOf(environmentId, value.mailboxId))) === undefined
      )
        count += 1;
    }
  return count;
}
