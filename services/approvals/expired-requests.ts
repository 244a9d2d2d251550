import { keyOf, type Store } from '../storage/store.ts';

/** Ids of requests whose cards decide nothing any more; mailboxes that still name one are Pending, and nobody is asked. */
export async function expiredRequests(store: Store, environmentId: string): Promise<ReadonlySet<string>> {
  const found = await store.query('approvalRequest', {
    prefix: keyOf(environmentId, ''),
    where: { stage: 'expired' },
    limit: 10_000,
  });
  return new Set(found.map(({ value }) => value.id));
}
