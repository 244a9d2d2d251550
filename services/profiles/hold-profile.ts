import type { AlsoCommitted } from '../testing/start-run.ts';
import { keyOf, type Store } from '../storage/store.ts';

/**
 * For whoever gives a profile to mailboxes: what belongs into the same commit, so that the profile is not deleted at that
 * moment. The record is written as it is; a deletion that counted its mailboxes before has to count them again.
 */
export async function holdProfile(
  store: Store,
  environmentId: string,
  profileId: string | null,
): Promise<AlsoCommitted> {
  if (profileId === null) return { changes: [], expected: [] };
  const key = keyOf(environmentId, profileId);
  const stored = await store.get('profile', key);
  if (stored === undefined) return { changes: [], expected: [{ collection: 'profile', key, version: 0 }] };
  return {
    changes: [{ kind: 'put', collection: 'profile', key, value: stored.value }],
    expected: [{ collection: 'profile', key, version: stored.version }],
  };
}
