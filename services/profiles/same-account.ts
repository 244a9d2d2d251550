import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { mostShared, type ProfileDraft } from '../model/draft.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Credential } from '../model/secret-request.ts';
import { isSameTarget, secretTargetOfDraft, secretTargetOfProfile } from '../model/secret-target.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { rebindCredential } from '../secrets/rebind-credential.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { accountTrigger } from '../testing/refused-account.ts';
import type { AlsoCommitted } from '../testing/start-run.ts';

/**
 * The other profiles that sign in as the changed one does: same server, account and scheme, and with a token the same
 * parties. A new secret for the one is the new secret for them. By key; none for a draft that creates a profile.
 */
export async function profilesOfSameAccount(store: Store, draft: ProfileDraft): Promise<Stored<EmailServerProfile>[]> {
  if (draft.editsProfileId === null) return [];
  const target = secretTargetOfDraft(draft.values);
  const all = await store.query('profile', { prefix: keyOf(draft.environmentId, ''), limit: 1000 });
  return all
    .filter(({ value }) => value.id !== draft.editsProfileId && isSameTarget(secretTargetOfProfile(value), target))
    .slice(0, mostShared);
}

/**
 * Gives the secret of a saved profile to others of the same account: sealed anew for each, so that none can be opened with
 * the record of another. What they had before is destroyed.
 * @throws MailroomError `secret.unreadable`
 */
export function shareSecret(
  keys: KeyRing,
  credential: Credential,
  from: Pick<EmailServerProfile, 'id' | 'name'>,
  profiles: readonly Stored<EmailServerProfile>[],
  actor: Actor,
  now: number,
): AlsoCommitted {
  return {
    changes: profiles.flatMap(({ key, value }): Change[] => {
      const { environmentId, id, name, revision } = value;
      const binding = { ...secretTargetOfProfile(value), ownerRecord: key };
      const own: Credential = { ...rebindCredential(keys, credential, binding), id: randomUUID(), revision: 1 };
      const { host, account } = binding;
      const details = { name, host, account, copyOf: from.id, of: from.name };
      return [
        { kind: 'put', collection: 'credential', key: keyOf(environmentId, own.id), value: own },
        { kind: 'put', collection: 'profile', key, value: { ...value, credentialId: own.id, revision: revision + 1 } },
        { kind: 'delete', collection: 'credential', key: keyOf(environmentId, value.credentialId) },
        accountTrigger(value, now),
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, 'credential.shared', [id], details),
        },
      ];
    }),
    expected: profiles.map(({ key, version }) => ({ collection: 'profile', key, version })),
  };
}
