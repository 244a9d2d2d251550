import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Change, Stored } from '../storage/store.ts';

/** Writes the new state of a profile with its audit entry; nothing where it is so already. */
export async function changeProfileState(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  actor: Actor,
  { key, version, value }: Stored<EmailServerProfile>,
  state: EmailServerProfile['state'],
  details: Readonly<Record<string, number>> = {},
): Promise<EmailServerProfile> {
  if (value.state === state) return value;
  const profile: EmailServerProfile = { ...value, state, revision: value.revision + 1 };
  const kind = state === 'active' ? 'profile.activated' : 'profile.deactivated';
  const entry = auditEntry(value.environmentId, clock.now(), actor, kind, [value.id], { name: value.name, ...details });
  const changes: Change[] = [
    { kind: 'put', collection: 'profile', key, value: profile },
    { kind: 'append', log: 'audit', entry },
  ];
  await store.commit(changes, [{ collection: 'profile', key, version }]);
  return profile;
}
