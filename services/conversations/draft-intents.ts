import type { ProfileDraft } from '../model/draft.ts';
import type { Change, Store } from '../storage/store.ts';
import { intentChange } from './intents.ts';
import { personalConversation } from './record-conversation.ts';

/**
 * Shows a draft where it was started, and beside that in its owner's 1:1 chat as soon as a password is asked for: the link
 * of the one-time form may stand nowhere else.
 */
export async function draftIntents(store: Store, draft: ProfileDraft, now: number): Promise<Change[]> {
  const { environmentId, id, conversationId } = draft;
  const changes = [intentChange(environmentId, 'draft', id, conversationId, now)];
  const personal = await personalConversation(store, environmentId, draft.ownerId);
  if (personal === undefined || personal.value.conversationId === conversationId || draft.secretRequestId === null)
    return changes;
  return [...changes, intentChange(environmentId, 'draft', id, personal.value.conversationId, now)];
}
