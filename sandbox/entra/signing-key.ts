import { createHash, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface PublicJwk {
  kty: 'RSA';
  use: 'sig';
  kid: string;
  x5t: string;
  n: string;
  e: string;
  endorsements?: string[];
}

/** One RSA key pair with the identity under which a key set publishes it. */
export interface SigningKey {
  kid: string;
  x5t: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** For a JWK set. `endorsements` names the channels that may use the key; the Bot Framework checks it against `channelId`. */
  jwk(endorsements?: readonly string[]): PublicJwk;
}

/** `kid` is derived from the key, as Entra does (there kid and x5t are the same thumbprint). */
export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n, e } = publicKey.export({ format: 'jwk' });
  if (typeof n !== 'string' || typeof e !== 'string') throw new Error('an RSA key exports n and e');
  const kid = createHash('sha1')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url');
  return {
    kid,
    x5t: kid,
    privateKey,
    publicKey,
    jwk: (endorsements) => ({
      kty: 'RSA',
      use: 'sig',
      kid,
      x5t: kid,
      n,
      e,
      ...(endorsements === undefined ? {} : { endorsements: [...endorsements] }),
    }),
  };
}
