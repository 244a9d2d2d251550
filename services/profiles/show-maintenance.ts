import type { MaintenanceWindow } from '../model/maintenance.ts';
import { cardPlaces } from '../conversations/card-places.ts';
import { intentChange } from '../conversations/intents.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Change } from '../storage/store.ts';

/**
 * The wish to show a window as it is now: one card in each alert channel and one where it was planned, edited in place. A
 * channel that has the card already gets its end too, also when it does not receive alerts any more.
 */
export async function maintenanceIntents(
  store: ServiceContext['store'],
  { environmentId, id, conversationId }: MaintenanceWindow,
  now: number,
): Promise<Change[]> {
  const places = await cardPlaces(store, environmentId, { kind: 'maintenance', subjectId: id });
  const conversations = new Set([
    conversationId,
    ...(await alertChannels(store, environmentId)).map((channel) => channel.conversationId),
    ...places.map((place) => place.conversationId),
  ]);
  return [...conversations].map((conversation) => intentChange(environmentId, 'maintenance', id, conversation, now));
}
