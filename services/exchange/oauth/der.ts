import { unreadable } from './certificate-problem.ts';

/** One value of ASN.1 as it lies in the bytes. */
export interface DerNode {
  /** The first octet without the bit for "constructed": class and number. */
  readonly tag: number;
  readonly isConstructed: boolean;
  /** The octets between the header and the end. */
  readonly content: Buffer;
  /** The whole value with its header. */
  readonly raw: Buffer;
}

export const tags = { integer: 0x02, octetString: 0x04, oid: 0x06, sequence: 0x10, set: 0x11, context0: 0x80 } as const;

/** Real files nest about twelve deep; a hostile one could nest until the stack ends. */
const deepest = 32;

/**
 * Reads one value and nothing after it. Indefinite lengths are read as well (X.690 §8.1.3.6): exports of macOS and of
 * older Java use them for the outer parts of a PFX.
 * @throws CertificateError `certificate.unreadable`
 */
export function readDer(bytes: Buffer): DerNode {
  const { node, end } = readAt(bytes, 0, 0);
  if (end !== bytes.length) throw unreadable();
  return node;
}

/** The values inside a constructed one, in order. */
export function childrenOf(node: DerNode): DerNode[] {
  if (!node.isConstructed) throw unreadable();
  return readAll(node.content, 0);
}

function readAll(bytes: Buffer, depth: number): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length;) {
    const { node, end } = readAt(bytes, at, depth);
    nodes.push(node);
    at = end;
  }
  return nodes;
}

function readAt(bytes: Buffer, start: number, depth: number): { node: DerNode; end: number } {
  if (depth > deepest) throw unreadable();
  const first = octet(bytes, start);
  // Numbers of 31 and more take further octets; nothing in a PFX has one.
  if ((first & 0x1f) === 0x1f) throw unreadable();
  const tag = first & ~0x20;
  const isConstructed = (first & 0x20) !== 0;
  const length = octet(bytes, start + 1);
  if (length === 0x80) {
    if (!isConstructed) throw unreadable();
    const from = start + 2;
    let at = from;
    while (octet(bytes, at) !== 0 || octet(bytes, at + 1) !== 0) at = readAt(bytes, at, depth + 1).end;
    const raw = bytes.subarray(start, at + 2);
    return { node: { tag, isConstructed, content: bytes.subarray(from, at), raw }, end: at + 2 };
  }
  const lengthOctets = length < 0x80 ? 0 : length & 0x7f;
  if (lengthOctets > 4) throw unreadable();
  const from = start + 2 + lengthOctets;
  if (from > bytes.length) throw unreadable();
  const size = lengthOctets === 0 ? length : bytes.readUIntBE(start + 2, lengthOctets);
  const end = from + size;
  if (end > bytes.length) throw unreadable();
  return { node: { tag, isConstructed, content: bytes.subarray(from, end), raw: bytes.subarray(start, end) }, end };
}

function octet(bytes: Buffer, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw unreadable();
  return value;
}

/** The children of a SEQUENCE. */
export function sequenceOf(node: DerNode | undefined): DerNode[] {
  if (node?.tag !== tags.sequence) throw unreadable();
  return childrenOf(node);
}

/** What stands inside `[0]`, the explicit tag of contents in PKCS#7 and PKCS#12. */
export function insideContext0(node: DerNode | undefined): DerNode {
  const inner = node?.tag === tags.context0 ? childrenOf(node)[0] : undefined;
  if (inner === undefined) throw unreadable();
  return inner;
}

/** The octets of an OCTET STRING (or of one with an implicit tag), whose pieces may lie apart. */
export function octetsOf(node: DerNode | undefined): Buffer {
  if (node === undefined || (node.tag !== tags.octetString && node.tag !== tags.context0)) throw unreadable();
  return node.isConstructed ? Buffer.concat(readAll(node.content, 0).map(octetsOf)) : node.content;
}

/** A small number such as a count of iterations or a length. */
export function smallIntegerOf(node: DerNode | undefined): number {
  if (node?.tag !== tags.integer || node.content.length === 0 || node.content.length > 5) throw unreadable();
  const value = node.content.readIntBE(0, node.content.length);
  if (value < 0) throw unreadable();
  return value;
}

/** An object identifier in its dotted form. */
export function oidOf(node: DerNode | undefined): string {
  if (node?.tag !== tags.oid || node.content.length === 0 || node.content.length > 32) throw unreadable();
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of node.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join('.');
}
