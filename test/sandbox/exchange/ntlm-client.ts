import { createHmac, randomBytes } from 'node:crypto';
import { Agent } from 'node:https';
import { md4 } from '../../../sandbox/exchange/authentication/ntlm/md4.ts';
import { rc4 } from '../../../sandbox/exchange/authentication/ntlm/rc4.ts';
import type { ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { send, type WireAnswer } from './ews-client.ts';

const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('md5', key).update(data).digest();
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** UNICODE | OEM | REQUEST_TARGET | NTLM | ALWAYS_SIGN | VERSION */
const NEGOTIATE = Buffer.from(
  '4e544c4d535350000100000007820002000000000000000000000000000000000a0063450000000f',
  'hex',
);

export interface NtlmIdentity {
  readonly domain?: string;
  readonly user?: string;
  readonly password?: string;
  /** OEM names in place of Unicode ones. */
  readonly oem?: boolean;
  /** Sends the message integrity code; `wrong` changes a bit of it. */
  readonly mic?: 'right' | 'wrong' | 'announced';
  /** With a session key of the client's own. */
  readonly keyExchange?: boolean;
  readonly channelBinding?: Buffer;
}

/** Builds the third message of NTLM for a second one, by MS-NLMP 3.1.5.1.2. */
export function authenticateMessage(negotiate: Buffer, challenge: Buffer, identity: NtlmIdentity): Buffer {
  const { domain = 'CONTOSO', user = 'svc-mailroom', password = 'Sync!Pass1', oem = false } = identity;
  const infoLength = challenge.readUInt16LE(40);
  const infoStart = challenge.readUInt32LE(44);
  const serverPairs = challenge.subarray(infoStart, infoStart + infoLength - 4);
  const pairs = [serverPairs];
  const av = (id: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  if (identity.mic) pairs.push(av(6, Buffer.from('02000000', 'hex')));
  if (identity.channelBinding) pairs.push(av(10, identity.channelBinding));
  const temp = Buffer.concat([
    Buffer.from('0101000000000000', 'hex'),
    Buffer.alloc(8),
    randomBytes(8),
    Buffer.alloc(4),
    ...pairs,
    Buffer.alloc(8),
  ]);
  const key = hmac(md4(utf16(password)), utf16(user.toUpperCase() + domain));
  const proof = hmac(key, Buffer.concat([challenge.subarray(24, 32), temp]));
  const sessionBaseKey = hmac(key, proof);
  const ownKey = identity.keyExchange === true ? randomBytes(16) : undefined;
  const encode = (text: string): Buffer => (oem ? Buffer.from(text, 'latin1') : utf16(text));
  const fields = [
    Buffer.alloc(24),
    Buffer.concat([proof, temp]),
    encode(domain),
    encode(user),
    encode('WS-01'),
    ownKey ? rc4(sessionBaseKey, ownKey) : Buffer.alloc(0),
  ];
  const headLength = identity.mic === 'announced' ? 72 : 88;
  const head = Buffer.alloc(headLength);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(3, 8);
  let start = headLength;
  // LM, NT, domain, user and workstation follow each other; the session key comes last.
  fields.forEach((field, index) => {
    head.writeUInt16LE(field.length, 12 + 8 * index);
    head.writeUInt16LE(field.length, 14 + 8 * index);
    head.writeUInt32LE(start, 16 + 8 * index);
    start += field.length;
  });
  head.writeUInt32LE(((oem ? 0x2 : 0x1) | 0x2808200 | (ownKey ? 0x40000010 : 0)) >>> 0, 60);
  const message = Buffer.concat([head, ...fields]);
  if (identity.mic === 'right' || identity.mic === 'wrong') {
    const mic = hmac(ownKey ?? sessionBaseKey, Buffer.concat([negotiate, challenge, message]));
    if (identity.mic === 'wrong') mic.writeUInt8(mic.readUInt8(0) ^ 1, 0);
    mic.copy(message, 72);
  }
  return message;
}

export interface NtlmSession {
  readonly agent: Agent;
  readonly first: WireAnswer;
  readonly challenge: Buffer;
  readonly answer: WireAnswer;
}

/** A whole handshake on one connection; the request proper goes with the third message. */
export async function signInByNtlm(
  exchange: ExchangeStandIn,
  body: string,
  identity: NtlmIdentity = {},
  options: { readonly scheme?: string; readonly agent?: Agent; readonly path?: string } = {},
): Promise<NtlmSession> {
  const { scheme = 'NTLM' } = options;
  const agent = options.agent ?? new Agent({ keepAlive: true, maxSockets: 1 });
  const path = options.path === undefined ? {} : { path: options.path };
  const post = (token: Buffer, body: string): Promise<WireAnswer> =>
    send(exchange, {
      ...path,
      body,
      agent,
      headers: { 'Content-Type': 'text/xml', Authorization: `${scheme} ${token.toString('base64')}` },
    });
  const negotiate = identity.oem === true ? Buffer.from(NEGOTIATE) : NEGOTIATE;
  if (identity.oem === true) negotiate.writeUInt32LE(0x2008206, 12);
  const first = await post(negotiate, '');
  const challenge = challengeOf(first, scheme);
  const answer = await post(authenticateMessage(negotiate, challenge, identity), body);
  return { agent, first, challenge, answer };
}

export const NEGOTIATE_MESSAGE = NEGOTIATE;

/** The second message in a 401. */
export function challengeOf(answer: WireAnswer, scheme: string): Buffer {
  const value = authenticateValues(answer).find((candidate) => candidate.startsWith(`${scheme} `));
  return Buffer.from(value?.slice(scheme.length + 1) ?? '', 'base64');
}

/** Every WWW-Authenticate in its order. */
export function authenticateValues({ rawHeaders }: WireAnswer): string[] {
  return rawHeaders.filter((_value, index) => rawHeaders[index - 1]?.toLowerCase() === 'www-authenticate');
}
