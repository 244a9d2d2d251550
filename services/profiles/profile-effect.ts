import { keyOf, type Store } from '../storage/store.ts';

/** What depends on a profile: for the question before it is switched off or deleted. */
export interface ProfileEffect {
  readonly mailboxes: number;
  /** Of them: enabled for incoming email, so that they are checked at the polling interval. */
  readonly enabled: number;
  /** Of them: a test is due or under way. */
  readonly testing: number;
  /** Runs that those tests belong to. */
  readonly runs: number;
}

const pageSize = 500;

/** Counts page by page: a profile may have tens of thousands of mailboxes. */
export async function profileEffect(store: Store, environmentId: string, profileId: string): Promise<ProfileEffect> {
  let [mailboxes, enabled, testing] = [0, 0, 0];
  const runs = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = await store.query('mailbox', {
      prefix: keyOf(environmentId, ''),
      where: { profileId },
      ...(after === undefined ? {} : { after }),
      limit: pageSize,
    });
    for (const { value } of page) {
      mailboxes += 1;
      if (value.incoming.enabled) enabled += 1;
      const task = (await store.get('task', keyOf(environmentId, 'test-mailbox', value.id)))?.value;
      // One that waits for the profile itself is neither due nor under way.
      if (task === undefined || task.state === 'waiting') continue;
      testing += 1;
      if (task.runId !== null) runs.add(task.runId);
    }
    after = page.at(-1)?.key;
    if (page.length < pageSize) return { mailboxes, enabled, testing, runs: runs.size };
  }
}
