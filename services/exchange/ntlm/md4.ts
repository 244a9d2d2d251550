/**
 * MD4 (RFC 1320). NTLM hashes passwords with it and OpenSSL 3 no longer offers it: `createHash('md4')` ends with
 * ERR_OSSL_EVP_UNSUPPORTED on Node 24. It protects nothing here; it is what the protocol says.
 */
export function md4(message: Uint8Array): Buffer {
  const blocks = padded(message);
  const state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  const words = new Uint32Array(16);
  for (let offset = 0; offset < blocks.length; offset += 64) {
    for (let index = 0; index < 16; index += 1) words[index] = blocks.readUInt32LE(offset + 4 * index);
    compress(state, words);
  }
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeUInt32LE(word, 4 * index);
  return digest;
}

type State = [number, number, number, number];

interface Round {
  readonly mix: (x: number, y: number, z: number) => number;
  readonly constant: number;
  /** Order in which the words of a block are taken. */
  readonly order: readonly number[];
  readonly shifts: readonly [number, number, number, number];
}

/** RFC 1320 §3.4. */
const rounds: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (x, y, z) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

function compress(state: State, words: Uint32Array): void {
  let [a, b, c, d] = state;
  for (const { mix, constant, order, shifts } of rounds) {
    for (const [step, word] of order.entries()) {
      const sum = (a + mix(b, c, d) + (words[word] ?? 0) + constant) >>> 0;
      const shift = shifts[step % 4] ?? 0;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  }
  state[0] = (state[0] + a) >>> 0;
  state[1] = (state[1] + b) >>> 0;
  state[2] = (state[2] + c) >>> 0;
  state[3] = (state[3] + d) >>> 0;
}

/** A one bit, zeros up to 56 of 64 bytes, and the length in bits (RFC 1320 §3.1, §3.2). */
function padded(message: Uint8Array): Buffer {
  const zeros = (119 - (message.length % 64)) % 64;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length) * 8n);
  return Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(zeros), length]);
}
