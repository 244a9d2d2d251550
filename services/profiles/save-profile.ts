import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { ProfileDraft } from '../model/draft.ts';
import { reduceDraft } from '../model/draft-reducer.ts';
import { MailroomError } from '../model/error.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Credential } from '../model/secret-request.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import { bindingText } from '../secrets/credential-access.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf } from '../storage/store.ts';
import { loadOwnDraft } from './answer-draft.ts';
import { commitDraftStep } from './commit-draft-step.ts';
import { isNameTaken, profileNames } from './profile-names.ts';

/** Platform default of `maxconcurrentconnections`. */
const defaultConnections = 10;

/**
 * Turns a reviewed draft into a profile: record, credential (bound anew to the profile), default, audit and the final
 * card in one commit. A second click returns the saved draft.
 * @throws MailroomError `access.denied`, `draft.*`, `profile.name-taken`
 */
export async function saveProfile(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'checkServerLocation'>,
  environmentId: string,
  actor: Actor,
  draftId: string,
  revision: number,
): Promise<{ draft: ProfileDraft; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock, keys } = context;
  return retryConflict(async () => {
    const stored = await loadOwnDraft(context, environmentId, actor, draftId);
    const draft = stored.value;
    if (draft.step !== 'review' || draft.revision !== revision) return { draft, stale: draft.step !== 'saved' };
    if (isNameTaken(await profileNames(store, environmentId), draft.values.name)) {
      throw new MailroomError('profile.name-taken', { name: draft.values.name });
    }
    const environment = await getEnvironment(store, environmentId);
    const credential =
      draft.credentialId === null ? undefined : await store.get('credential', keyOf(environmentId, draft.credentialId));
    if (credential === undefined || draft.credential !== 'confirmed') throw new MailroomError('draft.not-checked');

    const now = clock.now();
    const profileId = randomUUID();
    const profileKey = keyOf(environmentId, profileId);
    const profile: EmailServerProfile = {
      environmentId,
      id: profileId,
      name: draft.values.name,
      serverType: 2,
      serverLocation: draft.values.serverLocation,
      authenticationProtocol: 3,
      credentialRetrieval: 1,
      useImpersonation: true,
      userName: draft.values.userName,
      credentialId: credential.value.id,
      maxConcurrentConnections: defaultConnections,
      state: 'active',
      server: draft.server,
      ownerId: actor.aadObjectId,
      createdAt: now,
      createdBy: actor.aadObjectId,
      revision: 1,
    };
    const result = reduceDraft(
      draft,
      { kind: 'saved', profileId },
      { checkServerLocation: context.checkServerLocation, nameTaken: () => false },
    );
    const settings = draft.values.isDefault
      ? { ...environment.value.settings, defaultProfileId: profileId }
      : environment.value.settings;
    const saved = await commitDraftStep(
      context,
      stored,
      result,
      now,
      [
        { kind: 'put', collection: 'profile', key: profileKey, value: profile },
        {
          kind: 'put',
          collection: 'credential',
          key: credential.key,
          value: bindTo(keys, credential.value, profileKey),
        },
        // Written in any case: two admins who save the same name at once meet here, and one of them is told.
        {
          kind: 'put',
          collection: 'environment',
          key: environment.key,
          value: {
            ...environment.value,
            settings,
            revision: environment.value.revision + (draft.values.isDefault ? 1 : 0),
          },
        },
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, 'profile.created', [profileId], {
            name: profile.name,
            serverLocation: profile.serverLocation,
            userName: profile.userName,
            default: draft.values.isDefault,
          }),
        },
      ],
      [
        { collection: 'environment', key: environment.key, version: environment.version },
        { collection: 'credential', key: credential.key, version: credential.version },
      ],
    );
    return { draft: saved, stale: false };
  });
}

function bindTo(keys: ServiceContext['keys'], credential: Credential, ownerRecord: string): Credential {
  const binding = { ...credential.binding, ownerRecord };
  const secret = keys.open(credential.envelope, bindingText(credential.binding));
  return {
    ...credential,
    binding,
    envelope: keys.seal(secret, bindingText(binding)),
    revision: credential.revision + 1,
  };
}
