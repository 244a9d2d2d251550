import { isMailroomError } from '../model/error.ts';
import type { ServiceContext } from '../service-context.ts';
import { projectOutcomes } from '../testing/project-outcomes.ts';

/**
 * Keeps the rows of runs and incidents up with their outcomes: one fold at a time, at most one each `paceMs`, so that a
 * run of thousands edits its card a few times and not thousands of times.
 */
export function startProjector(
  context: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  environmentId: string,
  paceMs = 200,
): { stop(): Promise<void>; idle(): Promise<void> } {
  const { store, clock, log } = context;
  let working: Promise<void> | null = null;
  let pending = true;
  let stopped = false;
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
      .catch((error: unknown) => {
        if (!isMailroomError(error, 'store.conflict')) log.error({ err: error }, 'outcomes could not be folded');
        pending = true;
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
