import type { ConversationReference } from '../../services/model/conversation.ts';
import { isMailroomError } from '../../services/model/error.ts';
import type { Log } from '../../services/service-context.ts';
import { keyOf, type Store, type Stored } from '../../services/storage/store.ts';

const pageSize = 200;

/**
 * Teams refuses a conversation: the reference says why until the channel tells us of it again, and everything that waits
 * for it is dropped, with one line for the operator.
 */
export async function closeConversation(
  context: { readonly store: Store; readonly log: Log },
  found: Stored<ConversationReference>,
  reason: string,
): Promise<void> {
  const { store, log } = context;
  const { environmentId, conversationId, revision } = found.value;
  const value = { ...found.value, deadReason: reason, revision: revision + 1 };
  const expected = [{ collection: 'conversation', key: found.key, version: found.version }] as const;
  try {
    await store.commit([{ kind: 'put', collection: 'conversation', key: found.key, value }], expected);
  } catch (error) {
    // It changed meanwhile, perhaps because the bot was installed again: the next delivery finds out.
    if (isMailroomError(error, 'store.conflict')) return;
    throw error;
  }
  const prefix = `${keyOf(environmentId, conversationId)}/`;
  let dropped = 0;
  for (;;) {
    const page = await store.query('intent', { prefix, limit: pageSize });
    if (page.length === 0) break;
    await store.commit(page.map(({ key }) => ({ kind: 'delete', collection: 'intent', key }) as const));
    dropped += page.length;
  }
  log.warn({ conversationId, reason, dropped }, 'Teams refuses a conversation; what waited for it is dropped');
}
