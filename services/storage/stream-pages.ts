import { timeSlices } from '../time-slices.ts';
import type { Collection, Query, Records, Store, Stored } from './store.ts';

const pageSize = 5000;

/**
 * All records that match, by key, a page at a time: whole pages, since a step of a generator for each record costs more. Other
 * work goes on between pages.
 */
export async function* streamPages<C extends Collection>(
  store: Store,
  collection: C,
  query: Omit<Query<Records[C]>, 'after' | 'limit'>,
): AsyncGenerator<readonly Stored<Records[C]>[]> {
  const pause = timeSlices();
  for (let after: string | undefined; ;) {
    await pause();
    const page = await store.query(collection, {
      ...query,
      ...(after === undefined ? {} : { after }),
      limit: pageSize,
    });
    yield page;
    after = page.at(-1)?.key;
    if (page.length < pageSize) return;
  }
}
