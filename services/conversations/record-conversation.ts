import type { ConversationReference, SeenConversation } from '../model/conversation.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { catchUp } from './catch-up.ts';

/**
 * Remembers where somebody can be reached, from every inbound activity: `serviceUrl` may change, and a message from a
 * conversation that was marked dead proves that it lives again. Writes only what changed, and with it the wishes for what a
 * conversation missed that comes to be known (again).
 * @returns the conversation as it is known now
 */
export async function recordConversation(
  store: Store,
  seen: SeenConversation,
  now: number,
): Promise<ConversationReference> {
  return retryConflict(async () => {
    const key = keyOf(seen.environmentId, seen.conversationId);
    const known = await store.get('conversation', key);
    const { revision, ...merged } = mergedWith(known?.value, seen);
    if (known !== undefined && isSame(known.value, merged)) return known.value;
    const value: ConversationReference = { ...merged, revision: revision + 1 };
    const isNew = known === undefined || known.value.deadReason !== null;
    const missed = isNew ? await catchUp(store, value, known?.value, now) : { changes: [], expected: [] };
    await store.commit(
      [{ kind: 'put', collection: 'conversation', key, value }, ...missed.changes],
      [{ collection: 'conversation', key, version: known?.version ?? 0 }, ...missed.expected],
    );
    return value;
  });
}

/** The 1:1 chat with a person, if the app is installed for them. */
export async function personalConversation(
  store: Store,
  environmentId: string,
  aadObjectId: string,
): Promise<Stored<ConversationReference> | undefined> {
  const found = await store.query('conversation', {
    prefix: keyOf(environmentId, ''),
    where: { kind: 'personal', aadObjectId },
    limit: 1,
  });
  return found[0];
}

/** Of a conversation that only told events, which name no locale (RFC 5646, 4.1); it is served in English. */
const undetermined = 'und';

/**
 * What an activity does not tell stays as it is known. Where many write, each in a client of an own language, the first one
 * counts: else the cards there would change their language with every speaker.
 */
function mergedWith(known: ConversationReference | undefined, seen: SeenConversation): ConversationReference {
  const own = seen.kind === 'personal';
  const before = known?.locale === undetermined ? undefined : known?.locale;
  return {
    ...seen,
    locale: (own ? (seen.locale ?? before) : (before ?? seen.locale)) ?? undetermined,
    timeZone: own ? (seen.timeZone ?? known?.timeZone ?? null) : null,
    language: known?.language ?? null,
    deadReason: null,
    deadSince: null,
    deathNotice: known?.deathNotice ?? null,
    revision: known?.revision ?? 0,
  };
}

function isSame(known: ConversationReference, merged: Omit<ConversationReference, 'revision'>): boolean {
  return (Object.keys(merged) as (keyof typeof merged)[]).every((field) => known[field] === merged[field]);
}
