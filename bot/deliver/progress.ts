import type { Intent } from '../../services/model/intent.ts';
import { keyOf, type Store } from '../../services/storage/store.ts';

/**
 * True for the card of something that goes on: when the budget of its conversation is short, alerts, approvals and results
 * come first. What is over is a result, whatever its kind: the last card of a run is what its reader waits for.
 */
export async function isProgress(
  store: Store,
  { environmentId, kind, subjectId }: Pick<Intent, 'environmentId' | 'kind' | 'subjectId'>,
): Promise<boolean> {
  const key = keyOf(environmentId, subjectId);
  switch (kind) {
    case 'run':
      return (await store.get('run', key))?.value.state === 'running';
    case 'directory-lookup':
      return (await store.get('directoryLookup', key))?.value.state === 'working';
    default:
      return false;
  }
}
