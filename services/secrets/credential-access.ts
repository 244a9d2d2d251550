import type { Authentication, MailboxAccess, PasswordAuthentication, ServerAccess } from '../exchange/exchange-port.ts';
import { MailroomError } from '../model/error.ts';
import type { ModernAuthentication } from '../model/modern-authentication.ts';
import type { Credential, CredentialBinding } from '../model/secret-request.ts';
import { hostOf, hostsOf, type SecretTarget } from '../model/secret-target.ts';
import type { KeyRing } from './key-ring.ts';
import type { Secret } from './secret.ts';

/**
 * The associated data of a credential: changing its owner or anything of its target makes the envelope unreadable. Without
 * parties it is the text of before there were any, so that secrets from then still open.
 */
export function bindingText({ ownerRecord, host, account, scheme, parties }: CredentialBinding): string {
  return JSON.stringify([ownerRecord, host.toLowerCase(), account.toLowerCase(), scheme, ...parties]);
}

/**
 * The secret, opened for exactly this owner and target.
 * @throws MailroomError `secret.unreadable` when it belongs to another, or its key is gone
 */
export function openSecret(keys: KeyRing, credential: Credential, ownerRecord: string, target: SecretTarget): Secret {
  return keys.open(credential.envelope, bindingText({ ...target, ownerRecord }));
}

/** What a secret is opened for. */
export interface AccessTarget {
  readonly ownerRecord: string;
  readonly secret: SecretTarget;
  /** Of the server for incoming, or of that for outgoing. */
  readonly serverLocation: string;
  /** Of a profile with OAuth. */
  readonly modernAuthentication: ModernAuthentication | null;
  readonly access: MailboxAccess;
  readonly maxConnections: number;
  readonly timeoutMs?: number;
}

/**
 * What the wire needs, with the secret opened for exactly this server and account.
 * @throws MailroomError `secret.unreadable` when the credential belongs to another server, account, scheme or owner, or the
 * address is not that of a server of the secret's
 */
export function openAccess(keys: KeyRing, credential: Credential, target: AccessTarget): ServerAccess {
  const { serverLocation, access, maxConnections, timeoutMs, secret } = target;
  // Whoever gives both takes them from one record; were they ever to differ, the secret would go to the address.
  if (!hostsOf(secret).some((host) => host.toLowerCase() === hostOf(serverLocation)))
    throw new MailroomError('secret.unreadable', { reason: 'host' });
  return {
    serverLocation,
    account: secret.account,
    authentication: authenticationOf(target, openSecret(keys, credential, target.ownerRecord, secret)),
    access,
    credentialId: credential.id,
    maxConnections,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** How a password signs in. */
export function passwordAuthentication({ scheme, account }: SecretTarget, password: Secret): PasswordAuthentication {
  // A certificate or a vault's client secret is never sent to Exchange.
  if (scheme !== 'basic' && scheme !== 'ntlm') throw new MailroomError('secret.unreadable', { reason: 'scheme' });
  return { scheme, userName: account, password };
}

function authenticationOf({ modernAuthentication: app, secret: target }: AccessTarget, secret: Secret): Authentication {
  if (app === null) return passwordAuthentication(target, secret);
  // A password is never sent to a token endpoint or a vault.
  const scheme = app.certificate.source === 'file' ? 'certificate' : 'key-vault';
  if (target.scheme !== scheme) throw new MailroomError('secret.unreadable', { reason: 'scheme' });
  return { scheme: 'oauth', app, secret };
}
