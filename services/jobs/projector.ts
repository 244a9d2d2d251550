import { isMailroomError } from '../model/error.ts';
import type { ServiceContext } from '../service-context.ts';
import { projectOutcomes } from '../testing/project-outcomes.ts';

export interface Projector {
  /** False once it was stopped, and while outcomes cannot be folded. */
  readonly alive: boolean;
  stop(): Promise<void>;
  /** Resolves when every outcome is folded. */
  idle(): Promise<void>;
}

/**
 * Keeps the rows of runs and incidents up with their outcomes: one fold at a time, at most one each `paceMs`, so that a
 * run of thousands edits its card a few times and not thousands of times.
 */
export function startProjector(
  context: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  environmentId: string,
  paceMs = 200,
): Projector {
  const { store, clock, log } = context;
  let working: Promise<void> | null = null;
  let pending = true;
  let stopped = false;
  let canFold = true;
  let cancelTimer = (): void => undefined;

  const isStopped = (): boolean => stopped;
  const stopListening = store.onCommit((collections) => {
    if (!collections.has('outcome')) return;
    pending = true;
    wake();
  });
  wake();

  function wake(): void {
    if (stopped || working !== null || !pending) return;
    pending = false;
    working = drain()
      .then(() => {
        canFold = true;
      })
      .catch((error: unknown) => {
        pending = true;
        if (isMailroomError(error, 'store.conflict')) return;
        log.error({ err: error }, 'outcomes could not be folded');
        canFold = false;
      })
      .finally(() => {
        // Released only after the pace: what comes in meanwhile is folded together.
        cancelTimer = clock.after(paceMs, () => {
          working = null;
          wake();
        });
      });
  }

  async function drain(): Promise<void> {
    let folded = 1;
    while (folded > 0 && !isStopped()) folded = await projectOutcomes(context, environmentId);
  }

  return {
    get alive() {
      return canFold && !stopped;
    },
    async stop() {
      stopped = true;
      stopListening();
      cancelTimer();
      await working;
    },
    async idle() {
      await working;
      await drain();
    },
  };
}
