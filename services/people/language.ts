import { hasRight, type Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { ConversationReference } from '../model/conversation.ts';
import { MailroomError } from '../model/error.ts';
import { rolesOf } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** The language that a person chose; null: none, so it is that of the client. */
export async function languageOfPerson(
  store: Store,
  environmentId: string,
  aadObjectId: string,
): Promise<string | null> {
  return (await store.get('preference', keyOf(environmentId, aadObjectId)))?.value.language ?? null;
}

/** The language that was chosen for the cards of a conversation: by its person, or by an admin where many share it. */
export async function languageOfConversation(
  store: Store,
  {
    environmentId,
    kind,
    aadObjectId,
    language,
  }: Pick<ConversationReference, 'environmentId' | 'kind' | 'aadObjectId' | 'language'>,
): Promise<string | null> {
  if (kind !== 'personal') return language;
  return aadObjectId === null ? null : languageOfPerson(store, environmentId, aadObjectId);
}

/** Keeps a person's choice; null takes it back. It concerns nobody else, so the trail does not tell of it. */
export async function chooseLanguage(
  { store }: Pick<Context, 'store'>,
  environmentId: string,
  { aadObjectId }: Pick<Actor, 'aadObjectId'>,
  language: string | null,
): Promise<void> {
  const key = keyOf(environmentId, aadObjectId);
  await retryConflict(async () => {
    const known = await store.get('preference', key);
    if ((known?.value.language ?? null) === language) return;
    await store.commit(
      [
        language === null
          ? { kind: 'delete', collection: 'preference', key }
          : {
              kind: 'put',
              collection: 'preference',
              key,
              value: { environmentId, aadObjectId, language, revision: (known?.value.revision ?? 0) + 1 },
            },
      ],
      [{ collection: 'preference', key, version: known?.version ?? 0 }],
    );
  });
}

/**
 * Sets the language of the cards that all in a conversation read; null: as its first speaker's client says.
 * @throws MailroomError `language.shared` {language} for who is no admin
 */
export async function setConversationLanguage(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  language: string | null,
): Promise<void> {
  const { store, clock } = context;
  if (!hasRight(await rolesOf(context, environmentId, actor.aadObjectId), 'manage'))
    throw new MailroomError('language.shared', { language: language ?? 'auto' });
  const key = keyOf(environmentId, conversationId);
  await retryConflict(async () => {
    const known = await store.get('conversation', key);
    if (known === undefined || known.value.language === language) return;
    const before = known.value.language;
    await store.commit(
      [
        {
          kind: 'put',
          collection: 'conversation',
          key,
          value: { ...known.value, language, revision: known.value.revision + 1 },
        },
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, clock.now(), actor, 'conversation.language-set', [conversationId], {
            language,
            'language.before': before,
          }),
        },
      ],
      [{ collection: 'conversation', key, version: known.version }],
    );
  });
}
