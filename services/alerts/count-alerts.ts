import type { AlertLevel } from '../model/alert.ts';
import { testStatus } from '../model/mailbox.ts';
import { keyOf, type Store } from '../storage/store.ts';

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
