import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf } from '../storage/store.ts';
import { getProfile } from './profile-names.ts';

export interface TakenOver {
  readonly profile: EmailServerProfile;
  /** Name of the owner before, null where it is not known; absent: nothing was changed. */
  readonly formerOwner?: string | null;
}

/**
 * An admin becomes the owner of a profile, to the platform whoever is told of its alerts (`ownerid`). A click on a card that shows another state of the
 * profile changes nothing: somebody else may have become the owner meanwhile.
 * @throws MailroomError `access.denied`, `profile.unknown`
 */
export async function takeOverProfile(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  profileId: string,
  revision: number,
): Promise<TakenOver> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const { key, version, value } = await getProfile(store, environmentId, profileId);
    if (value.ownerId === actor.aadObjectId || value.revision !== revision) return { profile: value };
    const name = (await store.get('role', keyOf(environmentId, value.ownerId)))?.value.name ?? '';
    const formerOwner = name === '' ? null : name;
    const profile: EmailServerProfile = { ...value, ownerId: actor.aadObjectId, revision: revision + 1 };
    const details = { name: value.name, before: formerOwner ?? value.ownerId, formerOwnerId: value.ownerId };
    const entry = auditEntry(environmentId, clock.now(), actor, 'profile.taken-over', [profileId], details);
    await store.commit(
      [
        { kind: 'put', collection: 'profile', key, value: profile },
        { kind: 'append', log: 'audit', entry },
      ],
      [{ collection: 'profile', key, version }],
    );
    return { profile, formerOwner };
  });
}
