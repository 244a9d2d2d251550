import type { ServiceContext } from '../service-context.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';
import { defaultRetention, trimLogs, type Retention } from './retention.ts';
import { sweep } from './sweep.ts';

/** A password that nobody confirmed lies encrypted in the store for at most this long after its ten minutes. */
const everyMs = 5 * 60 * 1000;

/** Sweeps at the start and then every few minutes; a sweep that fails is logged, and the next one tries again. */
export function startHousekeeping(
  context: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  environmentId: string,
  retention: Retention = defaultRetention,
): RepeatedWork {
  return startRepeated(context, everyMs, 'the sweep failed', async () => {
    const swept = await sweep(context, environmentId);
    if (swept > 0) context.log.info({ records: swept }, 'put away what was left over');
    await trimLogs(context, environmentId, retention);
  });
}
