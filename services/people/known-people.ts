import { personReview } from '../alerts/owner-reviews.ts';
import type { KnownPerson } from '../model/known-person.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';

/** A person is written again after so long, though nothing changed: the time tells who is still there. */
const seenAgainMs = 24 * 60 * 60 * 1000;

/**
 * Keeps whom the roster vouched for. Writes only what changed; what a roster leaves out stays as it was known. A sign-in name
 * belongs to one person at a time: whoever has it now takes it from whoever had it, who may not hear of its mailboxes any more.
 */
export async function rememberPerson(store: Store, seen: KnownPerson): Promise<void> {
  const { environmentId, aadObjectId } = seen;
  const key = keyOf(environmentId, aadObjectId);
  await retryConflict(async () => {
    const known = await store.get('person', key);
    const before = known?.value;
    const value: KnownPerson = {
      ...seen,
      teamsId: seen.teamsId ?? before?.teamsId ?? null,
      account: normalized(seen.account) ?? before?.account ?? null,
      name: seen.name === '' ? (before?.name ?? '') : seen.name,
    };
    if (before !== undefined && isSame(before, value)) return;
    const changes: Change[] = [{ kind: 'put', collection: 'person', key, value }];
    const expected: ExpectedVersion[] = [{ collection: 'person', key, version: known?.version ?? 0 }];
    if (value.account !== (before?.account ?? null)) {
      // Mailboxes name their owner by the address: it means somebody else from now on.
      changes.push(personReview(environmentId, aadObjectId));
      for (const former of await peopleWith(store, environmentId, [value.account ?? ''])) {
        if (former.value.aadObjectId === aadObjectId) continue;
        changes.push(
          { kind: 'put', collection: 'person', key: former.key, value: { ...former.value, account: null } },
          personReview(environmentId, former.value.aadObjectId),
        );
        expected.push({ collection: 'person', key: former.key, version: former.version });
      }
    }
    await store.commit(changes, expected);
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
  const account = normalized(address);
  return account === null ? undefined : (await peopleOfAddresses(store, environmentId, [account])).get(account);
}

/** Who signs in with these addresses (in lower case), by address; one look-up however many there are. */
export async function peopleOfAddresses(
  store: Store,
  environmentId: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const found = await peopleWith(store, environmentId, addresses);
  // Records of before may share a name: whoever was seen last has it now.
  const byTime = found.map(({ value }) => value).toSorted((a, b) => a.seenAt - b.seenAt);
  return new Map(byTime.flatMap((person) => (person.account === null ? [] : [[person.account, person] as const])));
}

async function peopleWith(store: Store, environmentId: string, addresses: readonly string[]) {
  const accounts = addresses.filter((address) => address !== '');
  if (accounts.length === 0) return [];
  return store.query('person', { prefix: keyOf(environmentId, ''), where: { account: accounts }, limit: 100_000 });
}

function normalized(address: string | null): string | null {
  const account = address?.trim().toLowerCase() ?? '';
  return account === '' ? null : account;
}
