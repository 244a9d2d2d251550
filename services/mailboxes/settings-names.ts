import { personalConversation } from '../conversations/record-conversation.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';

/** Names of all that the email settings name by an id: profiles, and people with a role as far as they were seen. */
export async function settingsNames(
  { store }: Pick<ServiceContext, 'store'>,
  environmentId: string,
): Promise<Record<string, string>> {
  const profiles = await listProfiles(store, environmentId);
  const people = await store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const named = await Promise.all(
    people.map(async ({ value: { aadObjectId, name } }) => {
      // Whoever never said anything may still have a chat.
      const known = name || ((await personalConversation(store, environmentId, aadObjectId))?.value.name ?? '');
      return [aadObjectId, known] as const;
    }),
  );
  return Object.fromEntries([...profiles.map(({ id, name }) => [id, name] as const), ...named]);
}
