import { isMailroomError } from '../model/error.ts';
import { nextWeeklyAt, weekMs, type WeeklyStatus } from '../model/status.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change } from '../storage/store.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

const everyMs = 60_000;

/** Sends the weekly status where it was asked for. What fell due while no process ran comes once, at the start. */
export function startWeeklyStatus(context: Context, environmentId: string): RepeatedWork {
  return startRepeated(context, everyMs, 'the weekly status could not be sent', () => sendDue(context, environmentId));
}

/** One commit each: the wish and the next time, so that a kill between them neither loses nor repeats a week. */
async function sendDue({ store, clock }: Context, environmentId: string): Promise<void> {
  const found = await store.query('weeklyStatus', { prefix: keyOf(environmentId, ''), limit: 10_000 });
  const now = clock.now();
  for (const { key, version, value } of found) {
    const isDue = value.dueAt <= now;
    // Set back, the clock would make a week a long one.
    if (!isDue && value.dueAt <= now + weekMs) continue;
    const next: WeeklyStatus = { ...value, dueAt: Math.min(nextWeeklyAt(value, now), now + weekMs) };
    const changes: Change[] = [{ kind: 'put', collection: 'weeklyStatus', key, value: next }];
    // Its own subject each day: what was sent last week stays as it was.
    if (isDue) changes.push(intentChange(environmentId, 'status', dayOf(now), value.conversationId, now));
    try {
      await store.commit(changes, [{ collection: 'weeklyStatus', key, version }]);
    } catch (error) {
      // Switched off in this moment.
      if (!isMailroomError(error, 'store.conflict')) throw error;
    }
  }
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
