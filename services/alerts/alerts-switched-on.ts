import { alertsOf } from '../model/alert-levels.ts';
import type { EmailSettings } from '../model/environment.ts';
import { intentChange } from '../conversations/intents.ts';
import { alertChannels, wants } from '../conversations/subscriptions.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/** What follows when a level of alerts is switched on: the channels that want it see its open incidents, but for those that somebody silenced. */
export async function alertsSwitchedOn(
  store: Store,
  environmentId: string,
  before: EmailSettings,
  after: EmailSettings,
  now: number,
): Promise<Change[]> {
  const open = await store.query('incident', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'open' },
    limit: 1000,
  });
  const shown = open.filter(
    ({ value }) => value.handling.quiet === null && alertsOf(after, value.level) && !alertsOf(before, value.level),
  );
  if (shown.length === 0) return [];
  const channels = await alertChannels(store, environmentId);
  return shown.flatMap(({ value: incident }) =>
    channels
      .filter((channel) => wants(channel, incident))
      .map(({ conversationId }) => intentChange(environmentId, 'incident', incident.id, conversationId, now)),
  );
}
