import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { draftLifetimeMs, type ProfileDraft } from '../model/draft.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';
import { profileNames } from './profile-names.ts';

/**
 * Starts the guided creation of a profile in a conversation, or goes on with the one that this person left there.
 * Its card is posted as the newest message.
 * @throws MailroomError `access.denied`
 */
export async function startDraft(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  conversationId: string,
): Promise<{ draft: ProfileDraft; resumed: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  const now = clock.now();
  const open = await findOpenDraft(store, environmentId, actor.aadObjectId, conversationId, now);
  if (open !== undefined) {
    await store.commit([intentChange(environmentId, 'draft', open.id, conversationId, now, 'repost')]);
    return { draft: open, resumed: true };
  }
  const draft: ProfileDraft = {
    environmentId,
    id: randomUUID(),
    ownerId: actor.aadObjectId,
    ownerName: actor.name,
    ownerTenantId: actor.tenantId,
    conversationId,
    step: 'details',
    // The first profile of an environment is its default, unless the admin says otherwise.
    values: {
      name: '',
      isDefault: (await profileNames(store, environmentId)).length === 0,
      serverLocation: '',
      userName: '',
      probeAddress: '',
    },
    errors: {},
    secretRequestId: null,
    credential: 'none',
    credentialId: null,
    checks: [],
    server: null,
    profileId: null,
    createdAt: now,
    expiresAt: now + draftLifetimeMs,
    revision: 1,
  };
  const key = keyOf(environmentId, draft.id);
  await store.commit(
    [
      { kind: 'put', collection: 'draft', key, value: draft },
      intentChange(environmentId, 'draft', draft.id, conversationId, now, 'repost'),
    ],
    [{ collection: 'draft', key, version: 0 }],
  );
  return { draft, resumed: false };
}

/** The unfinished draft of a person in a conversation. */
export async function findOpenDraft(
  store: ServiceContext['store'],
  environmentId: string,
  ownerId: string,
  conversationId: string,
  now: number,
): Promise<ProfileDraft | undefined> {
  const drafts = await store.query('draft', {
    prefix: keyOf(environmentId, ''),
    where: { ownerId, conversationId, step: ['details', 'credential', 'checking', 'review'] },
    limit: 10,
  });
  return drafts.map((stored) => stored.value).find((draft) => draft.expiresAt > now);
}
