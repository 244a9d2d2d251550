import type { Clock } from '../model/clock.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { ownPlaceOf, serverOf, type Outage, type ProfileTrouble } from '../model/outage.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { restUntil } from '../profiles/maintenance-windows.ts';
import type { Poll } from '../model/poll.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { pollKey } from './poll-changes.ts';
import { isAccountRefused } from './refused-account.ts';

/**
 * A password that Exchange refused weighs more than a server that does not answer: it needs a person. An announced outage
 * explains itself.
 */
export async function troubleOf(
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> },
  profile: EmailServerProfile,
): Promise<ProfileTrouble> {
  if (await isAccountRefused(store, profile)) return { kind: 'refused' };
  const until = await restUntil(store, profile, clock.now());
  if (until !== null) return { kind: 'maintenance', until };
  const outage = await outageOf(store, profile);
  return outage === null ? null : { kind: 'outage', since: outage.since };
}

/** How a mailbox is checked after it was enabled, and what it waits for: an outage, or the end of a maintenance. */
export async function checksOf(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  mailbox: Mailbox,
): Promise<{ poll: Poll | null; outage: Outage | null; restsUntil: number | null }> {
  const { environmentId, profileId, incoming } = mailbox;
  const profile = profileId === null ? undefined : (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  const restsUntil = profile?.state === 'active' ? await restUntil(store, profile, clock.now()) : null;
  const poll = (await store.get('poll', pollKey(mailbox)))?.value;
  if (poll === undefined || !incoming.enabled || profileId === null) return { poll: null, outage: null, restsUntil };
  return { poll, outage: profile === undefined ? null : await outageOf(store, profile), restsUntil };
}

async function outageOf(store: Store, profile: EmailServerProfile): Promise<Outage | null> {
  for (const place of [serverOf(profile), ownPlaceOf(profile)]) {
    const outage = (await store.get('outage', keyOf(profile.environmentId, place)))?.value;
    if (outage?.profileIds.includes(profile.id) === true) return outage;
  }
  return null;
}
