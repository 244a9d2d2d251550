/** The ids of AV_PAIR (MS-NLMP 2.2.2.1). */
export const AV = {
  end: 0,
  netBiosComputer: 1,
  netBiosDomain: 2,
  dnsComputer: 3,
  dnsDomain: 4,
  dnsTree: 5,
  flags: 6,
  timestamp: 7,
  targetName: 9,
  channelBindings: 10,
} as const;

/** Bit of AV.flags: the client put a message integrity code into its AUTHENTICATE message. */
export const HAS_MIC = 0x2;

/** The names a server tells of itself. */
export interface TargetNames {
  readonly netBiosDomain: string;
  readonly netBiosComputer: string;
  readonly dnsDomain: string;
  readonly dnsComputer: string;
}

/** 2, 1, 4, 3, 5, 7: the order a Windows server sends them in (shared facts, exchange.md §6.3). */
export function writeTargetInfo(names: TargetNames, time: Date): Buffer {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64LE(fileTime(time));
  return Buffer.concat([
    pair(AV.netBiosDomain, unicode(names.netBiosDomain)),
    pair(AV.netBiosComputer, unicode(names.netBiosComputer)),
    pair(AV.dnsDomain, unicode(names.dnsDomain)),
    pair(AV.dnsComputer, unicode(names.dnsComputer)),
    pair(AV.dnsTree, unicode(names.dnsDomain)),
    pair(AV.timestamp, timestamp),
    pair(AV.end, Buffer.alloc(0)),
  ]);
}

/** Undefined where the list does not end as it should. */
export function readAvPairs(bytes: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const pairs = new Map<number, Buffer>();
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const id = bytes.readUInt16LE(offset);
    const length = bytes.readUInt16LE(offset + 2);
    if (id === AV.end) return pairs;
    if (offset + 4 + length > bytes.length) return undefined;
    pairs.set(id, bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return undefined;
}

export const unicode = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Tenths of a microsecond since 1601. */
function fileTime(time: Date): bigint {
  return (BigInt(time.getTime()) + 11_644_473_600_000n) * 10_000n;
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}
