import type { AlertEvent } from '../model/alert-digest.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * Notes down, in the commit of the change itself, that the digests of the channels have something to tell. `returns`: a
 * snooze of it is over, and some channel cannot be told now.
 */
export async function incidentEvent(
  store: Store,
  environmentId: string,
  incidentId: string,
  now: number,
  returns = false,
): Promise<Change> {
  const known = (await store.get('alertEvent', keyOf(environmentId, 'incident', incidentId)))?.value;
  // It was not looked at yet: what it says is not forgotten.
  return event(environmentId, 'incident', incidentId, now, returns || known?.returns === true);
}

/** A run finished. */
export const runEvent = (environmentId: string, runId: string, now: number): Change =>
  event(environmentId, 'run', runId, now, false);

function event(environmentId: string, about: AlertEvent['about'], id: string, at: number, returns: boolean): Change {
  return {
    kind: 'put',
    collection: 'alertEvent',
    key: keyOf(environmentId, about, id),
    value: { environmentId, about, id, returns, at },
  };
}
