import type { ServiceContext } from '../service-context.ts';
import { sweep } from './sweep.ts';

/** A password that nobody confirmed lies encrypted in the store for at most this long after its ten minutes. */
const everyMs = 5 * 60 * 1000;

/** Sweeps at the start and then every few minutes; a sweep that fails is logged, and the next one tries again. */
export function startHousekeeping(
  context: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  environmentId: string,
): { stop(): Promise<void> } {
  const { clock, log } = context;
  let stopped = false;
  let cancelTimer = (): void => undefined;
  let working = Promise.resolve();

  function work(): void {
    working = sweep(context, environmentId)
      .then((swept) => {
        if (swept > 0) log.info({ records: swept }, 'put away what was left over');
      })
      .catch((error: unknown) => {
        if (!stopped) log.error({ err: error }, 'the sweep failed');
      })
      .finally(() => {
        if (!stopped) cancelTimer = clock.after(everyMs, work);
      });
  }
  work();

  return {
    async stop() {
      stopped = true;
      cancelTimer();
      await working;
    },
  };
}
