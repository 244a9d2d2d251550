import { profileOfAccountCause, serverOfCause, type Incident } from '../model/alert.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { ownerAddresses } from '../model/owner-matter.ts';
import type { IncidentReach, ReachCount } from '../model/owner-alert.ts';
import { redrawCards } from '../conversations/card-places.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { isAccountRefused } from '../testing/refused-account.ts';
import { chatsOfPeople, ownersOf } from './owner-people.ts';
import { ownersToTell } from './profile-owner-cards.ts';
import type { Done } from './review-owners.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

const most = 100_000;

/** Whom an incident reaches in their own chats. Nothing is counted here, so that it costs the same however many it hits. */
export async function ownerReach(store: Store, incident: Incident): Promise<IncidentReach> {
  const { environmentId, causeId } = incident;
  const counted = (await store.get('ownerReach', keyOf(environmentId, causeId)))?.value;
  const { reached = 0, unreached = 0, withoutAddress = 0 } = counted ?? {};
  const owners = await ownersToTell(store, incident);
  const chats = await chatsOfPeople(store, environmentId, owners);
  return { reached, unreached, withoutAddress, profileOwnersUnreached: owners.filter((id) => !chats.has(id)).length };
}

/** How many owners there are, of all mailboxes. */
export async function reachOfAll(store: Store, environmentId: string): Promise<ReachCount> {
  const found = await store.query('mailbox', { prefix: keyOf(environmentId, ''), limit: most });
  return countOwners(
    store,
    environmentId,
    found.map(({ value }) => value),
  );
}

/**
 * Counts whom the incident of a cause reaches, and draws its cards anew where that has changed. Once it is over there is
 * nothing to count, nor where owners do not hear of servers.
 */
export async function countReach(
  { store, clock }: Context,
  environmentId: string,
  causeId: string,
  end: Done,
): Promise<void> {
  const key = keyOf(environmentId, causeId);
  const before = await store.get('ownerReach', key);
  const [incident] = await store.query('incident', {
    prefix: keyOf(environmentId, ''),
    where: { causeId, state: 'open' },
    limit: 1,
  });
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const isTold = incident !== undefined && (incident.value.scope !== 'server' || settings.notifyMailboxOwner);
  const count = isTold
    ? await countOwners(store, environmentId, await mailboxesOfCause(store, environmentId, causeId))
    : null;
  const changes: Change[] = [];
  if (count === null) {
    if (before !== undefined) changes.push({ kind: 'delete', collection: 'ownerReach', key });
  } else if (before === undefined || !isSame(before.value, count)) {
    changes.push({ kind: 'put', collection: 'ownerReach', key, value: { environmentId, causeId, ...count } });
  }
  if (changes.length > 0 && incident !== undefined)
    changes.push(
      ...(await redrawCards(store, environmentId, { kind: 'incident', subjectId: incident.value.id }, clock.now())),
    );
  await store.commit(
    [...changes, ...end.changes],
    [...end.expected, { collection: 'ownerReach', key, version: before?.version ?? 0 }],
  );
}

const isSame = (before: ReachCount, now: ReachCount): boolean =>
  before.reached === now.reached && before.unreached === now.unreached && before.withoutAddress === now.withoutAddress;

/** Those that fail for it, and those whose checks wait for its end. */
async function mailboxesOfCause(store: Store, environmentId: string, causeId: string): Promise<Mailbox[]> {
  const prefix = keyOf(environmentId, '');
  const alerts = await store.query('alert', { prefix, where: { causeId }, limit: most });
  const profileIds = await waitingProfiles(store, environmentId, causeId);
  const polls =
    profileIds.length === 0 ? [] : await store.query('poll', { prefix, where: { profileId: profileIds }, limit: most });
  const mailboxes: Mailbox[] = [];
  for (const id of new Set([...alerts, ...polls].map(({ value }) => value.mailboxId))) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, id)))?.value;
    if (mailbox !== undefined) mailboxes.push(mailbox);
  }
  return mailboxes;
}

/** Profiles of which all checks wait for the end of this. */
async function waitingProfiles(store: Store, environmentId: string, causeId: string): Promise<readonly string[]> {
  const host = serverOfCause(causeId);
  if (host !== null) return (await store.get('outage', keyOf(environmentId, host)))?.value.profileIds ?? [];
  const profileId = profileOfAccountCause(causeId);
  const profile = profileId === null ? undefined : (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  return profile !== undefined && (await isAccountRefused(store, profile)) ? [profile.id] : [];
}

/** Each person once, also where an address is all that is known of them. */
async function countOwners(store: Store, environmentId: string, mailboxes: readonly Mailbox[]): Promise<ReachCount> {
  const owners = await ownersOf(store, environmentId, mailboxes);
  const people = new Set([...owners.values()].map(({ aadObjectId }) => aadObjectId));
  const chats = await chatsOfPeople(store, environmentId, [...people]);
  const strangers = new Set<string>();
  let withoutAddress = 0;
  for (const mailbox of mailboxes) {
    if (owners.has(mailbox.id)) continue;
    const [address] = ownerAddresses(mailbox);
    if (address === undefined) withoutAddress += 1;
    else strangers.add(address);
  }
  return { reached: chats.size, unreached: people.size - chats.size + strangers.size, withoutAddress };
}
