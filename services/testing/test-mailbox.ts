import { auditEntry, systemActor } from '../model/audit.ts';
import { causeIdOf, levelOf, type Alert } from '../model/alert.ts';
import { natureOf, type Fault } from '../model/fault.ts';
import {
  directions,
  isEnabled,
  serverSideDirections,
  testStatus,
  type Direction,
  type Mailbox,
} from '../model/mailbox.ts';
import { schemeOf, type EmailServerProfile } from '../model/profile.ts';
import type { Outcome, PhaseResult, Task } from '../model/run.ts';
import { judgeTest } from '../model/test-outcome.ts';
import { isMailroomError, type Params } from '../model/error.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import { openAccess } from '../secrets/credential-access.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import type { AlsoCommitted } from './start-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'exchange' | 'retry'>;

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
  // Stopped on the way: the claim stays, and the next start goes on.
  if (signal.aborted) return;
  await recordOutcome(context, task, findings);
}

interface Findings {
  readonly phases: readonly PhaseResult[];
  readonly markerFound: boolean;
  /** The server was known to be out of reach: the try is not counted. */
  readonly circuitOpen: boolean;
  /** The password that was used; null: Exchange was not asked. */
  readonly credentialId: string | null;
}

/** A run tests every server-side direction; a retry only what did not succeed, so that no second test message goes out. */
function directionsToTest(mailbox: Mailbox, task: Task): Direction[] {
  const all = serverSideDirections(mailbox);
  if (task.runId !== null) return all;
  // A direction that failed for good stays as it is until somebody asks for a new test.
  const open = all.filter((direction) => {
    const { status, fault } = mailbox[direction];
    return status !== testStatus.success && (fault === null || natureOf(fault) === 'transient');
  });
  return open.length === 0 ? all : open;
}

/** Asks Exchange, unless Mailroom itself already knows why it must not. */
async function runPhases(
  context: Context,
  task: Task,
  mailbox: Mailbox,
  wanted: readonly Direction[],
  signal: AbortSignal,
): Promise<Findings> {
  const { store, exchange, keys } = context;
  const { environmentId } = mailbox;
  const refuse = (fault: Fault): Findings => ({
    phases: wanted.map((direction) => ({ direction, fault, durationMs: 0 })),
    markerFound: false,
    circuitOpen: false,
    credentialId: null,
  });

  const { settings } = (await getEnvironment(store, environmentId)).value;
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
  const about = { account: profile.userName, host: new URL(profile.serverLocation).host };
  if (credential === undefined) return refuse({ code: 'CredentialMissing', params: about });
  if (credential.refused) return refuse({ code: 'CredentialRefused', params: about });
  const scheme = schemeOf(profile);
  // A token comes from elsewhere, and no form asks for one yet.
  if (scheme === 'bearer') return refuse({ code: 'CredentialMissing', params: about });
  try {
    const access = openAccess(keys, credential, {
      ownerRecord: keyOf(environmentId, profile.id),
      serverLocation: profile.serverLocation,
      userName: profile.userName,
      scheme,
      access: profile.useImpersonation ? 'impersonation' : 'delegate',
      maxConnections: profile.maxConcurrentConnections,
    });
    const { phases, markerFound, circuitOpen } = await exchange.testMailbox(
      access,
      { address: mailbox.address, directions: wanted, marker: task.id, lookForMarker: task.claims > 1 },
      signal,
    );
    return {
      phases: phases.map((phase) => named(phase, about)),
      markerFound,
      circuitOpen,
      credentialId: credential.id,
    };
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return refuse({ code: 'CredentialMissing', params: about });
    throw error;
  }
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
  { phases, markerFound, circuitOpen, credentialId }: Findings,
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
      unapproved === null ? phases : phases.map((phase) => ({ ...phase, fault: unapproved })),
      retry,
      now,
      !circuitOpen,
    );
    const after = judged.mailbox;

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
    const alerts = await alertChanges(store, after, profile, judged.retryAt !== null, now);
    changes.push(...alerts.changes);

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
    const refused = phases.some(({ fault }) => fault?.code === 'CredentialRefused' || fault?.code === 'AccountLocked');
    if (credentialId !== null && refused) {
      const refusal = await refuseCredential(store, environmentId, credentialId, now);
      changes.push(...refusal.changes);
      expected.push(...refusal.expected);
    }
    await store.commit(changes, expected);
  });
}

/** The alert rows of a mailbox become exactly the faults it has now: a direction that works again loses its alert. */
async function alertChanges(
  store: ServiceContext['store'],
  mailbox: Mailbox,
  profile: EmailServerProfile | undefined,
  triesLeft: boolean,
  now: number,
): Promise<{ changes: Change[]; causes: Outcome['causes'] }> {
  const { environmentId, id, address } = mailbox;
  const profileId = profile?.id ?? '';
  const known = await store.query('alert', { prefix: keyOf(environmentId, id, ''), limit: 100 });
  const current = new Map<string, Alert>();
  for (const direction of directions) {
    const { fault } = mailbox[direction];
    if (fault === null) continue;
    const key = keyOf(environmentId, id, fault.code);
    const old = known.find((stored) => stored.key === key)?.value;
    const same = current.get(key);
    current.set(key, {
      environmentId,
      mailboxId: id,
      directions: [...(same?.directions ?? []), direction],
      address,
      profileId,
      causeId: causeIdOf(profileId, fault.code),
      fault,
      level: levelOf(natureOf(fault), triesLeft),
      firstAt: old?.firstAt ?? now,
      lastAt: now,
      count: (old?.count ?? 0) + 1,
    });
  }
  const cleared = known.filter((stored) => !current.has(stored.key));
  const causes = [...cleared.map((stored) => stored.value), ...current.values()].map(({ causeId, fault }) => ({
    causeId,
    fault,
  }));
  return {
    changes: [
      ...cleared.map((stored): Change => ({ kind: 'delete', collection: 'alert', key: stored.key })),
      ...[...current].map(([key, value]): Change => ({ kind: 'put', collection: 'alert', key, value })),
    ],
    causes,
  };
}

/**
 * A password that Exchange refused is marked, so that not even a restart tries it again (DESIGN, law 6). It is the one that
 * was used: the profile may have a new one by now.
 */
async function refuseCredential(
  store: ServiceContext['store'],
  environmentId: string,
  credentialId: string,
  now: number,
): Promise<AlsoCommitted> {
  const credential = await store.get('credential', keyOf(environmentId, credentialId));
  if (credential === undefined || credential.value.refused) return { changes: [], expected: [] };
  const { key, version, value } = credential;
  return {
    changes: [
      { kind: 'put', collection: 'credential', key, value: { ...value, refused: true, revision: value.revision + 1 } },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, systemActor, 'credential.refused', [value.binding.ownerRecord], {
          host: value.binding.host,
          account: value.binding.account,
        }),
      },
    ],
    expected: [{ collection: 'credential', key, version }],
  };
}
