import type { Mailbox } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { untestedOutcome, type Task } from '../model/run.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { isPartlyEnabled, type SwitchedOff } from './left-out.ts';
import { isAccountRefused } from './refused-account.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log' | 'retry'>;

/**
 * Settles a test of a mailbox that something was switched off for meanwhile: no failure, no try, no alert. Its run counts it
 * among those that are left out. Where the profile is switched off, those go on when it is on again that worked before, that
 * waited for their next try, or whose approval asked for the test.
 */
export async function leaveOut(context: Context, task: Stored<Task>, reason: SwitchedOff): Promise<void> {
  const { store, clock } = context;
  const { environmentId, subjectId, runId } = task.value;
  await retryConflict(async () => {
    const now = clock.now();
    const stored = await store.get('mailbox', keyOf(environmentId, subjectId));
    if (stored === undefined) return;
    const mailbox = stored.value;
    const profile = await profileOf(store, mailbox);
    const run = runId === null ? undefined : await store.get('run', keyOf(environmentId, runId));
    const goesOn = runId === null || isPartlyEnabled(mailbox) || run?.value.title.kind === 'approved';
    const outcome = untestedOutcome({
      environmentId,
      runId,
      mailboxId: mailbox.id,
      profileId: mailbox.profileId ?? '',
      at: now,
      leftOut: reason,
    });
    const isOnAgain = profile?.value.state === 'active';
    await store.commit(
      [
        ...unplanned(stored),
        reason === 'profileInactive' && goesOn
          ? {
              kind: 'put',
              collection: 'task',
              key: task.key,
              value: waiting(task.value, isOnAgain ? 'ready' : 'waiting', now),
            }
          : { kind: 'delete', collection: 'task', key: task.key },
        ...(runId === null
          ? []
          : [
              {
                kind: 'put',
                collection: 'outcome',
                key: keyOf(environmentId, runId, mailbox.id),
                value: outcome,
              } as const,
            ]),
      ],
      [
        { collection: 'mailbox', key: stored.key, version: stored.version },
        { collection: 'task', key: task.key, version: task.version },
        // Whoever switches it on in this moment would not find the test waiting.
        ...(profile === undefined
          ? []
          : [{ collection: 'profile', key: profile.key, version: profile.version } as const]),
      ],
    );
    context.log.info({ task: task.value.id, run: runId, mailbox: mailbox.id, reason }, 'mailbox left out');
  });
}

/** A later try whose password is known to be refused: it waits for another one, and no time of the next try is promised. */
export async function waitForProfile(context: Context, task: Stored<Task>): Promise<void> {
  const { store, clock } = context;
  const { environmentId, subjectId } = task.value;
  await retryConflict(async () => {
    const stored = await store.get('mailbox', keyOf(environmentId, subjectId));
    const profile = stored === undefined ? undefined : await profileOf(store, stored.value);
    if (stored === undefined || profile === undefined) return;
    const state = (await isAccountRefused(store, profile.value)) ? 'waiting' : 'ready';
    await store.commit(
      [
        ...unplanned(stored),
        { kind: 'put', collection: 'task', key: task.key, value: waiting(task.value, state, clock.now()) },
      ],
      [
        { collection: 'mailbox', key: stored.key, version: stored.version },
        { collection: 'task', key: task.key, version: task.version },
        { collection: 'profile', key: profile.key, version: profile.version },
      ],
    );
  });
}

/** From now on it belongs to the mailbox alone. */
const waiting = (task: Task, state: 'ready' | 'waiting', now: number): Task => ({
  ...task,
  runId: null,
  priority: 1,
  state,
  dueAt: now,
});

function unplanned({ key, value }: Stored<Mailbox>): Change[] {
  if (value.postponedUntil === null) return [];
  return [{ kind: 'put', collection: 'mailbox', key, value: { ...value, postponedUntil: null } }];
}

/**
 * A later try while the server is known to be out of reach: nothing was learnt and nobody waits for a result, so only the
 * time of the next try is written, and not once more the same fault for each of thousands.
 */
export async function waitForServer({ store, clock, retry }: Context, task: Stored<Task>): Promise<void> {
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

/** The window began while this was claimed or under way: nothing was learnt, and the runner holds the task until its end. */
export async function waitForWindow({ store }: Context, task: Stored<Task>, { profileId }: Mailbox): Promise<void> {
  await store.commit(
    [{ kind: 'put', collection: 'task', key: task.key, value: { ...task.value, profileId, state: 'ready' } }],
    [{ collection: 'task', key: task.key, version: task.version }],
  );
}

/** The profile of a mailbox, with its version; undefined: it has none. */
export async function profileOf(
  store: Store,
  { environmentId, profileId }: Mailbox,
): Promise<Stored<EmailServerProfile> | undefined> {
  return profileId === null ? undefined : store.get('profile', keyOf(environmentId, profileId));
}
