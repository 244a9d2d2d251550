import type { KnownPerson } from '../model/known-person.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store } from '../storage/store.ts';

/** A person is written again after so long, though nothing changed: the time tells who is still there. */
const seenAgainMs = 24 * 60 * 60 * 1000;

/** Keeps whom the roster vouched for. Writes only what changed; what a roster leaves out stays as it was known. */
export async function rememberPerson(store: Store, seen: KnownPerson): Promise<void> {
  const key = keyOf(seen.environmentId, seen.aadObjectId);
  await retryConflict(async () => {
    const known = await store.get('person', key);
    const before = known?.value;
    const value: KnownPerson = {
      ...seen,
      teamsId: seen.teamsId ?? before?.teamsId ?? null,
      account: seen.account ?? before?.account ?? null,
      name: seen.name === '' ? (before?.name ?? '') : seen.name,
    };
    if (before !== undefined && isSame(before, value)) return;
    await store.commit(
      [{ kind: 'put', collection: 'person', key, value }],
      [{ collection: 'person', key, version: known?.version ?? 0 }],
    );
  });
}

function isSame(before: KnownPerson, now: KnownPerson): boolean {
  return (
    before.teamsId === now.teamsId &&
    before.account === now.account &&
    before.name === now.name &&
    Math.abs(now.seenAt - before.seenAt) < seenAgainMs
  );
}

/** Who signs in with this address; undefined: nobody whom Mailroom has seen. */
export async function personOfAddress(
  store: Store,
  environmentId: string,
  address: string,
): Promise<KnownPerson | undefined> {
  const account = address.trim().toLowerCase();
  if (account === '') return undefined;
  const found = await store.query('person', { prefix: keyOf(environmentId, ''), where: { account }, limit: 2 });
  // An address that was given to somebody else: whoever was seen last has it now.
  return found.map(({ value }) => value).sort((a, b) => b.seenAt - a.seenAt)[0];
}
