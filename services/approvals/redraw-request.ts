import { approvalChannels } from '../conversations/approval-audience.ts';
import { redrawCards } from '../conversations/card-places.ts';
import { intentChange } from '../conversations/intents.ts';
import type { Change, Store } from '../storage/store.ts';

/** The wish to draw all cards of a request anew, wherever they stand or shall stand: the request, and the question about it. */
export async function redrawRequest(
  store: Store,
  environmentId: string,
  requestId: string,
  now: number,
): Promise<Change[]> {
  const channels = await approvalChannels(store, environmentId);
  return [
    ...channels.map((channel) => intentChange(environmentId, 'approval', requestId, channel, now)),
    // Later wishes replace earlier ones: what was to come back as the newest message still does.
    ...(await redrawCards(store, environmentId, { kind: 'approval', subjectId: requestId }, now)),
    ...(await redrawCards(store, environmentId, { kind: 'approval-question', subjectId: requestId }, now)),
  ];
}
