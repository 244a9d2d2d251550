import type { MaintenanceWindow } from '../model/maintenance.ts';
import { intentChange } from '../conversations/intents.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change } from '../storage/store.ts';

/**
 * The wish to show a window as it is now: one card in each alert channel and one where it was planned, edited in place. A
 * channel that has the card already gets its end too, also when it does not receive alerts any more.
 */
export async function maintenanceIntents(
  store: ServiceContext['store'],
  { environmentId, id, conversationId }: MaintenanceWindow,
  now: number,
): Promise<Change[]> {
  const standing = await store.query('message', {
    prefix: keyOf(environmentId, ''),
    where: { kind: 'maintenance', subjectId: id },
    limit: 1000,
  });
  const conversations = new Set([
    conversationId,
    ...(await alertChannels(store, environmentId)).map((channel) => channel.conversationId),
    ...standing.map(({ value }) => value.conversationId),
  ]);
  return [...conversations].map((conversation) => intentChange(environmentId, 'maintenance', id, conversation, now));
}
