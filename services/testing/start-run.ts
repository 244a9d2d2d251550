import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import { serverSideDirections, type Mailbox } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { LeftOut, Run, RunTitle, Task } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { shortId } from '../short-id.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { timeSlices } from '../time-slices.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { isPartlyEnabled, switchedOff } from './left-out.ts';
import { refusedProfiles } from './refused-account.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Changes that belong into the same commit, and what must still be true for them. */
export interface AlsoCommitted {
  readonly changes: readonly Change[];
  readonly expected: readonly ExpectedVersion[];
}

export interface PreparedRun extends AlsoCommitted {
  /** Null: all of them wait for their profile; the changes say so. */
  readonly run: Run | null;
  readonly joined: readonly JoinedRun[];
}

/** A run that has some of the mailboxes already: the request joins it there. */
export interface JoinedRun {
  readonly run: Run;
  readonly count: number;
}

/** What became of a request for tests. */
export interface StartedRun {
  /** The new run; where all mailboxes are in runs already, the one that has most of them. */
  readonly run: Run;
  readonly isNew: boolean;
  readonly leftOut: LeftOut;
  /** Most mailboxes first. */
  readonly joined: readonly JoinedRun[];
}

/** A run of up to this many is somebody waiting for an answer: it goes before the big ones. */
const interactiveSize = 5;

/**
 * A run as changes, so that approving or importing can start one in the same commit. Null when no mailbox can be tested.
 * The mailboxes are taken as they will be after that commit. `takeOver` overwrites the stamps of other organizations. Nobody
 * asks for these tests a second time: where the profile is switched off, or its password refused, they wait for it.
 * `whoWaits` `enabled`: a person asked, and is told; of a profile that is switched off those wait that work.
 */
export async function prepareRun(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  title: RunTitle,
  mailboxes: readonly Mailbox[],
  takeOver = false,
  whoWaits: 'all' | 'enabled' = 'all',
): Promise<PreparedRun | null> {
  const prepared = await sortOut(context, environmentId, mailboxes);
  const now = context.clock.now();
  const waiting = waitingTasks(prepared.unusable, whoWaits, now);
  if (prepared.tasks.length === 0)
    return waiting.changes.length === 0 ? null : { ...waiting, run: null, joined: prepared.joined };
  const run: Run = {
    environmentId,
    id: shortId(6),
    title,
    requestedBy: actor.aadObjectId,
    requestedByName: actor.name,
    conversationId,
    takeOver,
    state: 'running',
    total: prepared.tasks.length,
    done: 0,
    succeeded: 0,
    failed: 0,
    retrying: 0,
    causes: {},
    leftOut: prepared.leftOut,
    samples: [{ at: now, done: 0 }],
    results: 'kept',
    startedAt: now,
    finishedAt: null,
    revision: 1,
  };
  const priority = run.total <= interactiveSize ? 0 : 1;
  const changes: Change[] = [
    { kind: 'put', collection: 'run', key: keyOf(environmentId, run.id), value: run },
    intentChange(environmentId, 'run', run.id, conversationId, now),
    {
      kind: 'append',
      log: 'audit',
      entry: auditEntry(environmentId, now, actor, 'run.started', [run.id], {
        mailboxes: run.total,
        what: title.kind,
        ...(takeOver ? { takeOver } : {}),
      }),
    },
    ...prepared.tasks.map(({ key, mailbox }): Change => ({
      kind: 'put',
      collection: 'task',
      key,
      value: { ...newTask(mailbox, now), runId: run.id, priority, takeOver },
    })),
    ...waiting.changes,
  ];
  return {
    run,
    joined: prepared.joined,
    changes,
    expected: [
      { collection: 'run', key: keyOf(environmentId, run.id), version: 0 },
      ...prepared.tasks.map(({ key, version }): ExpectedVersion => ({ collection: 'task', key, version })),
      ...waiting.expected,
    ],
  };
}

const newTask = ({ environmentId, id, profileId }: Mailbox, now: number): Task => ({
  environmentId,
  id: randomUUID(),
  kind: 'test-mailbox',
  subjectId: id,
  profileId,
  runId: null,
  state: 'ready',
  dueAt: now,
  priority: 1,
  claims: 0,
  createdAt: now,
});

/** Of those whose profile cannot be used now; one that has a task of its own is tested by that. */
function waitingTasks(unusable: readonly Unusable[], whoWaits: 'all' | 'enabled', now: number): AlsoCommitted {
  const waiting = unusable.filter(
    ({ hasTask, mailbox, reason }) =>
      !hasTask && (whoWaits === 'all' || (reason === 'profileInactive' && isPartlyEnabled(mailbox))),
  );
  return {
    changes: waiting.map(({ key, mailbox }): Change => ({
      kind: 'put',
      collection: 'task',
      key,
      value: { ...newTask(mailbox, now), state: 'waiting' },
    })),
    expected: [
      ...waiting.map(({ key }): ExpectedVersion => ({ collection: 'task', key, version: 0 })),
      // Whoever makes it usable in this moment would not find them waiting.
      ...[...new Map(waiting.map(({ profile: { key, version } }) => [key, version]))].map(
        ([key, version]): ExpectedVersion => ({ collection: 'profile', key, version }),
      ),
    ],
  };
}

/**
 * Starts Test & Enable for mailboxes; the answer comes at once, the work goes on in the background. A mailbox that is in a
 * run stays there, also while that run is paused: two tests of one mailbox would send two messages and count twice.
 * @throws MailroomError `access.denied`, `run.nothing-to-test` with the numbers of LeftOut
 */
export async function startRun(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  title: RunTitle,
  mailboxes: readonly Mailbox[],
  also: AlsoCommitted = { changes: [], expected: [] },
  takeOver = false,
): Promise<StartedRun> {
  await requireRight(context, environmentId, actor, 'test');
  return retryConflict(async () => {
    const { store } = context;
    const prepared = await prepareRun(
      context,
      environmentId,
      actor,
      conversationId,
      title,
      mailboxes,
      takeOver,
      'enabled',
    );
    if (prepared === null || prepared.run === null) {
      const { joined, leftOut } = await sortOut(context, environmentId, mailboxes);
      const [most] = joined;
      const waiting: AlsoCommitted = prepared ?? { changes: [], expected: [] };
      const { changes, expected } = most === undefined ? { changes: [], expected: [] } : also;
      if (waiting.changes.length + changes.length > 0)
        await store.commit([...waiting.changes, ...changes], [...waiting.expected, ...expected]);
      if (most === undefined) throw new MailroomError('run.nothing-to-test', { ...leftOut });
      return { run: most.run, isNew: false, leftOut, joined };
    }
    await store.commit([...prepared.changes, ...also.changes], [...prepared.expected, ...also.expected]);
    return { run: prepared.run, isNew: true, leftOut: prepared.run.leftOut, joined: prepared.joined };
  });
}

/**
 * Which of the mailboxes a run would test now, and why not the others: for the question before it.
 * @throws MailroomError `run.nothing-to-test` with the numbers of LeftOut
 */
export async function whatWouldBeTested(
  context: Context,
  environmentId: string,
  mailboxes: readonly Mailbox[],
): Promise<{ readonly ids: readonly string[]; readonly leftOut: LeftOut }> {
  const { tasks, leftOut } = await sortOut(context, environmentId, mailboxes);
  if (tasks.length === 0) throw new MailroomError('run.nothing-to-test', { ...leftOut });
  return { ids: tasks.map(({ mailbox }) => mailbox.id), leftOut };
}

/** Its profile cannot be used now, and that may change without anybody thinking of this mailbox. */
interface Unusable {
  readonly key: string;
  readonly hasTask: boolean;
  readonly mailbox: Mailbox;
  readonly profile: Stored<EmailServerProfile>;
  readonly reason: 'profileInactive' | 'secretRefused';
}

async function profilesById(
  store: Store,
  environmentId: string,
): Promise<ReadonlyMap<string, Stored<EmailServerProfile>>> {
  const profiles = await store.query('profile', { prefix: keyOf(environmentId, ''), limit: 10_000 });
  return new Map(profiles.map((stored) => [stored.value.id, stored]));
}

/** Says of each mailbox whether it can be tested now. A retry that waits for its time is taken over by the new run. */
async function sortOut(context: Context, environmentId: string, mailboxes: readonly Mailbox[]) {
  const { settings } = (await getEnvironment(context.store, environmentId)).value;
  const counts = {
    notApproved: 0,
    withoutProfile: 0,
    nothingToTest: 0,
    alreadyInRun: 0,
    secretRefused: 0,
    profileInactive: 0,
    mailboxInactive: 0,
    emailRouter: 0,
  };
  const unusable: Unusable[] = [];
  const profiles = await profilesById(context.store, environmentId);
  const refused = await refusedProfiles(context.store, environmentId);
  const tasks: { key: string; version: number; mailbox: Mailbox }[] = [];
  const inRuns = new Map<string, number>();
  // A mailbox has one task: named twice it would be counted twice, and the run would never end.
  const pause = timeSlices();
  for (const mailbox of new Map(mailboxes.map((named) => [named.id, named])).values()) {
    await pause();
    const key = keyOf(environmentId, 'test-mailbox', mailbox.id);
    const task = await context.store.get('task', key);
    const profile = profiles.get(mailbox.profileId ?? '');
    const off = switchedOff(settings, mailbox, profile?.value);
    if (off === 'emailRouter' || off === 'mailboxInactive') counts[off] += 1;
    else if (serverSideDirections(mailbox).length === 0) counts.nothingToTest += 1;
    else if (!mayBeTested(settings, mailbox)) counts.notApproved += 1;
    else if (mailbox.profileId === null) counts.withoutProfile += 1;
    else if (task !== undefined && (task.value.runId !== null || task.value.state === 'claimed')) {
      counts.alreadyInRun += 1;
      if (task.value.runId !== null) inRuns.set(task.value.runId, (inRuns.get(task.value.runId) ?? 0) + 1);
    } else if (profile !== undefined && (off !== null || refused.has(mailbox.profileId))) {
      const reason = off ?? 'secretRefused';
      counts[reason] += 1;
      unusable.push({ key, hasTask: task !== undefined, mailbox, profile, reason });
    } else tasks.push({ key, version: task?.version ?? 0, mailbox });
  }
  return { tasks, unusable, leftOut: counts satisfies LeftOut, joined: await runsOf(context, environmentId, inRuns) };
}

async function runsOf(
  { store }: Context,
  environmentId: string,
  counts: ReadonlyMap<string, number>,
): Promise<JoinedRun[]> {
  const found = await Promise.all(
    [...counts].map(async ([runId, count]): Promise<JoinedRun[]> => {
      const run = (await store.get('run', keyOf(environmentId, runId)))?.value;
      return run === undefined ? [] : [{ run, count }];
    }),
  );
  return found.flat().sort((a, b) => b.count - a.count);
}
