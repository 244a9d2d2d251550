import type { Credential, CredentialBinding } from '../model/secret-request.ts';
import { bindingText } from './credential-access.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * The same secret bound anew: from a draft to its profile, or from a search to the server that the admin accepted. What it
 * was bound to before opens it no more.
 * @throws MailroomError `secret.unreadable`
 */
export function rebindCredential(keys: KeyRing, credential: Credential, binding: CredentialBinding): Credential {
  const secret = keys.open(credential.envelope, bindingText(credential.binding));
  return {
    ...credential,
    binding,
    envelope: keys.seal(secret, bindingText(binding)),
    revision: credential.revision + 1,
  };
}
