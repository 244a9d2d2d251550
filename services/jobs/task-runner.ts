import type { Clock } from '../model/clock.ts';
import type { Task } from '../model/run.ts';
import { isMailroomError } from '../model/error.ts';
import type { Log } from '../service-context.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';

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
const wakeAtLeastEveryMs = 30_000;
/** A handler that failed by itself (a bug, not a fault of Exchange) is tried again after this. */
const brokenDelayMs = 60_000;
/** Tasks could not be claimed: the store failed once. */
const claimAgainMs = 1000;

/**
 * Claims due tasks from the store, runs them, and leaves settling to the handler, which commits the outcome and the settled
 * task together. This process owns the store, so claims found at the start are from a process that died: they are ready
 * again at once.
 */
export async function startTaskRunner(options: {
  store: Store;
  clock: Clock;
  log: Log;
  environmentId: string;
  handlers: Readonly<Record<Task['kind'], TaskHandler>>;
  capacity?: number;
}): Promise<TaskRunner> {
  const { store, clock, log, environmentId, handlers, capacity = defaultCapacity } = options;
  const prefix = keyOf(environmentId, '');
  const abort = new AbortController();
  const running = new Set<Promise<void>>();
  let stopped = false;
  let canClaim = true;
  let pumping: Promise<void> | null = null;
  let again = false;
  let cancelTimer = (): void => undefined;
  let idleWaiters: (() => void)[] = [];

  await takeBackClaims();
  const stopListening = store.onCommit((collections) => {
    // A run that goes on after a pause has tasks that nobody touched.
    if (collections.has('task') || collections.has('run')) wake();
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
    const free = capacity - running.size;
    // Claiming a few at a time keeps the number of commits far below the number of tasks; only what somebody waits for is
    // taken at once.
    const isBusy = running.size > 0 && free < claimAtLeast;
    if (free === 0) return;
    const ofRuns = await runsThatGoOn();
    const claimed = await claim(free, isBusy ? [interactive] : [interactive, background], ofRuns);
    for (const task of claimed) run(task);
    if (claimed.length === free || isBusy) return;
    const wait = await nextDue(ofRuns);
    if (wait !== null && running.size < capacity) cancelTimer = clock.after(Math.max(1, wait), wake);
    if (running.size === 0 && (wait === null || wait > 0)) settleIdle();
  }

  /**
   * Tasks of a paused run wait untouched. The store finds the others by the runs that they belong to, however many wait;
   * null: no run is paused. A task that was under way when its run was cancelled still goes on after a restart.
   */
  async function runsThatGoOn(): Promise<(string | null)[] | null> {
    const paused = await store.count('run', { prefix, where: { state: 'paused' } });
    if (paused === 0) return null;
    const others = await store.query('run', { prefix, where: { state: ['running', 'cancelled'] }, limit: 10_000 });
    return [null, ...others.map(({ value }) => value.id)];
  }

  async function claim(
    limit: number,
    priorities: readonly number[],
    ofRuns: readonly (string | null)[] | null,
  ): Promise<Stored<Task>[]> {
    const now = clock.now();
    const due: Stored<Task>[] = [];
    for (const priority of priorities) {
      if (due.length >= limit) break;
      due.push(
        ...(await store.query('task', {
          prefix,
          where: { state: 'ready', priority, ...within(ofRuns) },
          atMost: { dueAt: now },
          limit: limit - due.length,
        })),
      );
    }
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
    const work = handlers[task.value.kind](task, abort.signal)
      .catch((error: unknown) => handBack(task, error))
      .finally(() => {
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

  async function nextDue(ofRuns: readonly (string | null)[] | null): Promise<number | null> {
    const where = { state: 'ready', ...within(ofRuns) };
    const [any] = await store.query('task', { prefix, where, limit: 1 });
    if (any === undefined) return null;
    const now = clock.now();
    // Tasks are few beyond the due ones (retries): the earliest is found by halving the horizon instead of an order by time.
    for (const horizon of [0, 50, 250, 1_000, 5_000]) {
      if ((await store.count('task', { prefix, where, atMost: { dueAt: now + horizon } })) > 0) return horizon;
    }
    return wakeAtLeastEveryMs / 2;
  }

  async function takeBackClaims(): Promise<void> {
    for (;;) {
      const claimed = await store.query('task', { prefix, where: { state: 'claimed' }, limit: 500 });
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

const within = (ofRuns: readonly (string | null)[] | null): { runId?: readonly (string | null)[] } =>
  ofRuns === null ? {} : { runId: ofRuns };
