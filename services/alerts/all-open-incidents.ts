import type { Incident } from '../model/alert.ts';
import { streamPages } from '../storage/stream-pages.ts';
import { keyOf, type Store } from '../storage/store.ts';

/** Every incident that is open, whatever its level and whoever silenced it, by id. */
export async function allOpenIncidents(store: Store, environmentId: string): Promise<Incident[]> {
  const open: Incident[] = [];
  for await (const page of streamPages(store, 'incident', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'open' },
  }))
    open.push(...page.map(({ value }) => value));
  return open;
}
