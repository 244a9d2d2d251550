import { ringOwed } from '../alerts/owner-notices.ts';
import { allReviews } from '../alerts/owner-reviews.ts';
import { missedOwnerCards } from '../alerts/profile-owner-cards.ts';
import { reviewOwners } from '../alerts/review-owners.ts';
import { isMailroomError } from '../model/error.ts';
import type { ServiceContext } from '../service-context.ts';
import { startRepeated } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** How late a call that came too soon may come. */
const ringsMs = 60_000;
/** Between two rounds: what comes in meanwhile is counted together. */
const paceMs = 1000;
const againMs = 60_000;

export interface OwnerWatch {
  stop(): Promise<void>;
  /** Resolves when nothing is to be looked at. */
  idle(): Promise<void>;
}

/**
 * Tells owners of their mailboxes, apart from the tests that find what there is to tell: wakes by the commits that ask for it.
 * At the start everybody is looked at once, for what an earlier version did not tell.
 */
export function startOwnerWatch(context: Context, environmentId: string): OwnerWatch {
  const { store, clock, log } = context;
  const rings = startRepeated(context, ringsMs, 'owners of mailboxes could not be called', async () => {
    const rung = await ringOwed(context, environmentId);
    if (rung > 0) log.info({ owners: rung }, 'owners were called again about what still fails');
    const missed = await missedOwnerCards(context, environmentId);
    if (missed.length > 0) await store.commit(missed);
  });
  let stopped = false;
  let pending = true;
  let working: Promise<void> | null = null;
  let cancelTimer = (): void => undefined;
  const isStopped = (): boolean => stopped;

  const stopListening = store.onCommit((collections) => {
    if (!collections.has('ownerReview')) return;
    pending = true;
    wake();
  });
  working = begin();

  function begin(): Promise<void> {
    return round(async () => {
      await store.commit(await allReviews(store, environmentId));
      await drain();
    });
  }

  function wake(): void {
    if (stopped || working !== null || !pending) return;
    working = round(drain);
  }

  function round(work: () => Promise<void>): Promise<void> {
    pending = false;
    let waitMs = paceMs;
    return work()
      .catch((error: unknown) => {
        pending = true;
        if (stopped || !store.alive) return;
        // Somebody asks for silence in this moment.
        if (isMailroomError(error, 'store.conflict')) return;
        waitMs = againMs;
        log.error({ err: error }, 'owners of mailboxes could not be told');
      })
      .finally(() => {
        cancelTimer = clock.after(waitMs, () => {
          working = null;
          wake();
        });
      });
  }

  async function drain(): Promise<void> {
    while (!isStopped() && (await reviewOwners(context, environmentId)));
  }

  return {
    async stop() {
      stopped = true;
      stopListening();
      cancelTimer();
      await rings.stop();
      await working;
    },
    async idle() {
      await working;
      await drain();
      await rings.idle();
    },
  };
}
