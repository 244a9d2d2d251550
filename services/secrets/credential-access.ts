import type { ServerAccess } from '../exchange/exchange-port.ts';
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

/**
 * What the wire needs, with the password opened for exactly this server and account.
 * @throws MailroomError `secret.unreadable` when the credential belongs to another server, account or owner
 */
export function openAccess(
  keys: KeyRing,
  credential: Credential,
  target: { ownerRecord: string; serverLocation: string; userName: string; maxConnections: number },
): ServerAccess {
  const binding: CredentialBinding = {
    ownerRecord: target.ownerRecord,
    host: hostOf(target.serverLocation),
    account: target.userName,
    scheme: 'basic',
  };
  return {
    serverLocation: target.serverLocation,
    userName: target.userName,
    password: keys.open(credential.envelope, bindingText(binding)),
    credentialId: credential.id,
    maxConnections: target.maxConnections,
  };
}
