import type { IntentKind } from '../model/intent.ts';
import { keyOf, type Change } from '../storage/store.ts';

/**
 * The wish to show a subject in a conversation, to be committed with the change that causes it. Its key is (conversation,
 * kind, subject), so a newer wish replaces one that was not sent yet: the latest state wins.
 */
export function intentChange(
  environmentId: string,
  kind: IntentKind,
  subjectId: string,
  conversationId: string,
  now: number,
  placement: 'refresh' | 'repost' = 'refresh',
): Change {
  return {
    kind: 'put',
    collection: 'intent',
    key: keyOf(environmentId, conversationId, kind, subjectId),
    value: { environmentId, kind, subjectId, conversationId, placement, createdAt: now, notBefore: now, attempts: 0 },
  };
}
