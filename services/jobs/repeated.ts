import type { ServiceContext } from '../service-context.ts';

export interface RepeatedWork {
  /** No further round begins; resolves when the one under way is over. */
  stop(): Promise<void>;
  /** Resolves when the round under way is over. */
  idle(): Promise<void>;
}

/** Does the work now and then again and again, `everyMs` after the end of each round. A round that fails is logged, and the next one tries again. */
export function startRepeated(
  { store, clock, log }: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  everyMs: number,
  failure: string,
  work: () => Promise<void>,
): RepeatedWork {
  let stopped = false;
  let cancelTimer = (): void => undefined;
  let working = round();

  function round(): Promise<void> {
    return work()
      .catch((error: unknown) => {
        if (!stopped && store.alive) log.error({ err: error }, failure);
      })
      .finally(() => {
        if (!stopped) cancelTimer = clock.after(everyMs, () => void (working = round()));
      });
  }

  return {
    async stop() {
      stopped = true;
      cancelTimer();
      await working;
    },
    idle: () => working,
  };
}
