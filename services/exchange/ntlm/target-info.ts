/** One AV_PAIR of a CHALLENGE_MESSAGE's TargetInfo (MS-NLMP §2.2.2.1). */
export interface AvPair {
  readonly id: number;
  readonly value: Buffer;
}

export const avId = { eol: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;

/** MsvAvFlags: the AUTHENTICATE_MESSAGE carries a MIC. */
const micPresent = 0x2;

/** Reads the pairs up to the end mark; what is cut off or says a length beyond its end is left out. */
export function readTargetInfo(bytes: Buffer): AvPair[] {
  const pairs: AvPair[] = [];
  for (let offset = 0; offset + 4 <= bytes.length;) {
    const id = bytes.readUInt16LE(offset);
    const end = offset + 4 + bytes.readUInt16LE(offset + 2);
    if (id === avId.eol || end > bytes.length) break;
    pairs.push({ id, value: bytes.subarray(offset + 4, end) });
    offset = end;
  }
  return pairs;
}

export function writeTargetInfo(pairs: readonly AvPair[]): Buffer {
  const parts = [...pairs, { id: avId.eol, value: Buffer.alloc(0) }].map(({ id, value }) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  });
  return Buffer.concat(parts);
}

export interface ClientPairs {
  /** 16 bytes, of the TLS channel. */
  readonly channelBinding: Buffer;
  /** Service principal name, `HTTP/host`. */
  readonly targetName: string;
  readonly hasMic: boolean;
}

/**
 * What the client sends back: the server's pairs, and its own behind them (MS-NLMP §3.1.5.1.2). Pairs of the client's
 * kinds that came from the server are dropped: they could only be a forgery.
 */
export function answerTargetInfo(
  fromServer: readonly AvPair[],
  { channelBinding, targetName, hasMic }: ClientPairs,
): AvPair[] {
  const own: readonly number[] = [avId.flags, avId.channelBindings, avId.targetName];
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(((flagsOf(fromServer) & ~micPresent) | (hasMic ? micPresent : 0)) >>> 0);
  return [
    ...fromServer.filter(({ id }) => !own.includes(id)),
    ...(hasMic ? [{ id: avId.flags, value: flags }] : []),
    { id: avId.channelBindings, value: channelBinding },
    { id: avId.targetName, value: Buffer.from(targetName, 'utf16le') },
  ];
}

function flagsOf(pairs: readonly AvPair[]): number {
  const value = pairs.find(({ id }) => id === avId.flags)?.value;
  return value?.length === 4 ? value.readUInt32LE(0) : 0;
}
