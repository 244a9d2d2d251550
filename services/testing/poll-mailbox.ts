import { auditEntry, systemActor } from '../model/audit.ts';
import { serverSide, testStatus, type Mailbox } from '../model/mailbox.ts';
import { nextPollAt, pollIntervalOf, type Poll } from '../model/poll.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Outcome } from '../model/run.ts';
import { testHistoryEntry } from '../model/test-history.ts';
import { judgeTest, type Weight } from '../model/test-outcome.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { switchedOff } from './left-out.ts';
import { withMemory } from './moved-mailbox.ts';
import { isAccountRefused } from './refused-account.ts';
import { alertChanges } from './alert-changes.ts';
import { runPhases, type Findings } from './run-phases.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log' | 'keys' | 'exchange' | 'retry' | 'pollIntervalMs'>;

/** Whom a due check is for. */
export type PollTarget =
  /** It does not receive by server-side synchronization any more: no more checks. */
  | { readonly kind: 'left' }
  /** Enabled, but not to be checked just now: its profile is switched off, an approval is missing, a test is under way. */
  | { readonly kind: 'resting' }
  /** Exchange refused the password of its profile: it waits for another one. */
  | { readonly kind: 'refused'; readonly profile: EmailServerProfile }
  | { readonly kind: 'due'; readonly mailbox: Mailbox; readonly profile: EmailServerProfile };

/** Asked at the time of the check, so that nobody who changes a mailbox or a profile has to think of its checks. */
export async function pollTarget({ store }: Pick<Context, 'store'>, poll: Poll): Promise<PollTarget> {
  const { environmentId, mailboxId } = poll;
  const mailbox = (await store.get('mailbox', keyOf(environmentId, mailboxId)))?.value;
  if (mailbox === undefined || !mailbox.incoming.enabled) return { kind: 'left' };
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const profile =
    mailbox.profileId === null
      ? undefined
      : (await store.get('profile', keyOf(environmentId, mailbox.profileId)))?.value;
  const mayBeChecked =
    switchedOff(settings, mailbox, profile) === null &&
    profile !== undefined &&
    mailbox.incomingMethod === serverSide.incoming &&
    mayBeTested(settings, mailbox) &&
    (await store.get('task', keyOf(environmentId, 'test-mailbox', mailboxId))) === undefined;
  if (!mayBeChecked) return { kind: 'resting' };
  return (await isAccountRefused(store, profile)) ? { kind: 'refused', profile } : { kind: 'due', mailbox, profile };
}

/** The incoming part of Test & Enable, and nothing else: one call that reads, so a kill half way leaves no trace. */
export function askForPoll(
  context: Pick<Context, 'store' | 'clock' | 'keys' | 'exchange'>,
  mailbox: Mailbox,
  signal: AbortSignal,
): Promise<Findings> {
  return runPhases(context, { id: '', claims: 0, priority: 1 }, mailbox, ['incoming'], signal);
}

/** Nothing new: it worked before, and it works. */
export function isQuiet({ incoming }: Mailbox, { phases }: Findings): boolean {
  return (
    phases.every(({ fault }) => fault === null) && incoming.status === testStatus.success && incoming.fault === null
  );
}

/**
 * One commit for a check that changes the mailbox: a failure by the rule of retry and disable, or a recovery. The tries are
 * the checks themselves, so its row carries the time of the next one.
 */
export async function recordPoll(
  context: Context,
  { key, value: poll }: Stored<Poll>,
  { phases }: Findings,
  weight: Weight,
): Promise<void> {
  const { store, clock, retry, pollIntervalMs } = context;
  const { environmentId, mailboxId } = poll;
  await retryConflict(async () => {
    const now = clock.now();
    const row = await store.get('poll', key);
    const stored = await store.get('mailbox', keyOf(environmentId, mailboxId));
    const target = await pollTarget(context, poll);
    // A test began, or somebody changed the mailbox in the meantime: theirs is the later word.
    if (row === undefined || stored === undefined || target.kind !== 'due') return;
    const before = stored.value;
    const environment = await getEnvironment(store, environmentId);
    const { profile } = target;
    const judged = judgeTest(before, withMemory(before, phases), retry, now, weight);
    // The card's last test is Test & Enable.
    const after: Mailbox = { ...judged.mailbox, lastTestedAt: before.lastTestedAt };
    const alerts = await alertChanges(store, after, phases, profile, judged.retryAt !== null, now);
    const outcome: Outcome = {
      environmentId,
      runId: null,
      mailboxId,
      profileId: profile.id,
      phases,
      fault: judged.fault,
      willRetry: judged.retryAt !== null,
      at: now,
      markerFound: false,
      causes: alerts.causes,
      folded: false,
    };
    const dueAt = judged.retryAt ?? nextPollAt(now, pollIntervalOf(profile, pollIntervalMs), Math.random());
    const changes: Change[] = [
      { kind: 'put', collection: 'mailbox', key: stored.key, value: after },
      ...alerts.changes,
      { kind: 'put', collection: 'outcome', key: keyOf(environmentId, 'poll', mailboxId, String(now)), value: outcome },
      { kind: 'append', log: 'outcome', entry: testHistoryEntry(outcome, 'check', after) },
      after.incoming.enabled
        ? {
            kind: 'put',
            collection: 'poll',
            key,
            value: {
              ...row.value,
              profileId: profile.id,
              dueAt,
              ...(weight === 'passing' ? { unansweredSince: now } : { checkedAt: now, unansweredSince: null }),
            },
          }
        : { kind: 'delete', collection: 'poll', key },
    ];
    const expected: ExpectedVersion[] = [
      { collection: 'mailbox', key: stored.key, version: stored.version },
      // Approval may become required in this very moment.
      { collection: 'environment', key: environment.key, version: environment.version },
      { collection: 'poll', key, version: row.version },
      { collection: 'task', key: keyOf(environmentId, 'test-mailbox', mailboxId), version: 0 },
    ];
    if (!after.incoming.enabled) {
      changes.push({
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, systemActor, 'mailbox.disabled', [before.address], {
          run: null,
          direction: 'incoming',
          code: judged.fault?.code ?? null,
        }),
      });
    }
    await store.commit(changes, expected);
    const { incoming } = after;
    context.log.info(
      { mailbox: mailboxId, result: judged.fault?.code ?? 'NoError', enabled: incoming.enabled },
      'mailbox checked',
    );
  });
}
