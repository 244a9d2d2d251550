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
import type { EmailServerProfile } from '../model/profile.ts';
import type { Outcome, PhaseResult, Task } from '../model/run.ts';
import { secretTargetOfProfile } from '../model/secret-target.ts';
import { judgeTest } from '../model/test-outcome.ts';
import { isMailroomError, type Params } from '../model/error.ts';
import { connectionFaults, refusals } from '../exchange/gate-faults.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import { openAccess } from '../secrets/credential-access.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { alertChanges } from './alert-changes.ts';
import { withMemory } from './moved-mailbox.ts';
import { pollChanges } from './poll-changes.ts';
import { isRefused, keepRefusal, refusalIn, refuseCredential } from './refuse-credential.ts';

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
  const wanted = directionsToTest(mailbox, task.value);
  const findings = await runPhases(context, task.value, mailbox, wanted, signal);
  // Stopped on the way: the claim stays, and the next start goes on. Only a refusal is kept, or it would try that password.
  if (signal.aborted) {
    await keepRefusal(context, environmentId, findings);
    return;
  }
  if ((findings.circuitOpen || isHeld(findings)) && task.value.runId === null) {
    await waitForServer(context, task);
    return;
  }
  await recordOutcome(context, task, findings);
  const { id, runId, claims } = task.value;
  const results = Object.fromEntries(
    findings.phases.map(({ direction, fault }) => [direction, fault?.code ?? 'NoError']),
  );
  context.log.info({ task: id, run: runId, mailbox: subjectId, claims, results }, 'mailbox tested');
}

/** The password is known to be refused: Exchange was not asked, and will not be until there is another one. */
function isHeld({ phases, credentialId }: Findings): boolean {
  return credentialId === null && isRefused(phases);
}

/**
 * A later try while the server is known to be out of reach, or its password refused: nothing was learnt and nobody waits for a result, so only the
 * time of the next try is written, and not once more the same fault for each of thousands.
 */
async function waitForServer({ store, clock, retry }: Context, task: Stored<Task>): Promise<void> {
  const { environmentId, subjectId } = task.value;
  await retryConflict(async () => {
    const stored = await store.get('mailbox', keyOf(environmentId, subjectId));
    if (stored === undefined) return;
    const postponedUntil = clock.now() + retry.delayMs;
    await store.commit(
      [
        { kind: 'put', collection: 'mailbox', key: stored.key, value: { ...stored.value, postponedUntil } },
        {
          kind: 'put',
          collection: 'task',
          key: task.key,
          value: { ...task.value, state: 'ready', dueAt: postponedUntil },
        },
      ],
      [
        { collection: 'mailbox', key: stored.key, version: stored.version },
        { collection: 'task', key: task.key, version: task.version },
      ],
    );
  });
}

export interface Findings {
  readonly phases: readonly PhaseResult[];
  readonly markerFound: boolean;
  /** The server was known to be out of reach: the try is not counted. */
  readonly circuitOpen: boolean;
  /** Calls of Exchange. */
  readonly calls: number;
  /** The password that was used; null: Exchange was not asked. */
  readonly credentialId: string | null;
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

/** Asks Exchange, unless Mailroom itself already knows why it must not. */
export async function runPhases(
  context: Pick<Context, 'store' | 'clock' | 'keys' | 'exchange'>,
  task: Pick<Task, 'id' | 'claims' | 'takeOver'>,
  mailbox: Mailbox,
  wanted: readonly Direction[],
  signal: AbortSignal,
): Promise<Findings> {
  const { store, exchange, keys, clock } = context;
  const { environmentId } = mailbox;
  const refuse = (fault: Fault): Findings => ({
    phases: wanted.map((direction) => ({ direction, fault, durationMs: 0 })),
    markerFound: false,
    circuitOpen: false,
    calls: 0,
    credentialId: null,
  });

  const { settings, organizationId } = (await getEnvironment(store, environmentId)).value;
  if (!mayBeTested(settings, mailbox))
    return refuse({ code: 'UnapprovedMailbox', params: { address: mailbox.address } });
  const profile =
    mailbox.profileId === null
      ? undefined
      : (await store.get('profile', keyOf(environmentId, mailbox.profileId)))?.value;
  if (profile === undefined)
    return refuse({ code: 'EmailServerProfileNotAssociated', params: { address: mailbox.address } });
  if (profile.state !== 'active')
    return refuse({ code: 'InactiveEmailServerProfile', params: { profile: profile.name } });
  const credential = (await store.get('credential', keyOf(environmentId, profile.credentialId)))?.value;
  const target = secretTargetOfProfile(profile);
  // The rights that a mailbox gives to an account are granted by other cmdlets than impersonation is.
  const rights: Params = profile.useImpersonation ? {} : { access: 'delegate' };
  const about: Params = { account: target.account, host: target.host, ...rights };
  if (credential === undefined) return refuse({ code: 'CredentialMissing', params: about });
  if (credential.refused) return refuse({ code: 'CredentialRefused', params: { ...about, scheme: target.scheme } });
  try {
    const access = openAccess(keys, credential, {
      ownerRecord: keyOf(environmentId, profile.id),
      secret: target,
      serverLocation: profile.serverLocation,
      modernAuthentication: profile.modernAuthentication,
      access: profile.useImpersonation ? 'impersonation' : 'delegate',
      maxConnections: profile.maxConcurrentConnections,
      ...timeoutOf(profile),
    });
    const { phases, markerFound, circuitOpen, calls } = await exchange.testMailbox(
      access,
      {
        address: mailbox.address,
        directions: wanted,
        marker: task.id,
        lookForMarker: task.claims > 1,
        stamp:
          settings.organizationStamp && organizationId !== null
            ? { organizationId, takeOver: task.takeOver ?? false, at: clock.now() }
            : null,
      },
      signal,
    );
    return {
      phases: phases.map((phase) => named(phase, about)),
      markerFound,
      circuitOpen,
      calls,
      credentialId: credential.id,
    };
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return refuse({ code: 'CredentialMissing', params: about });
    throw error;
  }
}

/** No wait at all (0) would fail every test: it leaves the wait to the engine. */
function timeoutOf({ timeoutMailboxConnectionAfterAmount: timeoutMs }: EmailServerProfile): { timeoutMs?: number } {
  return timeoutMs === 0 ? {} : { timeoutMs };
}

/** A fault with the account and host that its next step is about, so that the cmdlet on a card can be pasted as it is. */
function named(phase: PhaseResult, about: Params): PhaseResult {
  if (phase.fault === null) return phase;
  return { ...phase, fault: { ...phase.fault, params: { ...about, ...phase.fault.params } } };
}

/** One commit for all that a test changes. */
async function recordOutcome(
  context: Context,
  task: Stored<Task>,
  { phases, markerFound, circuitOpen, calls, credentialId }: Findings,
): Promise<void> {
  const { store, clock, retry } = context;
  const { environmentId, subjectId, runId } = task.value;
  await retryConflict(async () => {
    const now = clock.now();
    const stored = await store.get('mailbox', keyOf(environmentId, subjectId));
    if (stored === undefined) return;
    const before = stored.value;
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
      circuitOpen && unapproved === null ? 'uncounted' : 'counted',
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
    const profile =
      before.profileId === null
        ? undefined
        : (await store.get('profile', keyOf(environmentId, before.profileId)))?.value;
    const alerts = await alertChanges(store, after, phases, profile, judged.retryAt !== null, now, (fault) => {
      if (profile !== undefined && connectionFaults.has(fault.code)) return serverCauseIdOf(serverOf(profile));
      const profileId = profile?.id ?? '';
      return refusals.has(fault.code) ? accountCauseIdOf(profileId) : causeIdOf(profileId, fault.code);
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
