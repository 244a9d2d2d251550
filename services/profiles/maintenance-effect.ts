import { maintenanceHostsOf, type MaintenanceEffect, type ProfileAtRest } from '../model/maintenance.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { listProfiles } from './profile-names.ts';

/** Counted at the time of the question: a server may be shared by several profiles. */
export async function maintenanceEffect(store: Store, environmentId: string, host: string): Promise<MaintenanceEffect> {
  const prefix = keyOf(environmentId, '');
  const profiles: ProfileAtRest[] = [];
  let [checks, tests] = [0, 0];
  for (const profile of await listProfiles(store, environmentId)) {
    if (!maintenanceHostsOf(profile).includes(host)) continue;
    const where = { profileId: profile.id };
    const { name, state } = profile;
    profiles.push({ name, state, mailboxes: await store.count('mailbox', { prefix, where }) });
    if (state !== 'active') continue;
    checks += await store.count('poll', { prefix, where });
    tests += await store.count('task', { prefix, where });
  }
  return { profiles, checks, tests };
}
