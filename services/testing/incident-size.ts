import { incidentSampleSize, profileOfAccountCause, serverOfCause, type AlertLevel } from '../model/alert.ts';
import type { Outage } from '../model/outage.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { isAccountRefused } from './refused-account.ts';

/** What a cause hits now, counted from alerts and from the mailboxes whose checks wait for a server or for a new password. */
export interface IncidentSize {
  readonly open: number;
  readonly waiting: number;
  readonly sample: readonly string[];
  /** Null: it hits nobody. */
  readonly level: AlertLevel | null;
  readonly outage: Outage | null;
}

const most = 100_000;

export async function incidentSize(store: Store, environmentId: string, causeId: string): Promise<IncidentSize> {
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
  if (outage === undefined && waiting === 0) return { open: hit, waiting, sample, level, outage: null };
  const polls = await store.query('poll', { prefix, where, limit: incidentSampleSize });
  return {
    open: waiting + (await alertsOnly(store, environmentId, causeId, profileIds)),
    waiting,
    sample: [...new Set([...sample, ...polls.map(({ value }) => value.mailboxId)])].slice(0, incidentSampleSize),
    level: level === 'error' ? level : (outage?.level ?? 'error'),
    outage: outage ?? null,
  };
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
  const alerts = await store.query('alert', { prefix: keyOf(environmentId, ''), where: { causeId }, limit: most });
  let count = 0;
  for (const { value } of alerts)
    if (
      !waiting.includes(value.profileId) ||
      (await store.get('poll', keyOf(environmentId, value.mailboxId))) === undefined
    )
      count += 1;
  return count;
}
