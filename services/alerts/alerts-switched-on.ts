import { alertsOf } from '../model/alert-levels.ts';
import { routeOf } from '../model/alert-route.ts';
import type { EmailSettings } from '../model/environment.ts';
import { intentChange } from '../conversations/intents.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import type { Change, Store } from '../storage/store.ts';
import { allOpenIncidents } from './all-open-incidents.ts';
import { incidentEvent } from './alert-events.ts';
import { newCard, placeOf } from './channel-cards.ts';

/**
 * What follows when a level of alerts is switched on: the channels that want it see its open incidents, or read of them in
 * their digest, but for those that somebody silenced.
 */
export async function alertsSwitchedOn(
  store: Store,
  environmentId: string,
  before: EmailSettings,
  after: EmailSettings,
  now: number,
): Promise<Change[]> {
  const open = await allOpenIncidents(store, environmentId);
  const shown = open.filter(
    ({ handling, level }) => handling.quiet === null && alertsOf(after, level) && !alertsOf(before, level),
  );
  if (shown.length === 0) return [];
  const channels = await alertChannels(store, environmentId);
  const changes: Change[] = [];
  for (const incident of shown) {
    let waits = false;
    for (const channel of channels) {
      const { conversationId } = channel;
      const place = await placeOf(store, incident, conversationId);
      const route = routeOf(channel, incident, place, now);
      if (place.hasCard) changes.push(intentChange(environmentId, 'incident', incident.id, conversationId, now));
      else if (route === 'card') changes.push(...newCard(incident, conversationId, now));
      waits ||= route === 'digest' || route === 'later';
    }
    if (waits) changes.push(await incidentEvent(store, environmentId, incident.id, now));
  }
  return changes;
}
