import { randomBytes } from 'node:crypto';
import type { NtlmName } from './account-name.ts';
import { lmV2Response, messageIntegrityCode, ntlmV2Response, ntowfV2, type ResponseInput } from './hashes.ts';
import { answerTargetInfo, avId, readTargetInfo, writeTargetInfo } from './target-info.ts';

/** The three messages of NTLM (MS-NLMP §2.2.1), NTLMv2 only. */

const signature = Buffer.from('NTLMSSP\0', 'latin1');

/** NegotiateFlags (MS-NLMP §2.2.2.5). No signing, no key exchange: TLS protects the channel, and HTTP uses neither. */
const flag = {
  unicode: 0x1,
  requestTarget: 0x4,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  extendedSessionSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  key128: 0x20000000,
  key56: 0x80000000,
} as const;

const wanted = Object.values(flag).reduce((sum, each) => (sum | each) >>> 0, 0);

/** Windows 10, NTLM revision 15 (MS-NLMP §2.2.2.10); servers write it into a log and nowhere else. */
const version = Buffer.from([10, 0, 0, 0, 0, 0, 0, 15]);

/** What domain controllers show as the workstation of a sign-in, so that an admin finds Mailroom in the event log. */
const workstation = 'MAILROOM';

/** Type 1: says only what Mailroom can do; neither name nor domain is in it, so every alphabet is safe. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40);
  signature.copy(message, 0);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(wanted, 12);
  // Empty domain and workstation, both pointing behind the message.
  message.writeUInt32LE(40, 20);
  message.writeUInt32LE(40, 28);
  version.copy(message, 32);
  return message;
}

/** Type 2, as far as NTLMv2 needs it. */
export interface Challenge {
  readonly message: Buffer;
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: Buffer;
}

/** Real ones have some hundred bytes. It is sent back inside of a field whose length has 16 bits. */
const maxTargetInfo = 16 * 1024;

/** Null for anything that is not a challenge: cut off, another message, fields that point outside. */
export function readChallenge(message: Buffer): Challenge | null {
  if (message.length < 32 || !message.subarray(0, 8).equals(signature) || message.readUInt32LE(8) !== 2) return null;
  const flags = message.readUInt32LE(20);
  const targetInfo = message.length >= 48 ? field(message, 40) : Buffer.alloc(0);
  if (targetInfo === null || targetInfo.length > maxTargetInfo || (flags & flag.unicode) === 0) return null;
  return { message, flags, serverChallenge: message.subarray(24, 32), targetInfo };
}

function field(message: Buffer, at: number): Buffer | null {
  const length = message.readUInt16LE(at);
  const offset = message.readUInt32LE(at + 4);
  if (length === 0) return Buffer.alloc(0);
  return offset + length <= message.length ? message.subarray(offset, offset + length) : null;
}

export interface AuthenticateOptions {
  readonly negotiate: Buffer;
  readonly challenge: Challenge;
  readonly name: NtlmName;
  readonly password: string;
  /** Host that is spoken to, for the service principal name. */
  readonly host: string;
  readonly channelBinding: Buffer;
  readonly nowMs: number;
  /** 8 bytes; random unless a test says so. */
  readonly clientChallenge?: Buffer;
}

/** Type 3. With a MIC exactly when the server gave a timestamp (MS-NLMP §3.1.5.1.2). */
export function authenticateMessage(options: AuthenticateOptions): Buffer {
  const { negotiate, challenge, name, password, host, channelBinding, nowMs } = options;
  const pairs = readTargetInfo(challenge.targetInfo);
  const timestamp = pairs.find(({ id, value }) => id === avId.timestamp && value.length === 8)?.value;
  const hasMic = timestamp !== undefined;
  const answer = answerTargetInfo(pairs, { channelBinding, targetName: `HTTP/${host}`, hasMic });
  const input: ResponseInput = {
    key: ntowfV2(name, password),
    serverChallenge: challenge.serverChallenge,
    clientChallenge: options.clientChallenge ?? randomBytes(8),
    time: timestamp?.readBigUInt64LE(0) ?? fileTime(nowMs),
    // Four zero bytes behind the pairs are part of the response itself (hashes.ts), not of the list.
    targetInfo: writeTargetInfo(answer),
  };
  const { nt, sessionBaseKey } = ntlmV2Response(input);
  const lm = hasMic ? Buffer.alloc(24) : lmV2Response(input);
  const message = layOut(challenge.flags & wanted, lm, nt, name);
  if (hasMic) messageIntegrityCode(sessionBaseKey, [negotiate, challenge.message, message]).copy(message, micOffset);
  return message;
}

const micOffset = 72;
const headLength = 88;

/** Head, version, room for the MIC, and the fields in the order of Windows. */
function layOut(flags: number, lm: Buffer, nt: Buffer, { domain, user }: NtlmName): Buffer {
  const head = Buffer.alloc(headLength);
  signature.copy(head, 0);
  head.writeUInt32LE(3, 8);
  const payload: Buffer[] = [];
  let offset = headLength;
  const place = (at: number, value: Buffer): void => {
    head.writeUInt16LE(value.length, at);
    head.writeUInt16LE(value.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
    payload.push(value);
    offset += value.length;
  };
  place(28, Buffer.from(domain, 'utf16le'));
  place(36, Buffer.from(user, 'utf16le'));
  place(44, Buffer.from(workstation, 'utf16le'));
  place(12, lm);
  place(20, nt);
  place(52, Buffer.alloc(0));
  head.writeUInt32LE(flags >>> 0, 60);
  if ((flags & flag.version) !== 0) version.copy(head, 64);
  return Buffer.concat([head, ...payload]);
}

/** 100 ns since 1601-01-01. */
function fileTime(nowMs: number): bigint {
  return (BigInt(Math.floor(nowMs)) + 11_644_473_600_000n) * 10_000n;
}
