import { alarmCauseIdOf, isAlarming, isOfWholeServer, profileOfAlarm, type Alert } from '../model/alert.ts';
import type { Fault } from '../model/fault.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import { testStatus } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { untestedOutcome, type Outcome } from '../model/run.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';
import { timeSlices } from '../time-slices.ts';
import { troubleOf } from '../testing/mailbox-checks.ts';

/**
 * The alarm of a profile: more than half of its mailboxes failed within an hour (dynamics facts §1.1, `sendemailalert`). It
 * is an incident of its own, beside those of the causes.
 */

const windowMs = 60 * 60 * 1000;

/** How many of a profile fail, and of how many. */
export interface AlarmSize {
  /** Mailboxes that fail now, where no trouble of a whole server or account explains it; 0: there is no alarm. */
  readonly failing: number;
  readonly sample: readonly string[];
  readonly fault: Fault;
}

/** The owner who is told in person; null: the profile says that nobody is. */
export function ownerToldOfAlarm({ sendEmailAlert, ownerId }: EmailServerProfile): string | null {
  return sendEmailAlert ? ownerId : null;
}

/**
 * Which alarms a batch of outcomes is a reason to look at. What a profile comes to is worth a look when the last outcome that
 * waits is folded, and not once for each of many batches: until then a mark in the store remembers it, also over a restart.
 */
export async function alarmsToLookAt(
  store: Store,
  environmentId: string,
  outcomes: readonly Stored<Outcome>[],
  isLast: boolean,
  now: number,
): Promise<{ readonly profileIds: readonly string[]; readonly changes: readonly Change[] }> {
  // One that changed nothing about any fault says nothing new.
  const touched = outcomes.flatMap(({ value }) =>
    value.causes.length > 0 && value.profileId !== '' ? [value.profileId] : [],
  );
  if (!isLast)
    return {
      profileIds: [],
      changes: [...new Set(touched)].map((profileId) => ({
        kind: 'put',
        collection: 'outcome',
        key: markKey(environmentId, profileId),
        value: {
          ...untestedOutcome({ environmentId, runId: null, mailboxId: '', profileId, at: now }),
          // Nobody folds it.
          folded: true,
        },
      })),
    };
  const marks = await store.query('outcome', { prefix: markKey(environmentId, ''), limit: 10_000 });
  return {
    profileIds: [...new Set([...touched, ...marks.map(({ value }) => value.profileId)])],
    changes: marks.map(({ key }) => ({ kind: 'delete', collection: 'outcome', key })),
  };
}

const markKey = (environmentId: string, profileId: string): string => keyOf(environmentId, 'alarm', profileId);

/**
 * How an alarm stands. It is raised by those that failed within the hour, and is over when no more than half of the profile
 * fail. A server that is out of reach, a refused password and an announced maintenance have cards of their own and explain
 * what fails: they raise no alarm beside them.
 */
export async function alarmSize(store: Store, environmentId: string, causeId: string, now: number): Promise<AlarmSize> {
  const profileId = profileOfAlarm(causeId) ?? '';
  const profile = (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  const isOpen =
    (await store.count('incident', { prefix: keyOf(environmentId, ''), where: { causeId, state: 'open' } })) > 0;
  const nothing: AlarmSize = { failing: 0, sample: [], fault: alarmFault(0, 0, null) };
  if (profile === undefined) return nothing;
  // Nearly always the answer, and the store has an index for it.
  const failed = await store.count('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { profileId, status: testStatus.failure, state: 'active' },
  });
  if (!isAlarming(failed, 0)) return nothing;
  if (!isOpen && (await troubleOf({ store, clock: { now: () => now } }, profile)) !== null) return nothing;
  const tested = await store.count('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { profileId, status: [testStatus.success, testStatus.failure], state: 'active' },
  });
  if (!isAlarming(failed, tested)) return nothing;
  const { failing, recent, sample, mostly } = await failuresOf(store, environmentId, profileId, now - windowMs);
  const total = tested + (await awaitingFirstTest(store, environmentId, profileId));
  if (!isAlarming(isOpen ? failing : Math.min(failing, recent), total)) return nothing;
  return { failing, sample, fault: alarmFault(failing, total, mostly) };
}

/** Ids of the mailboxes that an alarm counts, by address. */
export async function mailboxesOfAlarm(store: Store, environmentId: string, causeId: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const alerts of unexplained(store, environmentId, profileOfAlarm(causeId) ?? ''))
    for (const { mailboxId } of alerts) ids.add(mailboxId);
  return [...ids];
}

const alarmFault = (failing: number, total: number, mostly: FaultCode | null): Fault => ({
  code: 'ProfileMostlyFailing',
  params: { failing, total, ...(mostly === null ? {} : { mostly }) },
});

const sampleSize = 10;

async function failuresOf(store: Store, environmentId: string, profileId: string, since: number) {
  const failing = new Set<string>();
  const recent = new Set<string>();
  const codes = new Map<FaultCode, number>();
  for await (const alerts of unexplained(store, environmentId, profileId))
    for (const { mailboxId, lastAt, fault } of alerts) {
      failing.add(mailboxId);
      if (lastAt > since) recent.add(mailboxId);
      codes.set(fault.code, (codes.get(fault.code) ?? 0) + 1);
    }
  const [mostly] = [...codes].sort(([, one], [, other]) => other - one)[0] ?? [null];
  return { failing: failing.size, recent: recent.size, sample: [...failing].slice(0, sampleSize), mostly };
}

/** Alerts of a profile, by mailbox, without those that the trouble of a whole server or account explains. */
async function* unexplained(store: Store, environmentId: string, profileId: string): AsyncGenerator<readonly Alert[]> {
  for await (const page of streamPages(store, 'alert', { prefix: keyOf(environmentId, ''), where: { profileId } }))
    yield page.flatMap(({ value }) => (isOfWholeServer(value.causeId) ? [] : [value]));
}

/** Mailboxes of a run whose first test is still to come: the first few that fail of thousands say nothing yet. */
async function awaitingFirstTest(store: Store, environmentId: string, profileId: string): Promise<number> {
  const prefix = keyOf(environmentId, 'test-mailbox', '');
  const pause = timeSlices();
  let count = 0;
  for await (const page of streamPages(store, 'task', { prefix, where: { profileId } }))
    for (const { value } of page) {
      await pause();
      const mailbox = (await store.get('mailbox', keyOf(environmentId, value.subjectId)))?.value;
      if (mailbox?.status === testStatus.notRun && mailbox.state === 'active') count += 1;
    }
  return count;
}

/** For whoever asks the projector to look at an alarm: the cause as outcomes name it. */
export const alarmCause = (profileId: string) => ({
  causeId: alarmCauseIdOf(profileId),
  fault: alarmFault(0, 0, null),
});
