import type { Incident } from '../model/alert.ts';
import type { AlertPlace } from '../model/alert-route.ts';
import { intentChange } from '../conversations/intents.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/** What a channel knows of an incident now. */
export async function placeOf(
  store: Store,
  { environmentId, id, causeId }: Pick<Incident, 'environmentId' | 'id' | 'causeId'>,
  conversationId: string,
): Promise<AlertPlace> {
  const key = keyOf(environmentId, conversationId, 'incident', id);
  const hasCard = (await store.get('message', key)) !== undefined || (await store.get('intent', key)) !== undefined;
  if (hasCard) return { hasCard, shownAt: null };
  const shown = await store.get('shownCause', keyOf(environmentId, conversationId, causeId));
  return { hasCard, shownAt: shown?.value.at ?? null };
}

/** The first card of an incident in a channel, with the note that its cause was shown there. */
export function newCard(
  { environmentId, id, causeId }: Pick<Incident, 'environmentId' | 'id' | 'causeId'>,
  conversationId: string,
  now: number,
): Change[] {
  return [
    intentChange(environmentId, 'incident', id, conversationId, now),
    {
      kind: 'put',
      collection: 'shownCause',
      key: keyOf(environmentId, conversationId, causeId),
      value: { environmentId, conversationId, causeId, at: now },
    },
  ];
}
