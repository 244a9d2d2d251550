import type { ServiceContext } from '../service-context.ts';
import { verifyLog, type LogVerdict } from '../storage/log-chain.ts';
import type { Store } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** The check that is under way, by store: whoever asks meanwhile waits for the same one. */
const underWay = new WeakMap<Store, Promise<LogVerdict>>();
/** The last result that came too late for whoever had asked. Kept for one answer and a short time: what is asked later is checked anew. */
const late = new WeakMap<Store, { readonly verdict: LogVerdict; readonly at: number }>();
const lateMs = 60_000;

/**
 * Checks the whole audit trail, from its first entry. A trail of hundreds of thousands takes longer than somebody who clicked
 * may wait: after `waitMs` the answer is null, the check goes on, and who asks again gets its result.
 */
export async function checkTrail(context: Context, waitMs = 1000): Promise<LogVerdict | null> {
  const { store, clock } = context;
  const known = late.get(store);
  late.delete(store);
  if (known !== undefined && clock.now() - known.at < lateMs) return known.verdict;
  const checking = underWay.get(store) ?? begin(context);
  let cancel = (): void => undefined;
  let gaveUp = false;
  const tooLong = new Promise<null>((resolve) => {
    cancel = clock.after(waitMs, () => {
      gaveUp = true;
      resolve(null);
    });
  });
  void checking.then((verdict) => gaveUp && late.set(store, { verdict, at: clock.now() })).catch(() => undefined);
  try {
    return await Promise.race([checking, tooLong]);
  } finally {
    cancel();
  }
}

function begin({ store, log }: Context): Promise<LogVerdict> {
  const checking = verifyLog(store, 'audit')
    .then((verdict) => {
      const { problem, badPosition, entries } = verdict;
      if (problem !== null) log.error({ problem, badPosition, entries }, 'the audit trail is not complete');
      return verdict;
    })
    .finally(() => underWay.delete(store));
  underWay.set(store, checking);
  return checking;
}
