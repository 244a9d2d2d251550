import { levelOf, serverCauseIdOf } from '../model/alert.ts';
import { natureOf, type Fault } from '../model/fault.ts';
import { ownPlaceOf, serverOf, type Outage } from '../model/outage.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { untestedOutcome } from '../model/run.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion } from '../storage/store.ts';
import type { AlsoCommitted } from './start-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'retry'>;

/**
 * A server is out of reach, or lets a profile not in: one row for all whom it hits, with the number of mailboxes that wait;
 * the projector makes the incident of it. It warns as long as a single mailbox would have tries left, and then is an error, as the rule of retry
 * has it.
 */
export async function recordOutage(
  { store, clock, retry }: Context,
  environmentId: string,
  host: string,
  profiles: readonly EmailServerProfile[],
  fault: Fault,
): Promise<void> {
  await retryConflict(async () => {
    const now = clock.now();
    const key = keyOf(environmentId, host);
    const known = await store.get('outage', key);
    const since = known?.value.since ?? now;
    const profileIds = profiles.map(({ id }) => id);
    const outage: Outage = {
      environmentId,
      host,
      fault,
      level: levelOf(natureOf(fault), now - since < retry.attempts * retry.delayMs),
      profileIds,
      profileName: profiles.map(({ name }) => name).join(', '),
      waiting: await store.count('poll', { prefix: keyOf(environmentId, ''), where: { profileId: profileIds } }),
      since,
    };
    // A probe that finds nothing new is no reason to edit cards.
    if (known !== undefined && looksSame(known.value, outage)) return;
    await store.commit(
      [{ kind: 'put', collection: 'outage', key, value: outage }, trigger(outage, now)],
      [{ collection: 'outage', key, version: known?.version ?? 0 }],
    );
  });
}

/** The server answers again, or nobody waits for it any more. */
export async function resolveOutage({ store, clock }: Context, environmentId: string, host: string): Promise<void> {
  await retryConflict(async () => {
    const key = keyOf(environmentId, host);
    const known = await store.get('outage', key);
    if (known === undefined) return;
    await store.commit(
      [{ kind: 'delete', collection: 'outage', key }, trigger(known.value, clock.now())],
      [{ collection: 'outage', key, version: known.version }],
    );
  });
}

/** For the commit that deletes a profile: the outage of its server goes on for the others, or is over when there are none. */
export async function outageWithoutProfile(
  store: ServiceContext['store'],
  profile: EmailServerProfile,
  now: number,
): Promise<AlsoCommitted> {
  const changes: Change[] = [];
  const expected: ExpectedVersion[] = [];
  for (const place of [serverOf(profile), ownPlaceOf(profile)]) {
    const known = await store.get('outage', keyOf(profile.environmentId, place));
    if (known?.value.profileIds.includes(profile.id) !== true) continue;
    const { key, version, value } = known;
    const profileIds = value.profileIds.filter((id) => id !== profile.id);
    changes.push(
      profileIds.length === 0
        ? { kind: 'delete', collection: 'outage', key }
        : { kind: 'put', collection: 'outage', key, value: { ...value, profileIds } },
      trigger(value, now),
    );
    expected.push({ collection: 'outage', key, version });
  }
  return { changes, expected };
}

function looksSame(before: Outage, after: Outage): boolean {
  return (
    before.fault.code === after.fault.code &&
    before.level === after.level &&
    before.waiting === after.waiting &&
    before.profileName === after.profileName
  );
}

/** Tells the projector, the only writer of incidents, to look at the server again. */
function trigger({ environmentId, host, profileIds: [profileId = ''], fault }: Outage, now: number): Change {
  const value = untestedOutcome({
    environmentId,
    runId: null,
    mailboxId: '',
    profileId,
    at: now,
    causes: [{ causeId: serverCauseIdOf(host), fault }],
  });
  return { kind: 'put', collection: 'outcome', key: keyOf(environmentId, 'outage', host, String(now)), value };
}
