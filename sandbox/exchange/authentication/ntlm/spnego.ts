import { SIGNATURE } from './messages.ts';

/** The object identifiers a client and a server name mechanisms by, in DER. */
const SPNEGO = Buffer.from('06062b0601050502', 'hex');
const NTLMSSP = Buffer.from('060a2b06010401823702020a', 'hex');

/** What a Negotiate token of a client holds. */
export interface NegotiateToken {
  /** Undefined where the client first offers another mechanism, such as Kerberos. */
  readonly ntlm: Buffer | undefined;
  /** False for a bare NTLM message, which Windows takes under Negotiate too. */
  readonly isWrapped: boolean;
}

/** Reads NegTokenInit and NegTokenResp (RFC 4178 4.2) as far as the mechanism token; undefined for what is neither. */
export function readNegotiateToken(bytes: Buffer): NegotiateToken | undefined {
  if (bytes.subarray(0, 8).equals(SIGNATURE)) return { ntlm: bytes, isWrapped: false };
  const outer = readElement(bytes);
  if (!outer) return undefined;
  let fields: readonly Element[] | undefined;
  if (outer.tag === 0x60) {
    const [mechanism, choice] = readElements(outer.content);
    if (!mechanism || !choice || !mechanism.whole.equals(SPNEGO) || choice.tag !== 0xa0) return undefined;
    fields = readElements(readElement(choice.content)?.content ?? Buffer.alloc(0));
  } else if (outer.tag === 0xa1) {
    fields = readElements(readElement(outer.content)?.content ?? Buffer.alloc(0));
  }
  if (!fields) return undefined;
  const token = fields.find(({ tag }) => tag === 0xa2);
  const inner = token && readElement(token.content)?.content;
  return { ntlm: inner?.subarray(0, 8).equals(SIGNATURE) === true ? inner : undefined, isWrapped: true };
}

/** NegTokenResp `accept-incomplete`, with NTLM as the mechanism; without a token it asks the client to begin NTLM. */
export function writeNegotiateChallenge(ntlm: Buffer | undefined): Buffer {
  return writeResponse(
    write(0xa0, write(0x0a, Buffer.of(1))),
    write(0xa1, NTLMSSP),
    ntlm ? write(0xa2, write(0x04, ntlm)) : Buffer.alloc(0),
  );
}

/** NegTokenResp `accept-completed`. */
export function writeNegotiateDone(): Buffer {
  return writeResponse(write(0xa0, write(0x0a, Buffer.of(0))));
}

function writeResponse(...fields: readonly Buffer[]): Buffer {
  return write(0xa1, write(0x30, Buffer.concat(fields)));
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

function readElements(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const next = readElement(rest);
    if (!next) return elements;
    elements.push(next);
    rest = rest.subarray(next.whole.length);
  }
  return elements;
}

/** The first element of a DER text; lengths of up to four bytes. */
function readElement(bytes: Buffer): Element | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 4 || bytes.length < 2 + extra) return undefined;
  const length = extra === 0 ? first : bytes.readUIntBE(2, extra);
  const start = 2 + extra;
  if (bytes.length < start + length) return undefined;
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

function write(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}
