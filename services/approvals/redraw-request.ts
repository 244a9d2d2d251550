import { approvalChannels } from '../conversations/approval-audience.ts';
import { intentChange } from '../conversations/intents.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/** The wish to draw all cards of a request anew, wherever they stand or shall stand: the request, and the question about it. */
export async function redrawRequest(
  store: Store,
  environmentId: string,
  requestId: string,
  now: number,
): Promise<Change[]> {
  const channels = await approvalChannels(store, environmentId);
  const requests = new Set([...(await standsIn(store, environmentId, 'approval', requestId)), ...channels]);
  const questions = await standsIn(store, environmentId, 'approval-question', requestId);
  return [
    ...[...requests].map((place) => intentChange(environmentId, 'approval', requestId, place, now)),
    ...[...questions].map((place) => intentChange(environmentId, 'approval-question', requestId, place, now)),
  ];
}

async function standsIn(
  store: Store,
  environmentId: string,
  kind: 'approval' | 'approval-question',
  subjectId: string,
): Promise<Set<string>> {
  const query = { prefix: keyOf(environmentId, ''), where: { kind, subjectId }, limit: 1000 } as const;
  const [messages, intents] = await Promise.all([store.query('message', query), store.query('intent', query)]);
  return new Set([...messages, ...intents].map(({ value }) => value.conversationId));
}
