import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { MailroomError } from '../model/error.ts';
import type { SecretEnvelope } from '../model/secret-request.ts';
import { Secret } from './secret.ts';

const authTagLength = 16;

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys of MAILROOM_KEY: the first one encrypts, all of them decrypt. */
export interface KeyRing {
  /** Id of the key that encrypts, as envelopes name it. */
  readonly newestId: string;
  /** AES-256-GCM. `binding` is the associated data: the envelope opens only with exactly the same. */
  seal(secret: Secret, binding: string): SecretEnvelope;
  /** @throws MailroomError `secret.unreadable` when the key is gone or the binding differs */
  open(envelope: SecretEnvelope, binding: string): Secret;
  /** Keyed hash for values that must be recomputed but not guessed, base64url. */
  derive(purpose: string, text: string): string;
}

/**
 * Builds the ring from base64 keys of 32 bytes, newest first.
 * @throws MailroomError `config.key-invalid`
 */
export function createKeyRing(base64Keys: readonly string[]): KeyRing {
  const keys = base64Keys.map((text): Key => {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== 32) throw new MailroomError('config.key-invalid');
    return { id: createHash('sha256').update('mailroom key id').update(bytes).digest('hex').slice(0, 12), bytes };
  });
  const newest = keys[0];
  if (newest === undefined) throw new MailroomError('config.key-invalid');

  return {
    newestId: newest.id,
    seal(secret, binding) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', newest.bytes, iv).setAAD(Buffer.from(binding));
      const data = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return {
        keyId: newest.id,
        iv: iv.toString('base64'),
        data: data.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
      };
    },
    open(envelope, binding) {
      const key = keys.find((candidate) => candidate.id === envelope.keyId);
      if (key === undefined) throw new MailroomError('secret.unreadable', { reason: 'key' });
      try {
        // Without a fixed length Node takes a tag cut to four bytes as well, which is quickly guessed.
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(envelope.iv, 'base64'), {
          authTagLength,
        })
          .setAAD(Buffer.from(binding))
          .setAuthTag(Buffer.from(envelope.tag, 'base64'));
        return new Secret(
          Buffer.concat([decipher.update(Buffer.from(envelope.data, 'base64')), decipher.final()]).toString('utf8'),
        );
      } catch (error) {
        throw new MailroomError('secret.unreadable', { reason: 'binding' }, error);
      }
    },
    derive(purpose, text) {
      return createHmac('sha256', newest.bytes).update(`${purpose}\n${text}`).digest('base64url');
    },
  };
}
