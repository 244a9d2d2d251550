import type { GatedExchange } from '../../services/exchange/exchange.ts';
import type { Clock } from '../../services/model/clock.ts';
import type { Store } from '../../services/storage/store.ts';
import type { Metrics } from './metrics.ts';
import { readStoreState, type StoreState } from './store-state.ts';

export interface ScrapeSources {
  readonly metrics: Metrics;
  readonly store: Store;
  readonly exchange: Pick<GatedExchange, 'load'>;
  readonly clock: Clock;
  readonly jobs: readonly { readonly alive: boolean }[];
}

/** Prometheus gives a scrape ten seconds; a store that takes longer than this is in trouble, and that is what is told. */
const storeWithinMs = 2000;

/**
 * One scrape: asks the store and the gate, and prints. Never fails for what they do, since the figures are wanted most when
 * something is broken. Scrapes at the same time share one look.
 */
export function createScrape(sources: ScrapeSources): () => Promise<string> {
  const { metrics, store, exchange, clock, jobs } = sources;
  let looking: Promise<string> | null = null;
  async function look(): Promise<string> {
    const state = await withinTime(clock, readStoreState(store, clock.now()));
    return metrics.text({ store: state, areJobsAlive: jobs.every(({ alive }) => alive), servers: exchange.load() });
  }
  return () => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
}

/** Null when the store is dead (it rejects), closed or silent. */
async function withinTime(clock: Clock, asked: Promise<StoreState>): Promise<StoreState | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const callOff = clock.after(storeWithinMs, () => resolve(null));
  try {
    return await Promise.race([asked.catch(() => null), late]);
  } finally {
    callOff();
  }
}
