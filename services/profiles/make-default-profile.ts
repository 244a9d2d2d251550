import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { Environment } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { getProfile } from './profile-names.ts';

/**
 * New mailboxes get this profile from now on; those that are there keep theirs. Of two who do this at once, the later one
 * stands, and both are in the trail.
 * @throws MailroomError `access.denied`, `profile.unknown`, `profile.inactive` {name}
 */
export async function makeDefaultProfile(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  profileId: string,
): Promise<EmailServerProfile> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const environment = await getEnvironment(store, environmentId);
    const { key, version, value } = await getProfile(store, environmentId, profileId);
    const { settings, revision } = environment.value;
    if (settings.defaultProfileId === profileId) return value;
    if (value.state === 'inactive') throw new MailroomError('profile.inactive', { name: value.name });
    const changed: Environment = {
      ...environment.value,
      settings: { ...settings, defaultProfileId: profileId },
      revision: revision + 1,
    };
    const details = { name: value.name, default: profileId, 'default.before': settings.defaultProfileId };
    const entry = auditEntry(environmentId, clock.now(), actor, 'profile.made-default', [profileId], details);
    await store.commit(
      [
        { kind: 'put', collection: 'environment', key: environment.key, value: changed },
        { kind: 'append', log: 'audit', entry },
      ],
      [
        { collection: 'environment', key: environment.key, version: environment.version },
        { collection: 'profile', key, version },
      ],
    );
    return value;
  });
}
