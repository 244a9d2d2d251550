import type { Authentication, MailboxAccess, ServerAccess } from '../exchange/exchange-port.ts';
import type { Credential, CredentialBinding } from '../model/secret-request.ts';
import type { KeyRing } from './key-ring.ts';

/** The associated data of a credential: changing host, account, scheme or owner makes the envelope unreadable. */
export function bindingText(binding: CredentialBinding): string {
  return JSON.stringify([
    binding.ownerRecord,
    binding.host.toLowerCase(),
    binding.account.toLowerCase(),
    binding.scheme,
  ]);
}

/** Host of an EWS address as a credential is bound to it, with the port. */
export function hostOf(serverLocation: string): string {
  return new URL(serverLocation).host.toLowerCase();
}

/** Access by a password; a token is no credential of ours at rest. */
export interface PasswordAccess extends ServerAccess {
  readonly authentication: Extract<Authentication, { readonly scheme: 'basic' | 'ntlm' }>;
}

/** What a password is opened for. */
export interface AccessTarget {
  readonly ownerRecord: string;
  readonly serverLocation: string;
  readonly userName: string;
  readonly scheme: CredentialBinding['scheme'];
  readonly access: MailboxAccess;
  readonly maxConnections: number;
}

/**
 * What the wire needs, with the password opened for exactly this server and account.
 * @throws MailroomError `secret.unreadable` when the credential belongs to another server, account, scheme or owner
 */
export function openAccess(keys: KeyRing, credential: Credential, target: AccessTarget): PasswordAccess {
  const binding: CredentialBinding = {
    ownerRecord: target.ownerRecord,
    host: hostOf(target.serverLocation),
    account: target.userName,
    scheme: target.scheme,
  };
  return {
    serverLocation: target.serverLocation,
    account: target.userName,
    authentication: {
      scheme: target.scheme,
      userName: target.userName,
      password: keys.open(credential.envelope, bindingText(binding)),
    },
    access: target.access,
    credentialId: credential.id,
    maxConnections: target.maxConnections,
  };
}
