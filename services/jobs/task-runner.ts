import type { Clock } from '../model/clock.ts';
import type { Task } from '../model/run.ts';
import { isMailroomError } from '../model/error.ts';
import type { Log } from '../service-context.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { restingProfiles } from '../profiles/maintenance-windows.ts';
import { InHand, takeTurns } from './turns.ts';

export type TaskHandler = (task: Stored<Task>, signal: AbortSignal) => Promise<void>;

export interface TaskRunner {
  /** False once it was stopped, and while tasks cannot be claimed. */
  readonly alive: boolean;
  /** Stops claiming, ends what is in hand, and gives unsettled claims up to the next start. */
  stop(): Promise<void>;
  /** Resolves when no task is due and none is under way. */
  idle(): Promise<void>;
}

/** Tasks that wait at the gate cost little; more than the gate ever admits at once need not be claimed. */
const defaultCapacity = 64;
const claimAtLeast = 16;
/** Priorities of a task: somebody waits for it, or it is one of thousands. */
const interactive = 0;
const background = 1;
/** A safety net only: commits and timers wake the runner. */
const wakeAtLeastEveryMs = 15_000;
/** A handler that failed by itself (a bug, not a fault of Exchange) is tried again after this. */
const brokenDelayMs = 60_000;
/** Tasks could not be claimed: the store failed once. */
const claimAgainMs = 1000;

/**
 * Claims due tasks of all environments from the store, runs them, and leaves settling to the handler, which commits the
 * outcome and the settled task together. Who is claimed next is decided by turns (`turns.ts`). This process owns the store, so
 * claims found at the start are from a process that died: they are ready again at once.
 */
export async function startTaskRunner(options: {
  store: Store;
  clock: Clock;
  log: Log;
  handlers: Readonly<Record<Task['kind'], TaskHandler>>;
  /** Of each priority, so that a person does not wait for thousands, nor thousands for people. */
  capacity?: number;
}): Promise<TaskRunner> {
  const { store, clock, log, handlers, capacity = defaultCapacity } = options;
  const abort = new AbortController();
  const running = new Set<Promise<void>>();
  const inHand = { [interactive]: new InHand(), [background]: new InHand() } as const;
  let stopped = false;
  let canClaim = true;
  let pumping: Promise<void> | null = null;
  let again = false;
  let cancelTimer = (): void => undefined;
  let idleWaiters: (() => void)[] = [];

  await takeBackClaims();
  const stopListening = store.onCommit((collections) => {
    // A run that goes on after a pause has tasks that nobody touched.
    if (collections.has('task') || collections.has('run') || collections.has('maintenance')) wake();
  });
  wake();

  function wake(): void {
    if (stopped) return;
    if (pumping !== null) {
      again = true;
      return;
    }
    pumping = pump()
      .then(() => {
        canClaim = true;
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'tasks could not be claimed');
        canClaim = false;
        if (store.alive && !stopped) cancelTimer = clock.after(claimAgainMs, wake);
      })
      .finally(() => {
        pumping = null;
        if (again && !stopped) {
          again = false;
          wake();
        }
      });
  }

  async function pump(): Promise<void> {
    cancelTimer();
    const paused = await pausedRuns();
    const now = clock.now();
    const resting = await restingProfiles(store, now);
    const due: Stored<Task>[] = [];
    let nextAt = Number.POSITIVE_INFINITY;
    for (const priority of [interactive, background] as const) {
      const lines: Stored<Task>[][] = [];
      for (const line of await store.heads('task', { state: 'ready', priority }, capacity)) {
        const [first] = line;
        if (first === undefined || paused.has(runKey(first.value)) || resting.has(profileKey(first.value))) continue;
        nextAt = Math.min(nextAt, line.find(({ value }) => value.dueAt > now)?.value.dueAt ?? nextAt);
        const isDue = line.filter(({ value }) => value.dueAt <= now);
        if (isDue.length > 0) lines.push(isDue);
      }
      // Claiming a few at a time keeps the number of commits far below the number of tasks; only what somebody waits for is
      // taken at once.
      due.push(...takeTurns(lines, inHand[priority], capacity, priority === interactive ? 1 : claimAtLeast));
    }
    for (const task of await claim(due)) run(task);
    if (nextAt < Number.POSITIVE_INFINITY)
      cancelTimer = clock.after(Math.min(Math.max(1, nextAt - now), wakeAtLeastEveryMs), wake);
    // `again`: one that ended meanwhile has made room for others.
    if (running.size === 0 && due.length === 0 && !again) settleIdle();
  }

  /** Tasks of a paused run wait untouched. One that was under way when its run was cancelled still goes on after a restart. */
  async function pausedRuns(): Promise<ReadonlySet<string>> {
    const paused = await store.query('run', { where: { state: 'paused' }, limit: 10_000 });
    return new Set(paused.map(({ key }) => key));
  }

  async function claim(due: readonly Stored<Task>[]): Promise<Stored<Task>[]> {
    if (due.length === 0 || stopped) return [];
    try {
      await store.commit(
        due.map(({ key, value }) => ({
          kind: 'put',
          collection: 'task',
          key,
          value: { ...value, state: 'claimed', claims: value.claims + 1 },
        })),
        due.map(({ key, version }) => ({ collection: 'task', key, version })),
      );
    } catch (error) {
      // A run was cancelled or a task taken over in between: look again.
      if (!isMailroomError(error, 'store.conflict')) throw error;
      again = true;
      return [];
    }
    const claimed = await Promise.all(due.map(({ key }) => store.get('task', key)));
    return claimed.filter((task) => task !== undefined);
  }

  function run(task: Stored<Task>): void {
    const leave = inHand[task.value.priority === interactive ? interactive : background].enter(task.value);
    const work = handlers[task.value.kind](task, abort.signal)
      .catch((error: unknown) => handBack(task, error))
      .finally(() => {
        leave();
        running.delete(work);
        wake();
      });
    running.add(work);
  }

  async function handBack(task: Stored<Task>, cause: unknown): Promise<void> {
    if (abort.signal.aborted || !store.alive) return;
    const { id, kind, subjectId, runId } = task.value;
    log.error({ err: cause, task: id, kind, subject: subjectId, run: runId }, 'a task failed');
    const current = await store.get('task', task.key);
    if (current?.value.state !== 'claimed' || current.version !== task.version) return;
    const value: Task = { ...current.value, state: 'ready', dueAt: clock.now() + brokenDelayMs };
    await store
      .commit(
        [{ kind: 'put', collection: 'task', key: task.key, value }],
        [{ collection: 'task', key: task.key, version: current.version }],
      )
      .catch((error: unknown) => log.error({ err: error }, 'a failed task could not be handed back'));
  }

  async function takeBackClaims(): Promise<void> {
    for (;;) {
      const claimed = await store.query('task', { where: { state: 'claimed' }, limit: 500 });
      if (claimed.length === 0) return;
      await store.commit(
        claimed.map(({ key, value }) => ({
          kind: 'put',
          collection: 'task',
          key,
          value: { ...value, state: 'ready' },
        })),
        claimed.map(({ key, version }) => ({ collection: 'task', key, version })),
      );
      log.info({ tasks: claimed.length }, 'went on with tasks that an earlier process had begun');
    }
  }

  function settleIdle(): void {
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  }

  return {
    get alive() {
      return canClaim && !stopped;
    },
    async stop() {
      stopped = true;
      cancelTimer();
      stopListening();
      abort.abort();
      await pumping;
      await Promise.all(running);
    },
    idle: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        wake();
      }),
  };
}

/** Tasks whose server is under maintenance wait untouched, until the end of the window wakes this. */
const profileKey = ({ environmentId, profileId }: Task): string => keyOf(environmentId, profileId ?? '');
const runKey = ({ environmentId, runId }: Task): string => keyOf(environmentId, runId ?? '');
