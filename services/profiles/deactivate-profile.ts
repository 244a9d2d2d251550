import type { Actor } from '../model/access.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { changeProfileState } from './change-profile-state.ts';
import { profileEffect } from './profile-effect.ts';
import { getProfile } from './profile-names.ts';

/**
 * No mailbox of it is checked or tested any more, and none is disabled for it. `revision`: of the profile that was
 * asked about; another one changes nothing (`stale`), so that nobody switches off what they have not seen.
 * @throws MailroomError `access.denied`, `profile.unknown`
 */
export async function deactivateProfile(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  profileId: string,
  revision: number,
): Promise<{ profile: EmailServerProfile; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  return retryConflict(async () => {
    const stored = await getProfile(context.store, environmentId, profileId);
    const { value } = stored;
    if (value.state === 'inactive') return { profile: value, stale: false };
    if (value.revision !== revision) return { profile: value, stale: true };
    const { mailboxes } = await profileEffect(context.store, environmentId, profileId);
    return { profile: await changeProfileState(context, actor, stored, 'inactive', { mailboxes }), stale: false };
  });
}
