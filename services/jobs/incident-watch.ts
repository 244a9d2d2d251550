import { wakeIncident } from '../alerts/handle-incident.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** How late a snoozed incident may come back. */
const everyMs = 60_000;

/** Brings back incidents whose snooze is over. What fell due while no process ran comes once, at the start. */
export function startIncidentWatch(context: Context, environmentId: string): RepeatedWork {
  const { store, clock, log } = context;
  return startRepeated(context, everyMs, 'snoozed incidents could not be brought back', async () => {
    const due = await store.query('incident', {
      prefix: keyOf(environmentId, ''),
      atMost: { wakeAt: clock.now() },
      limit: 1000,
    });
    for (const incident of due) {
      await wakeIncident(context, incident);
      log.info({ incident: incident.value.id }, 'a snoozed incident came back');
    }
  });
}
