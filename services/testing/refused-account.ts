import { accountCauseIdOf } from '../model/alert.ts';
import type { Fault } from '../model/fault.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { untestedOutcome } from '../model/run.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * Exchange refused the stored secret of the profile, so nothing signs in with it until there is another one (DESIGN, law 6):
 * its mailboxes wait, and none of them is tested.
 */
export async function isAccountRefused(
  store: Store,
  { environmentId, credentialId }: Pick<EmailServerProfile, 'environmentId' | 'credentialId'>,
): Promise<boolean> {
  return (await store.get('credential', keyOf(environmentId, credentialId)))?.value.refused === true;
}

/** Profiles of which that is so: their mailboxes would fail without Exchange having been asked. */
export async function refusedProfiles(store: Store, environmentId: string): Promise<ReadonlySet<string>> {
  const profiles = await store.query('profile', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const refused = new Set<string>();
  for (const { value } of profiles) if (await isAccountRefused(store, value)) refused.add(value.id);
  return refused;
}

/** Tells the projector that the secret of a profile was refused, or replaced: whom that hits is counted anew. */
export function accountTrigger(
  { environmentId, id }: Pick<EmailServerProfile, 'environmentId' | 'id'>,
  now: number,
  fault: Fault = { code: 'CredentialRefused', params: {} },
): Change {
  const value = untestedOutcome({
    environmentId,
    runId: null,
    mailboxId: '',
    profileId: id,
    at: now,
    causes: [{ causeId: accountCauseIdOf(id), fault }],
  });
  return { kind: 'put', collection: 'outcome', key: keyOf(environmentId, 'account', id, String(now)), value };
}
