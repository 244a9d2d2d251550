import type { EmailServerProfile } from '../model/profile.ts';
import type { Mailbox } from '../model/mailbox.ts';
import type { Task } from '../model/run.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { switchedOff } from './left-out.ts';
import { isAccountRefused } from './refused-account.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Waiting tests that one commit wakes. */
const pageSize = 500;

/**
 * Makes those waiting tests due whose profile can be used again: it is active, and Exchange has not refused its password. Asked
 * of the records as they are, so that nobody who changes a profile, a password or a mailbox has to think of the tests that wait
 * for it; doing it twice is harmless. Returns how many it woke.
 */
export async function wakeWaitingTests(context: Context, environmentId: string): Promise<number> {
  let woken = 0;
  for (let after: string | undefined; ;) {
    const page = await retryConflict(() => wakePage(context, environmentId, after));
    woken += page.woken;
    if (page.last === undefined) return woken;
    after = page.last;
  }
}

async function wakePage({ store, clock }: Context, environmentId: string, after: string | undefined) {
  const page = await store.query('task', {
    prefix: keyOf(environmentId, 'test-mailbox', ''),
    where: { state: 'waiting' },
    ...(after === undefined ? {} : { after }),
    limit: pageSize,
  });
  const changes: Change[] = [];
  const expected: ExpectedVersion[] = [];
  let woken = 0;
  for (const task of page) {
    const change = await wake({ store, clock }, task);
    if (change === null) continue;
    if (change.kind === 'put') woken += 1;
    changes.push(change);
    expected.push({ collection: 'task', key: task.key, version: task.version });
  }
  if (changes.length > 0) await store.commit(changes, expected);
  return { woken, last: page.length < pageSize ? undefined : page.at(-1)?.key };
}

/** Null: it waits on. */
async function wake({ store, clock }: Context, { key, value }: Stored<Task>): Promise<Change | null> {
  const { environmentId, subjectId } = value;
  const mailbox = (await store.get('mailbox', keyOf(environmentId, subjectId)))?.value;
  const { settings } = (await getEnvironment(store, environmentId)).value;
  if (mailbox === undefined || mailbox.state === 'inactive' || !mayBeTested(settings, mailbox))
    return { kind: 'delete', collection: 'task', key };
  const profile = await profileOf(store, mailbox);
  if (profile === undefined || switchedOff(settings, mailbox, profile) !== null) return null;
  if (await isAccountRefused(store, profile)) return null;
  return {
    kind: 'put',
    collection: 'task',
    key,
    value: { ...value, profileId: profile.id, state: 'ready', dueAt: clock.now() },
  };
}

async function profileOf(
  store: Context['store'],
  { environmentId, profileId }: Mailbox,
): Promise<EmailServerProfile | undefined> {
  return profileId === null ? undefined : (await store.get('profile', keyOf(environmentId, profileId)))?.value;
}
