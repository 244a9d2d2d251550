import { isMailroomError, type Params } from '../model/error.ts';
import type { LookupProblem } from '../model/directory-lookup.ts';
import type { Fault } from '../model/fault.ts';
import { testStatus } from '../model/mailbox.ts';
import { secretTargetOfProfile } from '../model/secret-target.ts';
import type { ServerAccess } from '../exchange/exchange-port.ts';
import { openAccess } from '../secrets/credential-access.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';

/** How the address book can be asked through a profile, or why not. */
export type DirectoryAccess =
  | {
      readonly access: ServerAccess;
      readonly asMailbox: string | null;
      /** For the sentences of a fault. */
      readonly about: Params;
      readonly problem: null;
      readonly fault: null;
    }
  | { readonly fault: Fault; readonly problem: null }
  | { readonly fault: null; readonly problem: LookupProblem };

/**
 * The address book is the same for everybody, but somebody has to ask: a mailbox of the profile that is known to work, where
 * the account may act for it, so that an account without a mailbox can ask too; else the account itself. With a token there
 * is no account, only the app.
 */
export async function directoryAccess(
  { store, keys }: Pick<ServiceContext, 'store' | 'keys'>,
  environmentId: string,
  profileId: string,
): Promise<DirectoryAccess> {
  const profile = (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  if (profile === undefined) return { fault: { code: 'EmailServerProfileNotAssociated', params: {} }, problem: null };
  if (profile.state !== 'active')
    return { fault: { code: 'InactiveEmailServerProfile', params: { profile: profile.name } }, problem: null };
  const target = secretTargetOfProfile(profile);
  const about: Params = { account: target.account, host: target.host };
  const credential = (await store.get('credential', keyOf(environmentId, profile.credentialId)))?.value;
  if (credential === undefined) return { fault: { code: 'CredentialMissing', params: about }, problem: null };
  if (credential.refused)
    return { fault: { code: 'CredentialRefused', params: { ...about, scheme: target.scheme } }, problem: null };
  const where = { profileId, status: testStatus.success };
  const [working] = profile.useImpersonation
    ? await store.query('mailbox', { prefix: keyOf(environmentId, ''), where, limit: 1 })
    : [];
  const asMailbox = working?.value.address ?? null;
  if (asMailbox === null && profile.modernAuthentication !== null) return { fault: null, problem: 'needs-mailbox' };
  try {
    const access = openAccess(keys, credential, {
      ownerRecord: keyOf(environmentId, profile.id),
      secret: target,
      serverLocation: profile.serverLocation,
      modernAuthentication: profile.modernAuthentication,
      access: profile.useImpersonation ? 'impersonation' : 'delegate',
      maxConnections: profile.maxConcurrentConnections,
    });
    return { access, asMailbox, about, fault: null, problem: null };
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable'))
      return { fault: { code: 'CredentialMissing', params: about }, problem: null };
    throw error;
  }
}
