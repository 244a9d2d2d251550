import { tellsOfRemoval } from '../model/audit.ts';
import type { ServiceContext } from '../service-context.ts';
import { verifyLog, type LogVerdict } from '../storage/log-chain.ts';
import type { Store } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** The check that is under way, by store: whoever asks meanwhile waits for the same one. */
const underWay = new WeakMap<Store, Promise<LogVerdict>>();
interface Result {
  readonly verdict: LogVerdict;
  readonly at: number;
  /** Nobody has had it: it came too late for whoever had asked. */
  readonly isNews: boolean;
}

const results = new WeakMap<Store, Result>();
/** A result that came too late is for whoever asks again in this time. */
const newsMs = 60_000;

/**
 * Checks the whole audit trail, from its first entry. A trail of hundreds of thousands takes longer than somebody who clicked
 * may wait: after `waitMs` the answer is null, the check goes on, and who asks again gets its result. `maxAgeMs`: how old a
 * result may be that is not made anew, for somebody who only turns pages.
 */
export async function checkTrail(
  context: Context,
  { waitMs = 1000, maxAgeMs = 0 }: { waitMs?: number; maxAgeMs?: number } = {},
): Promise<LogVerdict | null> {
  const { store, clock } = context;
  const known = results.get(store);
  if (known !== undefined && clock.now() - known.at < (known.isNews ? newsMs : maxAgeMs)) {
    results.set(store, { ...known, isNews: false });
    return known.verdict;
  }
  const checking = underWay.get(store) ?? begin(context);
  let cancel = (): void => undefined;
  const tooLong = new Promise<null>((resolve) => {
    cancel = clock.after(waitMs, () => resolve(null));
  });
  try {
    const verdict = await Promise.race([checking, tooLong]);
    if (verdict !== null) results.set(store, { verdict, at: clock.now(), isNews: false });
    return verdict;
  } finally {
    cancel();
  }
}

function begin({ store, clock, log }: Context): Promise<LogVerdict> {
  const checking = verifyLog(store, 'audit', tellsOfRemoval)
    .then((verdict) => {
      const { problem, badPosition, entries } = verdict;
      if (problem !== null) log.error({ problem, badPosition, entries }, 'the audit trail is not complete');
      results.set(store, { verdict, at: clock.now(), isNews: true });
      return verdict;
    })
    .finally(() => underWay.delete(store));
  // Whoever gave up waiting hears of no failure; the next one does, of the next check.
  checking.catch(() => undefined);
  underWay.set(store, checking);
  return checking;
}
