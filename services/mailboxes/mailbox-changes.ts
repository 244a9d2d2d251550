import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import type { Environment } from '../model/environment.ts';
import { directions, serverSideDirections, type Mailbox } from '../model/mailbox.ts';
import { stoppedDirections, voidedDirections } from '../model/mailbox-edit.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { untestedOutcome, type Outcome } from '../model/run.ts';
import { mailboxReviews } from '../alerts/owner-reviews.ts';
import { holdProfile } from '../profiles/hold-profile.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { alertChanges } from '../testing/alert-changes.ts';
import { dropTest } from '../testing/drop-test.ts';
import { pollKey } from '../testing/poll-changes.ts';
import { accountTrigger, isAccountRefused } from '../testing/refused-account.ts';
import { mailboxKey } from './mailbox-key.ts';
import { settleApprovals, type ChangedMailbox } from './settle-approvals.ts';

export interface PreparedChange {
  readonly changes: Change[];
  readonly expected: ExpectedVersion[];
  /** As they will be, in the order in which they were given. */
  readonly after: readonly Mailbox[];
  /** They worked in a direction that has to be tested again, or stopped for good. */
  readonly stopped: number;
  readonly asked: number;
  readonly withdrawn: number;
}

/**
 * Changed mailboxes with all that hangs on them, for one commit: approval requests, tests that are due or under way, checks,
 * alerts and the incidents that count them. `id` names the change, so that its trigger meets no other.
 */
export async function prepareChanges(
  { store }: Pick<ServiceContext, 'store'>,
  environment: Stored<Environment>,
  actor: Actor,
  id: string,
  changed: readonly ChangedMailbox[],
  conversationId: string,
  now: number,
): Promise<PreparedChange> {
  const { environmentId, settings } = environment.value;
  const approvals = await settleApprovals(store, environmentId, actor, settings, changed, conversationId, now);
  const { mailboxes } = approvals;
  const profiles = await profilesOf(store, environmentId, mailboxes);
  const changes: Change[] = [...approvals.changes];
  const expected: ExpectedVersion[] = [
    ...approvals.expected,
    // Whether approval is required must still be true when the mailboxes change.
    { collection: 'environment', key: environment.key, version: environment.version },
  ];
  for (const profileId of new Set(mailboxes.flatMap(({ before, after }) => newProfileOf(before.value, after)))) {
    const held = await holdProfile(store, environmentId, profileId);
    changes.push(...held.changes);
    expected.push(...held.expected);
  }
  const causes: Causes = new Map();
  const unchecked = new Set<string>();
  for (const { before, after } of mailboxes) {
    const key = mailboxKey(environmentId, after.address);
    changes.push({ kind: 'put', collection: 'mailbox', key, value: after });
    expected.push({ collection: 'mailbox', key: before.key, version: before.version });
    const voided = voidedDirections(before.value, after);
    if (voided.length === 0) continue;
    const task = await settleTest(store, before.value, after, now);
    changes.push(...task.changes);
    expected.push(...task.expected);
    if (voided.includes('incoming') && (await store.get('poll', pollKey(before.value))) !== undefined) {
      changes.push({ kind: 'delete', collection: 'poll', key: pollKey(before.value) });
      if (before.value.profileId !== null) unchecked.add(before.value.profileId);
    }
    changes.push(...(await settleAlerts(store, before.value, after, profiles, causes, now)));
  }
  changes.push(...triggers(environmentId, id, causes, now));
  // Another owner, or nothing that fails any more.
  const ids = mailboxes.flatMap(({ before, after }) => [before.value.id, after.id]);
  changes.push(...mailboxReviews(environmentId, [...new Set(ids)]));
  // Who waits for a new password is counted by the checks.
  for (const profileId of unchecked) {
    const profile = profiles.get(profileId);
    if (profile !== undefined && (await isAccountRefused(store, profile))) changes.push(accountTrigger(profile, now));
  }
  return {
    changes,
    expected,
    after: mailboxes.map(({ after }) => after),
    stopped: mailboxes.filter(({ before, after }) => stoppedDirections(before.value, after).length > 0).length,
    asked: approvals.asked,
    withdrawn: approvals.withdrawn,
  };
}

const newProfileOf = (before: Mailbox, after: Mailbox): string[] =>
  after.profileId === null || after.profileId === before.profileId ? [] : [after.profileId];

async function profilesOf(
  store: Store,
  environmentId: string,
  mailboxes: readonly ChangedMailbox[],
): Promise<ReadonlyMap<string, EmailServerProfile>> {
  const ids = new Set(mailboxes.flatMap(({ before, after }) => [before.value.profileId ?? [], after.profileId ?? []]));
  const found = new Map<string, EmailServerProfile>();
  for (const id of [...ids].flat()) {
    const profile = (await store.get('profile', keyOf(environmentId, id)))?.value;
    if (profile !== undefined) found.set(id, profile);
  }
  return found;
}

/**
 * What was found of the old settings counts no more. A test of a run is made anew, with a message of its own; a later try of
 * what is gone is dropped; and whoever is switched off is not tested at all.
 */
async function settleTest(
  store: Store,
  before: Mailbox,
  after: Mailbox,
  now: number,
): Promise<{ changes: Change[]; expected: ExpectedVersion[] }> {
  const task = await store.get('task', testKey(before));
  if (task === undefined) return { changes: [], expected: [] };
  const { key, version, value } = task;
  const expected: ExpectedVersion[] = [{ collection: 'task', key, version }];
  if (after.state === 'inactive')
    return { changes: value.state === 'claimed' ? [] : dropTest(task, before, now), expected };
  const isLaterTry = value.runId === null;
  if (isLaterTry && (after.postponedUntil === null || serverSideDirections(after).length === 0))
    return { changes: [{ kind: 'delete', collection: 'task', key }], expected };
  const isUnderWay = value.state === 'claimed';
  const next = {
    ...value,
    subjectId: after.id,
    profileId: after.profileId,
    ...(isUnderWay ? { id: randomUUID(), state: 'ready' as const, claims: 0 } : {}),
    ...(isUnderWay && isLaterTry ? { dueAt: after.postponedUntil ?? now } : {}),
  };
  return {
    changes: [
      ...(key === testKey(after) ? [] : [{ kind: 'delete', collection: 'task', key } as const]),
      { kind: 'put', collection: 'task', key: testKey(after), value: next },
    ],
    expected,
  };
}

const testKey = ({ environmentId, id }: Mailbox): string => keyOf(environmentId, 'test-mailbox', id);

/** By profile, and by cause. */
type Causes = Map<string, Map<string, Outcome['causes'][number]>>;

/** Alerts of directions that are gone go with them; each mailbox has one alert a fault. */
async function settleAlerts(
  store: Store,
  before: Mailbox,
  after: Mailbox,
  profiles: ReadonlyMap<string, EmailServerProfile>,
  causes: Causes,
  now: number,
): Promise<Change[]> {
  if (directions.every((direction) => before[direction].fault === null)) return [];
  const profileId = before.profileId ?? '';
  // Under the old address, where they are: a mailbox that has another one has no fault any more.
  const settled = await alertChanges(store, { ...after, id: before.id }, [], profiles.get(profileId), false, now);
  const ofProfile = causes.get(profileId) ?? new Map<string, Outcome['causes'][number]>();
  for (const cause of settled.causes) ofProfile.set(cause.causeId, cause);
  causes.set(profileId, ofProfile);
  return settled.changes;
}

/** Tells the projector, the only writer of incidents, to count anew whom these causes hit: once each, however many changed. */
function triggers(environmentId: string, id: string, causes: Causes, now: number): Change[] {
  return [...causes].flatMap(([profileId, ofProfile]): Change[] => {
    if (ofProfile.size === 0) return [];
    const value = untestedOutcome({
      environmentId,
      runId: null,
      mailboxId: '',
      profileId,
      at: now,
      causes: [...ofProfile.values()],
    });
    return [{ kind: 'put', collection: 'outcome', key: keyOf(environmentId, 'change', id, profileId), value }];
  });
}
