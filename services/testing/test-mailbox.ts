import { auditEntry, systemActor } from '../model/audit.ts';
import { accountCauseIdOf, causeIdOf, serverCauseIdOf } from '../model/alert.ts';
import { natureOf, type Fault } from '../model/fault.ts';
import {
  isEnabled,
  serverSideDirections,
  testStatus,
  type Direction,
  type LastTest,
  type Mailbox,
  type TestedPhase,
} from '../model/mailbox.ts';
import { serverOf } from '../model/outage.ts';
import type { Outcome, PhaseResult, Task } from '../model/run.ts';
import { testHistoryEntry } from '../model/test-history.ts';
import { judgeTest } from '../model/test-outcome.ts';
import { connectionFaults, refusals } from '../exchange/gate-faults.ts';
import { restUntil } from '../profiles/maintenance-windows.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { alertChanges } from './alert-changes.ts';
import { switchedOff, type SwitchedOff } from './left-out.ts';
import { withMemory } from './moved-mailbox.ts';
import { pollChanges } from './poll-changes.ts';
import { isRefused, keepRefusal, refusalIn, refuseCredential } from './refuse-credential.ts';
import { runPhases, type Findings } from './run-phases.ts';
import { leaveOut, profileOf, waitForProfile, waitForServer, waitForWindow } from './settle-untested.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log' | 'keys' | 'exchange' | 'retry' | 'pollIntervalMs'>;

/**
 * Tests one mailbox and commits everything that follows in one write: its state, its alerts, the outcome for the projector,
 * and the settled task (gone, or put back for the next try). A kill before that commit leaves the task claimed; the next
 * start takes it up again and looks for the test message before it sends another.
 */
export async function testMailbox(context: Context, task: Stored<Task>, signal: AbortSignal): Promise<void> {
  const { store } = context;
  const { environmentId, subjectId } = task.value;
  const mailbox = (await store.get('mailbox', keyOf(environmentId, subjectId)))?.value;
  if (mailbox === undefined) {
    await store.commit(
      [{ kind: 'delete', collection: 'task', key: task.key }],
      [{ collection: 'task', key: task.key, version: task.version }],
    );
    return;
  }
  if (await isResting(context, mailbox)) {
    await waitForWindow(context, task, mailbox);
    return;
  }
  const reason = await whySwitchedOff(context, mailbox);
  if (reason !== null) {
    await leaveOut(context, task, reason);
    return;
  }
  // A later try of a test, while the Email Router has the mailboxes: it waits. A run that has begun goes to its end.
  if (task.value.runId === null && (await isRouted(context, environmentId))) {
    await waitForServer(context, task);
    return;
  }
  const wanted = directionsToTest(mailbox, task.value);
  const findings = await runPhases(context, task.value, mailbox, wanted, signal);
  // Stopped on the way: the claim stays, and the next start goes on. Only a refusal is kept, or it would try that password.
  if (signal.aborted) {
    await keepRefusal(context, environmentId, findings);
    return;
  }
  if (metServer(findings) && (await isResting(context, mailbox))) {
    await waitForWindow(context, task, mailbox);
    return;
  }
  if (task.value.runId === null && (isUnasked(findings) || isHeld(findings))) {
    await (isHeld(findings) ? waitForProfile(context, task) : waitForServer(context, task));
    return;
  }
  // Switched off in this very moment: nobody was asked.
  if (findings.phases.some(({ fault }) => fault?.code === 'InactiveEmailServerProfile')) {
    await leaveOut(context, task, 'profileInactive');
    return;
  }
  if (!(await recordOutcome(context, task, findings))) {
    await leaveOut(context, task, 'mailboxInactive');
    return;
  }
  const { id, runId, claims } = task.value;
  const results = Object.fromEntries(
    findings.phases.map(({ direction, fault }) => [direction, fault?.code ?? 'NoError']),
  );
  context.log.info({ task: id, run: runId, mailbox: subjectId, claims, results }, 'mailbox tested');
}

async function isRouted({ store }: Context, environmentId: string): Promise<boolean> {
  return (await getEnvironment(store, environmentId)).value.settings.emailConnectionChannel === 1;
}

/** The server of the mailbox is under maintenance, as announced. */
async function isResting({ store, clock }: Context, mailbox: Mailbox): Promise<boolean> {
  const profile = (await profileOf(store, mailbox))?.value;
  return profile?.state === 'active' && (await restUntil(store, profile, clock.now())) !== null;
}

/** Exchange was asked and something failed that a maintenance may explain; a refused password it does not. */
function metServer({ phases, credentialId }: Findings): boolean {
  return credentialId !== null && phases.some(({ fault }) => fault !== null) && refusalIn(phases) === null;
}

/** No server was asked, since each is known to be out of reach. */
const isUnasked = ({ phases, unasked }: Findings): boolean => unasked.length > 0 && unasked.length === phases.length;

/** The password is known to be refused: Exchange was not asked, and will not be until there is another one. */
function isHeld({ phases, credentialId }: Findings): boolean {
  return credentialId === null && isRefused(phases);
}

/** The Email Router is another matter: a run that has begun before it goes to its end. */
async function whySwitchedOff({ store }: Context, mailbox: Mailbox): Promise<SwitchedOff | null> {
  return switchedOff({ emailConnectionChannel: 0 }, mailbox, (await profileOf(store, mailbox))?.value);
}

/** A run tests every server-side direction; a retry only what did not succeed, so that no second test message goes out. */
function directionsToTest(mailbox: Mailbox, task: Task): Direction[] {
  const all = serverSideDirections(mailbox);
  if (task.runId !== null) return all;
  // A direction that failed for good stays as it is until somebody asks for a new test.
  const open = all.filter((direction) => {
    const { status, fault, enabled } = mailbox[direction];
    return status !== testStatus.success && (enabled || fault === null || natureOf(fault) === 'transient');
  });
  return open.length === 0 ? all : open;
}

/** One commit for all that a test changes. False: the mailbox was switched off meanwhile, so nothing of it works. */
async function recordOutcome(
  context: Context,
  task: Stored<Task>,
  { phases, markerFound, unasked, calls, credentialId }: Findings,
): Promise<boolean> {
  const { store, clock, retry } = context;
  const { environmentId, subjectId, runId } = task.value;
  return retryConflict(async () => {
    const now = clock.now();
    const stored = await store.get('mailbox', keyOf(environmentId, subjectId));
    if (stored === undefined) return true;
    // Somebody gave it other settings while it was tested, and its test is due anew: what was found is not of those.
    if ((await store.get('task', task.key))?.version !== task.version) return true;
    const before = stored.value;
    // What Exchange said against the password is kept all the same (law 6).
    if (before.state === 'inactive') {
      await keepRefusal(context, environmentId, { phases, credentialId });
      return false;
    }
    const environment = await getEnvironment(store, environmentId);
    const { settings } = environment.value;
    // The approval may have been taken back while the test ran: nothing is enabled without it.
    const unapproved: Fault | null = mayBeTested(settings, before)
      ? null
      : { code: 'UnapprovedMailbox', params: { address: before.address } };
    const judged = judgeTest(
      before,
      unapproved === null ? withMemory(before, phases) : phases.map((phase) => ({ ...phase, fault: unapproved })),
      retry,
      now,
      (direction) => (unasked.includes(direction) && unapproved === null ? 'uncounted' : 'counted'),
    );
    const after: Mailbox = {
      ...judged.mailbox,
      lastTest: { runId, calls, phases: latestPhases(before.lastTest, phases, markerFound) },
    };

    const changes: Change[] = [{ kind: 'put', collection: 'mailbox', key: stored.key, value: after }];
    const expected: ExpectedVersion[] = [
      { collection: 'mailbox', key: stored.key, version: stored.version },
      // Approval may become required in this very moment.
      { collection: 'environment', key: environment.key, version: environment.version },
      { collection: 'task', key: task.key, version: task.version },
    ];
    const profile = (await profileOf(store, before))?.value;
    const alerts = await alertChanges(store, after, phases, profile, judged.retryAt !== null, now, (fault, at) => {
      if (profile !== undefined && connectionFaults.has(fault.code)) return serverCauseIdOf(serverOf(profile, at));
      const profileId = profile?.id ?? '';
      return refusals.has(fault.code) ? accountCauseIdOf(profileId) : causeIdOf(profileId, fault.code, at);
    });
    changes.push(...alerts.changes, ...(await pollChanges(context, after, profile, now)));

    const outcome: Outcome = {
      environmentId,
      runId,
      mailboxId: before.id,
      profileId: before.profileId ?? '',
      phases,
      fault: judged.fault,
      willRetry: judged.retryAt !== null,
      at: now,
      markerFound,
      causes: alerts.causes,
      staysEnabled: isEnabled(after),
      folded: false,
    };
    changes.push({
      kind: 'put',
      collection: 'outcome',
      key:
        runId === null ? keyOf(environmentId, 'retry', before.id, String(now)) : keyOf(environmentId, runId, before.id),
      value: outcome,
    });
    changes.push({
      kind: 'append',
      log: 'outcome',
      entry: testHistoryEntry(outcome, runId === null ? 'retry' : 'test', after),
    });
    changes.push(
      judged.retryAt === null
        ? { kind: 'delete', collection: 'task', key: task.key }
        : // The same id: the retry's test message has the same marker. From now on the task belongs to the mailbox alone.
          {
            kind: 'put',
            collection: 'task',
            key: task.key,
            value: { ...task.value, runId: null, state: 'ready', dueAt: judged.retryAt, priority: 1 },
          },
    );
    if (isEnabled(before) !== isEnabled(after)) {
      const kind = isEnabled(after) ? 'mailbox.enabled' : 'mailbox.disabled';
      changes.push({
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, systemActor, kind, [before.address], {
          run: runId,
          code: judged.fault?.code ?? null,
        }),
      });
    }
    // Asked of what Exchange said, not of the fault that decides about the mailbox: another one may hide the refusal.
    const refused = refusalIn(phases);
    if (credentialId !== null && refused !== null) {
      const refusal = await refuseCredential(store, environmentId, credentialId, refused, now);
      changes.push(...refusal.changes);
      expected.push(...refusal.expected);
    }
    await store.commit(changes, expected);
    return true;
  });
}

/** What is not tested now keeps what was seen of it before. */
function latestPhases(
  before: LastTest | null,
  phases: readonly PhaseResult[],
  markerFound: boolean,
): readonly TestedPhase[] {
  const now = phases.map(({ direction, fault, durationMs }) => ({
    direction,
    succeeded: fault === null,
    durationMs,
    markerFound: direction === 'outgoing' && markerFound,
  }));
  const untouched = before?.phases.filter(({ direction }) => !now.some((phase) => phase.direction === direction)) ?? [];
  return [...untouched, ...now];
}
