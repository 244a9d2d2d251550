import { avId, readTargetInfo, writeTargetInfo, type AvPair } from '../../../services/exchange/ntlm/target-info.ts';

/** A CHALLENGE_MESSAGE as IIS sends it (facts/exchange.md §6.3): target, domain and computer names, time. */
export function challengeMessage({ flags = 0x02818205, hasTime = true } = {}): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(133_000_000_000_000_000n);
  const target = Buffer.from('CONTOSO', 'utf16le');
  const info = writeTargetInfo([
    { id: 2, value: target },
    { id: 1, value: Buffer.from('EX19-01', 'utf16le') },
    { id: 4, value: Buffer.from('contoso.test', 'utf16le') },
    ...(hasTime ? [{ id: avId.timestamp, value: time }] : []),
  ]);
  const head = Buffer.alloc(56);
  head.write('NTLMSSP\0', 0, 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt16LE(target.length, 12);
  head.writeUInt16LE(target.length, 14);
  head.writeUInt32LE(56, 16);
  head.writeUInt32LE(flags >>> 0, 20);
  head.write('01234567', 24, 'latin1');
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56 + target.length, 44);
  return Buffer.concat([head, target, info]);
}

/** One field of an AUTHENTICATE_MESSAGE, by the place of its length. */
export function fieldOf(message: Buffer, at: number): Buffer {
  const offset = message.readUInt32LE(at + 4);
  return message.subarray(offset, offset + message.readUInt16LE(at));
}

/** The AV pairs inside its NTLMv2 response. */
export const targetInfoOf = (message: Buffer): AvPair[] => readTargetInfo(fieldOf(message, 20).subarray(44));
