import { nextPollAt, pollIntervalOf } from '../model/poll.ts';
import { isMailroomError } from '../model/error.ts';
import type { Task } from '../model/run.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Collection, type Records, type Stored } from '../storage/store.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log' | 'retry' | 'pollIntervalMs'>;

/** How often the clock is looked at; a mailbox waits at most so much longer for a clock that was set back. */
const everyMs = 10_000;
/** Time servers move a clock by less than this all day. */
const smallestStepMs = 1000;
/** No pace, and no wait that Teams asks for, holds a card back for longer, as a rule. */
const longestHoldMs = 10 * 60_000;
const pageSize = 500;

/**
 * Watches the clock of the machine. Due times are times of day: one that was written before the clock was set back by a day
 * would lie a day ahead, and its mailbox would wait so long. So at the start (it may have happened in between) and whenever
 * the clock goes backwards, what lies further ahead than its own rule can put it is due again by that rule. A clock that is
 * set forward makes things due early, which does no harm.
 */
export function startClockWatch(context: Context, environmentId: string): RepeatedWork {
  const { clock, log } = context;
  let lastAt = Number.POSITIVE_INFINITY;
  return startRepeated(context, everyMs, 'due times could not be moved', async () => {
    const now = clock.now();
    if (now < lastAt - smallestStepMs) {
      const moved = await pullDueTimes(context, environmentId);
      if (moved > 0) log.warn({ records: moved }, 'the clock was set back: due times were moved with it');
    }
    lastAt = now;
  });
}

/** Moves the due times that no rule would have set now; returns how many. */
export async function pullDueTimes(
  { store, clock, retry, pollIntervalMs }: Omit<Context, 'log'>,
  environmentId: string,
): Promise<number> {
  const now = clock.now();
  const prefix = keyOf(environmentId, '');
  const profiles = await store.query('profile', { prefix, limit: 10_000 });
  const intervals = new Map(profiles.map(({ value }) => [value.id, pollIntervalOf(value, pollIntervalMs)]));
  const retryAt = now + retry.delayMs;

  let moved = 0;
  moved += await move('task', (task) => {
    const latest = isLaterTry(task) ? retryAt : now;
    return task.state === 'ready' && task.dueAt > latest ? { ...task, dueAt: latest } : null;
  });
  moved += await move('mailbox', (mailbox) =>
    (mailbox.postponedUntil ?? 0) > retryAt ? { ...mailbox, postponedUntil: retryAt } : null,
  );
  moved += await move('poll', (poll) => {
    const interval = intervals.get(poll.profileId) ?? pollIntervalOf({ minPollingIntervalMinutes: 0 }, pollIntervalMs);
    if (poll.dueAt <= nextPollAt(now, interval, 1)) return null;
    // As they came from each other, so that they do not all come at once.
    return { ...poll, dueAt: now + Math.round(poll.dueAt % interval) };
  });
  moved += await move('intent', (intent) =>
    intent.notBefore > now + longestHoldMs ? { ...intent, notBefore: now } : null,
  );
  return moved;

  async function move<C extends 'task' | 'mailbox' | 'poll' | 'intent'>(
    collection: C,
    correct: (record: Records[C]) => Records[C] | null,
  ): Promise<number> {
    let count = 0;
    for (let after: string | undefined; ;) {
      const page = await store.query(collection, {
        prefix,
        ...(after === undefined ? {} : { after }),
        limit: pageSize,
      });
      const changed = page.flatMap((stored) => {
        const value = correct(stored.value);
        return value === null ? [] : [{ ...stored, value }];
      });
      count += await replace(collection, changed);
      after = page.at(-1)?.key;
      if (page.length < pageSize) return count;
    }
  }

  /** A page in one commit, or one by one where somebody changes one of them: that one has a due time of now. */
  async function replace<C extends Collection>(collection: C, records: readonly Stored<Records[C]>[]): Promise<number> {
    try {
      await store.commit(
        records.map(({ key, value }) => ({ kind: 'put', collection, key, value }) as Change),
        records.map(({ key, version }) => ({ collection, key, version })),
      );
      return records.length;
    } catch (error) {
      if (!isMailroomError(error, 'store.conflict')) throw error;
      if (records.length === 1) return 0;
      let count = 0;
      for (const record of records) count += await replace(collection, [record]);
      return count;
    }
  }
}

/** Everything else is due when it is made. */
const isLaterTry = ({ kind, runId }: Task): boolean => kind === 'test-mailbox' && runId === null;
