import { createHash, createHmac, timingSafeEqual, X509Certificate } from 'node:crypto';
import { AV, HAS_MIC, readAvPairs, unicode } from './av-pairs.ts';
import { md4 } from './md4.ts';
import { FLAG, type Authenticate } from './messages.ts';
import { rc4 } from './rc4.ts';

const hmac = (key: Buffer, ...parts: readonly Buffer[]): Buffer => {
  const code = createHmac('md5', key);
  for (const part of parts) code.update(part);
  return code.digest();
};

/** NTOWFv2 (MS-NLMP 3.3.2). The user goes in capitals, the domain as the client wrote it. */
export function ntlmV2Key(password: string, user: string, domain: string): Buffer {
  return hmac(md4(unicode(password)), unicode(user.toUpperCase() + domain));
}

/** The client's NTLMv2 answer to a challenge: 16 bytes of proof, then what was proven. */
export interface ClientAnswer {
  readonly proof: Buffer;
  readonly blob: Buffer;
  readonly pairs: ReadonlyMap<number, Buffer>;
}

/** Undefined for what is no NTLMv2 answer: NTLMv1 has exactly 24 bytes, and an anonymous client none. */
export function readClientAnswer(ntResponse: Buffer): ClientAnswer | undefined {
  // Proof 16, then version, reserved, timestamp, client challenge and reserved: 28, then AV pairs.
  if (ntResponse.length < 16 + 28 + 4 || ntResponse[16] !== 1) return undefined;
  const blob = ntResponse.subarray(16);
  const pairs = readAvPairs(blob.subarray(28));
  return pairs && { proof: ntResponse.subarray(0, 16), blob, pairs };
}

/** The session base key if the password is the one the client used, else undefined. */
export function verifyAnswer(answer: ClientAnswer, challenge: Buffer, key: Buffer): Buffer | undefined {
  const proof = hmac(key, challenge, answer.blob);
  return timingSafeEqual(proof, answer.proof) ? hmac(key, proof) : undefined;
}

/** True where the client says it sent a message integrity code. */
export function announcesMic({ pairs }: ClientAnswer): boolean {
  const flags = pairs.get(AV.flags);
  return flags?.length === 4 && (flags.readUInt32LE() & HAS_MIC) !== 0;
}

/** Checks the code over all three messages (MS-NLMP 3.1.5.1.2). */
export function verifyMic(
  authenticate: Authenticate,
  negotiate: Buffer,
  challenge: Buffer,
  sessionBaseKey: Buffer,
): boolean {
  const { flags, mic, sessionKey, withoutMic } = authenticate;
  if (!mic) return false;
  const exchanged = (flags & FLAG.keyExchange) !== 0 && (flags & (FLAG.sign | FLAG.seal | FLAG.alwaysSign)) !== 0;
  const exportedKey = exchanged && sessionKey.length === 16 ? rc4(sessionBaseKey, sessionKey) : sessionBaseKey;
  return timingSafeEqual(hmac(exportedKey, negotiate, challenge, withoutMic), mic);
}

/** The value of MsvAvChannelBindings for a certificate: `tls-server-end-point` of RFC 5929, as MS-NLMP 3.1.5.1.2 hashes it. */
export function channelBinding(certificatePem: string): Buffer {
  const certificate = new X509Certificate(certificatePem);
  const data = Buffer.concat([
    Buffer.from('tls-server-end-point:'),
    createHash(endPointHash(certificate.signatureAlgorithm)).update(certificate.raw).digest(),
  ]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

/** The hash of the certificate's signature; SHA-256 in place of MD5 and SHA-1. */
function endPointHash(signatureAlgorithm: string | undefined): string {
  const name = signatureAlgorithm?.toLowerCase() ?? '';
  if (name.includes('sha384')) return 'sha384';
  return name.includes('sha512') ? 'sha512' : 'sha256';
}
