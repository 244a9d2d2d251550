import type { ConversationReference } from '../model/conversation.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { requestsForChat } from './approval-audience.ts';

/**
 * Remembers where somebody can be reached, from every inbound activity: `serviceUrl` may change, and a message from a
 * conversation that was marked dead proves that it lives again. Writes only what changed. An approver's chat that comes to
 * be known (again) gets the requests that wait for want of a channel.
 */
export async function recordConversation(
  store: Store,
  seen: Omit<ConversationReference, 'revision' | 'deadReason'>,
  now: number,
): Promise<void> {
  await retryConflict(async () => {
    const key = keyOf(seen.environmentId, seen.conversationId);
    const known = await store.get('conversation', key);
    if (known !== undefined && isSame(known.value, seen)) return;
    const value: ConversationReference = { ...seen, deadReason: null, revision: (known?.value.revision ?? 0) + 1 };
    const isNew = known === undefined || known.value.deadReason !== null;
    await store.commit(
      [
        { kind: 'put', collection: 'conversation', key, value },
        ...(isNew ? await requestsForChat(store, seen, now) : []),
      ],
      [{ collection: 'conversation', key, version: known?.version ?? 0 }],
    );
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

function isSame(known: ConversationReference, seen: Omit<ConversationReference, 'revision' | 'deadReason'>): boolean {
  return (
    known.deadReason === null &&
    (Object.keys(seen) as (keyof typeof seen)[]).every((field) => known[field] === seen[field])
  );
}
