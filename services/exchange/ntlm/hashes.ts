import { createHmac } from 'node:crypto';
import { upperCase, type NtlmName } from './account-name.ts';
import { md4 } from './md4.ts';

const hmacMd5 = (key: Buffer, ...parts: readonly Uint8Array[]): Buffer => {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/** NTOWFv2 (MS-NLMP §3.3.2): the only use of the password; the rest works with this key. */
export function ntowfV2({ domain, user }: NtlmName, password: string): Buffer {
  return hmacMd5(md4(Buffer.from(password, 'utf16le')), Buffer.from(upperCase(user) + domain, 'utf16le'));
}

export interface ResponseInput {
  readonly key: Buffer;
  /** 8 bytes of the server. */
  readonly serverChallenge: Buffer;
  /** 8 bytes of ours, random. */
  readonly clientChallenge: Buffer;
  /** FILETIME: 100 ns since 1601, the server's when it sent one. */
  readonly time: bigint;
  /** The AV pairs that are sent back, as bytes. */
  readonly targetInfo: Buffer;
}

export interface NtlmV2Response {
  /** NtChallengeResponse. */
  readonly nt: Buffer;
  /** Key of the MIC, since no key exchange is negotiated. */
  readonly sessionBaseKey: Buffer;
}

/** ComputeResponse (MS-NLMP §3.3.2). */
export function ntlmV2Response(input: ResponseInput): NtlmV2Response {
  const { key, serverChallenge, clientChallenge, time, targetInfo } = input;
  const head = Buffer.alloc(28);
  head.writeUInt8(1, 0);
  head.writeUInt8(1, 1);
  head.writeBigUInt64LE(time, 8);
  clientChallenge.copy(head, 16);
  const temp = Buffer.concat([head, targetInfo, Buffer.alloc(4)]);
  const proof = hmacMd5(key, serverChallenge, temp);
  return { nt: Buffer.concat([proof, temp]), sessionBaseKey: hmacMd5(key, proof) };
}

/** LMv2, for servers that send no timestamp; with one the field is zeros (MS-NLMP §3.1.5.1.2). */
export function lmV2Response({ key, serverChallenge, clientChallenge }: ResponseInput): Buffer {
  return Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]);
}

/** The integrity code over all three messages, so that nobody in between changes what was negotiated. */
export function messageIntegrityCode(sessionKey: Buffer, messages: readonly Buffer[]): Buffer {
  return hmacMd5(sessionKey, ...messages);
}
