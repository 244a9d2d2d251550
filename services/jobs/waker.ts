import type { ServiceContext } from '../service-context.ts';
import { wakeWaitingTests } from '../testing/waiting-tests.ts';

/** After a failure of the store; commits wake it otherwise. */
const againMs = 60_000;

/**
 * Wakes the tests that wait for a profile as soon as it can be used again: at the start, and after each commit that touches
 * profiles, passwords or the organization's settings. Those are rare, and mostly nobody waits.
 */
export function startWaker(
  context: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  environmentId: string,
): { stop(): Promise<void>; idle(): Promise<void> } {
  const { store, clock, log } = context;
  let stopped = false;
  let again = false;
  let working: Promise<void> | null = null;
  let cancelTimer = (): void => undefined;

  const stopListening = store.onCommit((collections) => {
    if (collections.has('profile') || collections.has('credential') || collections.has('environment')) wake();
  });
  wake();

  function wake(): void {
    if (stopped) return;
    if (working !== null) {
      again = true;
      return;
    }
    cancelTimer();
    again = false;
    working = wakeWaitingTests(context, environmentId)
      .then((woken) => {
        if (woken > 0) log.info({ tests: woken }, 'tests that waited for their profile are due');
      })
      .catch((error: unknown) => {
        if (stopped || !store.alive) return;
        log.error({ err: error }, 'waiting tests could not be woken');
        cancelTimer = clock.after(againMs, wake);
      })
      .finally(() => {
        working = null;
        if (again) wake();
      });
  }

  async function idle(): Promise<void> {
    if (working === null) return;
    await working;
    await idle();
  }

  return {
    async stop() {
      stopped = true;
      cancelTimer();
      stopListening();
      await working;
    },
    idle,
  };
}
