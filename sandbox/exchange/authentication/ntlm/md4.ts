/**
 * MD4 (RFC 1320). NTLM rests on it, and OpenSSL 3 keeps it out of reach: `createHash('md4')` throws on Node 24. Checked
 * by the vectors of the RFC.
 */
export function md4(message: Uint8Array): Buffer {
  const padded = pad(message);
  const state: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let offset = 0; offset < padded.length; offset += 64) {
    const words = Array.from({ length: 16 }, (_unused, index) => padded.readUInt32LE(offset + 4 * index));
    mix(state, words);
  }
  const digest = Buffer.alloc(16);
  state.forEach((word, index) => digest.writeUInt32LE(word >>> 0, 4 * index));
  return digest;
}

function pad(message: Uint8Array): Buffer {
  const length = (Math.floor((message.length + 8) / 64) + 1) * 64;
  const padded = Buffer.alloc(length);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, length - 8);
  return padded;
}

type Mixer = (x: number, y: number, z: number) => number;

interface Round {
  readonly mixer: Mixer;
  readonly constant: number;
  readonly order: readonly number[];
  readonly shifts: readonly [number, number, number, number];
}

const ROUNDS: readonly Round[] = [
  {
    mixer: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mixer: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mixer: (x, y, z) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

function mix(state: [number, number, number, number], words: readonly number[]): void {
  let [a, b, c, d] = state;
  for (const { mixer, constant, order, shifts } of ROUNDS) {
    for (const [step, index] of order.entries()) {
      const sum = (a + mixer(b, c, d) + (words[index] ?? 0) + constant) | 0;
      const shift = shifts[step & 3] ?? 0;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
}
