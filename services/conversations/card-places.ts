import type { Intent, IntentKind } from '../model/intent.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { intentChange } from './intents.ts';

/** A conversation with the card of a subject. */
export interface CardPlace {
  readonly kind: IntentKind;
  readonly subjectId: string;
  readonly conversationId: string;
  /** Of the wish that waits there; `refresh` where the card only stands. */
  readonly placement: Intent['placement'];
}

/** Which cards: of one kind, of all subjects or of some. */
export interface CardsWanted {
  readonly kind: IntentKind;
  readonly subjectId?: string | readonly string[];
}

const most = 100_000;

/**
 * Where cards stand or are on their way. The second matters as much: a card may have been drawn already and wait for the answer
 * of Teams, so that whoever looked at messages alone would leave it as it was. Wishes are read first, since one that is
 * carried out meanwhile is found as a message then.
 */
export async function cardPlaces(store: Store, environmentId: string, wanted: CardsWanted): Promise<CardPlace[]> {
  const query = { prefix: keyOf(environmentId, ''), where: { ...wanted }, limit: most } as const;
  const places = new Map<string, CardPlace>();
  const intents = await store.query('intent', query);
  for (const { key, value } of intents) places.set(key, placeOf(value, value.placement));
  const messages = await store.query('message', query);
  for (const { key, value } of messages) if (!places.has(key)) places.set(key, placeOf(value, 'refresh'));
  return [...places.values()];
}

function placeOf(
  { kind, subjectId, conversationId }: Omit<CardPlace, 'placement'>,
  placement: Intent['placement'],
): CardPlace {
  return { kind, subjectId, conversationId, placement };
}

/** The wishes to draw cards anew wherever they are; one that was to come back as the newest message still does. */
export async function redrawCards(
  store: Store,
  environmentId: string,
  wanted: CardsWanted,
  now: number,
): Promise<Change[]> {
  const places = await cardPlaces(store, environmentId, wanted);
  return places.map(({ kind, subjectId, conversationId, placement }) =>
    intentChange(environmentId, kind, subjectId, conversationId, now, placement),
  );
}
