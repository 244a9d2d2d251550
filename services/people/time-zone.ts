import { personalConversation } from '../conversations/record-conversation.ts';
import type { Store } from '../storage/store.ts';

/** The IANA time zone of a person, as the client of their 1:1 chat last said; null: it never did. */
export async function timeZoneOfPerson(
  store: Store,
  environmentId: string,
  aadObjectId: string,
): Promise<string | null> {
  return (await personalConversation(store, environmentId, aadObjectId))?.value.timeZone ?? null;
}
