/** The three messages of NTLM (MS-NLMP 2.2.1). */
export const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');

/** Bits of NegotiateFlags (MS-NLMP 2.2.2.5). */
export const FLAG = {
  unicode: 0x1,
  oem: 0x2,
  requestTarget: 0x4,
  sign: 0x10,
  seal: 0x20,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  targetIsDomain: 0x10000,
  extendedSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  bits128: 0x20000000,
  keyExchange: 0x40000000,
  bits56: 0x80000000,
} as const;

/** What the server grants if the client asks for it, beside what it always says. */
const GRANTED =
  FLAG.sign | FLAG.seal | FLAG.extendedSecurity | FLAG.bits128 | FLAG.keyExchange | FLAG.bits56 | FLAG.requestTarget;
const MIC_OFFSET = 72;
const MIC_LENGTH = 16;

/** 1, 2 or 3; undefined for what is no NTLM message. */
export function messageType(bytes: Buffer): number | undefined {
  if (bytes.length < 16 || !bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  return bytes.readUInt32LE(8);
}

/** The flags of a NEGOTIATE message. */
export function readNegotiate(bytes: Buffer): { readonly flags: number } {
  return { flags: bytes.readUInt32LE(12) };
}

/**
 * A CHALLENGE message. To a client that asks for nothing special its flags are 0x02818205, as on record from IIS (shared
 * facts, exchange.md §6.3): Unicode, target is a domain, target info, version.
 *
 * @param windows major, minor and build of the server's Windows
 */
export function writeChallenge(
  clientFlags: number,
  challenge: Buffer,
  target: string,
  targetInfo: Buffer,
  windows: readonly [major: number, minor: number, build: number],
): Buffer {
  const isUnicode = (clientFlags & FLAG.unicode) !== 0 || (clientFlags & FLAG.oem) === 0;
  const flags =
    (isUnicode ? FLAG.unicode : FLAG.oem) |
    FLAG.requestTarget |
    FLAG.ntlm |
    FLAG.alwaysSign |
    FLAG.targetIsDomain |
    FLAG.targetInfo |
    FLAG.version |
    (clientFlags & GRANTED);
  const targetName = Buffer.from(target, isUnicode ? 'utf16le' : 'latin1');
  const head = Buffer.alloc(56);
  SIGNATURE.copy(head);
  head.writeUInt32LE(2, 8);
  writeField(head, 12, targetName.length, 56);
  head.writeUInt32LE(flags >>> 0, 20);
  challenge.copy(head, 24);
  writeField(head, 40, targetInfo.length, 56 + targetName.length);
  const [major, minor, build] = windows;
  head.writeUInt8(major, 48);
  head.writeUInt8(minor, 49);
  head.writeUInt16LE(build, 50);
  head.writeUInt8(15, 55);
  return Buffer.concat([head, targetName, targetInfo]);
}

/** An AUTHENTICATE message, taken apart. */
export interface Authenticate {
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly ntResponse: Buffer;
  readonly sessionKey: Buffer;
  /** Undefined where the payload begins before it would have ended. */
  readonly mic: Buffer | undefined;
  /** The message as it was when the code was computed: zeros where the code stands. */
  readonly withoutMic: Buffer;
}

/** Undefined where a field points outside the message. */
export function readAuthenticate(bytes: Buffer): Authenticate | undefined {
  if (bytes.length < 64) return undefined;
  const flags = bytes.readUInt32LE(60);
  const fields = [12, 20, 28, 36, 44, 52].map((offset) => readField(bytes, offset));
  const [, ntResponse, domain, user, , sessionKey] = fields;
  if (fields.includes(undefined) || !ntResponse || !domain || !user || !sessionKey) return undefined;
  const encoding = (flags & FLAG.unicode) === 0 ? 'latin1' : 'utf16le';
  const starts = [12, 20, 28, 36, 44, 52]
    .filter((offset) => bytes.readUInt16LE(offset) > 0)
    .map((offset) => bytes.readUInt32LE(offset + 4));
  const hasMic = Math.min(...starts, bytes.length) >= MIC_OFFSET + MIC_LENGTH;
  return {
    flags,
    domain: domain.toString(encoding),
    user: user.toString(encoding),
    ntResponse,
    sessionKey,
    mic: hasMic ? bytes.subarray(MIC_OFFSET, MIC_OFFSET + MIC_LENGTH) : undefined,
    withoutMic: hasMic
      ? Buffer.concat([
          bytes.subarray(0, MIC_OFFSET),
          Buffer.alloc(MIC_LENGTH),
          bytes.subarray(MIC_OFFSET + MIC_LENGTH),
        ])
      : bytes,
  };
}

function writeField(head: Buffer, offset: number, length: number, start: number): void {
  head.writeUInt16LE(length, offset);
  head.writeUInt16LE(length, offset + 2);
  head.writeUInt32LE(start, offset + 4);
}

function readField(bytes: Buffer, offset: number): Buffer | undefined {
  const length = bytes.readUInt16LE(offset);
  const start = bytes.readUInt32LE(offset + 4);
  if (length === 0) return Buffer.alloc(0);
  return start + length > bytes.length ? undefined : bytes.subarray(start, start + length);
}
