import { closeDigests } from '../alerts/close-digests.ts';
import { gatherEvents } from '../alerts/gather-events.ts';
import type { ServiceContext } from '../service-context.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** How late a digest may come, and what waited for the end of quiet hours. */
const everyMs = 60_000;

/** Notes down for each channel what its digest will tell, and sends what is due. What fell due while no process ran comes at the start. */
export function startAlertDigests(context: Context, environmentId: string): RepeatedWork {
  return startRepeated(context, everyMs, 'the alert digests could not be sent', async () => {
    while ((await gatherEvents(context, environmentId)) > 0);
    const sent = await closeDigests(context, environmentId);
    if (sent > 0) context.log.info({ digests: sent }, 'alert digests were sent');
  });
}
