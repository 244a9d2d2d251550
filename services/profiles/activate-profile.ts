import type { Actor } from '../model/access.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { changeProfileState } from './change-profile-state.ts';
import { getProfile } from './profile-names.ts';

/**
 * Its enabled mailboxes are checked again when their next check is due, and tests that were left out meanwhile of mailboxes
 * that worked come to their turn (`jobs/waker.ts`).
 * @throws MailroomError `access.denied`, `profile.unknown`
 */
export async function activateProfile(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  profileId: string,
): Promise<EmailServerProfile> {
  await requireRight(context, environmentId, actor, 'manage');
  return retryConflict(async () =>
    changeProfileState(context, actor, await getProfile(context.store, environmentId, profileId), 'active'),
  );
}
