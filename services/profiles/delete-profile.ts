import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { Environment } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { accountTrigger } from '../testing/refused-account.ts';
import { outageWithoutProfile } from '../testing/server-outage.ts';
import type { AlsoCommitted } from '../testing/start-run.ts';
import { getProfile } from './profile-names.ts';

/**
 * Destroys a profile that no mailbox uses, with its secret, and clears the default where it was that. Whoever gives the
 * profile to a mailbox at this moment makes the commit fail (`holdProfile`), and it is counted again. `revision`: as for
 * `deactivateProfile`.
 * @throws MailroomError `access.denied`, `profile.unknown`, `profile.in-use` {name, count}
 */
export async function deleteProfile(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  profileId: string,
  revision: number,
): Promise<{ profile: EmailServerProfile; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const environment = await getEnvironment(store, environmentId);
    const { key, version, value } = await getProfile(store, environmentId, profileId);
    if (value.revision !== revision) return { profile: value, stale: true };
    const count = await store.count('mailbox', { prefix: keyOf(environmentId, ''), where: { profileId } });
    if (count > 0) throw new MailroomError('profile.in-use', { name: value.name, count });
    const now = clock.now();
    const { settings } = environment.value;
    const wasDefault = settings.defaultProfileId === profileId;
    // Changed in any case: an import that has read the settings starts over, and a proposal that names this profile is void.
    const changed: Environment = {
      ...environment.value,
      settings: wasDefault ? { ...settings, defaultProfileId: null } : settings,
      revision: environment.value.revision + 1,
    };
    const { name, serverLocation, outgoingServerLocation: outgoing, userName } = value;
    const details = {
      name,
      serverLocation,
      ...(outgoing === null ? {} : { outgoingServerLocation: outgoing }),
      userName,
      default: wasDefault,
    };
    const polls = await pollsWithoutProfile(store, environmentId, profileId);
    const outage = await outageWithoutProfile(store, value, now);
    await store.commit(
      [
        { kind: 'delete', collection: 'profile', key },
        { kind: 'delete', collection: 'credential', key: keyOf(environmentId, value.credentialId) },
        { kind: 'put', collection: 'environment', key: environment.key, value: changed },
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, 'profile.deleted', [profileId], details),
        },
        ...polls.changes,
        ...outage.changes,
        accountTrigger(value, now),
      ],
      [
        { collection: 'profile', key, version },
        { collection: 'environment', key: environment.key, version: environment.version },
        ...polls.expected,
        ...outage.expected,
      ],
    );
    return { profile: value, stale: false };
  });
}

/** Rows of mailboxes that have left the profile since their last check: they are another's, or nobody's. */
async function pollsWithoutProfile(store: Store, environmentId: string, profileId: string): Promise<AlsoCommitted> {
  const rows = await store.query('poll', { prefix: keyOf(environmentId, ''), where: { profileId }, limit: 100_000 });
  const changes = await Promise.all(
    rows.map(async ({ key, value }): Promise<AlsoCommitted['changes'][number]> => {
      const mailbox = (await store.get('mailbox', keyOf(environmentId, value.mailboxId)))?.value;
      const heir = mailbox?.incoming.enabled === true ? mailbox.profileId : null;
      return heir === null
        ? { kind: 'delete', collection: 'poll', key }
        : { kind: 'put', collection: 'poll', key, value: { ...value, profileId: heir } };
    }),
  );
  return { changes, expected: rows.map(({ key, version }) => ({ collection: 'poll', key, version })) };
}
