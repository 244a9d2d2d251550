import type { AlertLevel } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { testStatus } from '../model/mailbox.ts';
import { getEnvironment } from '../platform/environments.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';

/**
 * Alerts of a level that are open. The information is that tests succeeded: no record of its own, since ten thousand
 * successes need none, but the mailboxes whose last test succeeded.
 */
export function alertsOpen(store: Store, environmentId: string, level: AlertLevel): Promise<number> {
  const prefix = keyOf(environmentId, '');
  return level === 'information'
    ? store.count('mailbox', { prefix, where: { status: testStatus.success } })
    : store.count('incident', { prefix, where: { state: 'open', level } });
}

/** Open alerts that hit a profile, by level; those of a level that is switched off are not counted, as the list does not show them. */
export async function alertsOfProfile(
  store: Store,
  environmentId: string,
  profileId: string,
): Promise<{ readonly errors: number; readonly warnings: number }> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const counts = { error: 0, warning: 0, information: 0 };
  const query = { prefix: keyOf(environmentId, ''), where: { state: 'open' as const } };
  for await (const page of streamPages(store, 'incident', query))
    for (const { value } of page)
      if (value.profileIds.includes(profileId) && alertsOf(settings, value.level)) counts[value.level] += 1;
  return { errors: counts.error, warnings: counts.warning };
}
