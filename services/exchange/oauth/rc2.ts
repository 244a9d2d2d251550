/**
 * RC2 in CBC mode, decryption only (RFC 2268). OpenSSL 3 has it in the legacy provider, which Node does not load, and
 * Windows up to Server 2016, where these Exchange servers live, encrypts the certificate part of a PFX with RC2-40. It
 * protects public certificates there, never a key.
 */
export function decryptRc2Cbc(key: Buffer, effectiveBits: number, iv: Buffer, data: Buffer): Buffer {
  const words = expandKey(key, effectiveBits);
  const output = Buffer.alloc(data.length);
  let previous = iv;
  for (let at = 0; at + 8 <= data.length; at += 8) {
    const block = data.subarray(at, at + 8);
    const plain = decryptBlock(words, block);
    for (let index = 0; index < 8; index += 1) {
      output[at + index] = (plain[index] ?? 0) ^ (previous[index] ?? 0);
    }
    previous = block;
  }
  return output;
}

/** Digits of pi as a permutation of 0…255 (RFC 2268 §2). */
const piTable = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32' +
    'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a' +
    '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e' +
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);

const pi = (index: number): number => piTable[index & 0xff] ?? 0;

function expandKey(key: Buffer, effectiveBits: number): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  for (let index = key.length; index < 128; index += 1) {
    bytes[index] = pi((bytes[index - 1] ?? 0) + (bytes[index - key.length] ?? 0));
  }
  const effectiveBytes = (effectiveBits + 7) >> 3;
  const mask = 0xff >> (8 * effectiveBytes - effectiveBits);
  bytes[128 - effectiveBytes] = pi((bytes[128 - effectiveBytes] ?? 0) & mask);
  for (let index = 127 - effectiveBytes; index >= 0; index -= 1) {
    bytes[index] = pi((bytes[index + 1] ?? 0) ^ (bytes[index + effectiveBytes] ?? 0));
  }
  return Uint16Array.from({ length: 64 }, (_, index) => bytes.readUInt16LE(index * 2));
}

const rotations = [1, 2, 3, 5] as const;

function decryptBlock(words: Uint16Array, block: Buffer): Buffer {
  const r = [0, 2, 4, 6].map((at) => block.readUInt16LE(at));
  const at = (index: number): number => r[(index + 4) & 3] ?? 0;

  const unmix = (round: number): void => {
    for (let index = 3; index >= 0; index -= 1) {
      const by = rotations[index] ?? 0;
      const turned = ((at(index) >> by) | (at(index) << (16 - by))) & 0xffff;
      const key = words[round * 4 + index] ?? 0;
      r[index] = (turned - key - (at(index - 1) & at(index - 2)) - (~at(index - 1) & at(index - 3))) & 0xffff;
    }
  };
  const unmash = (): void => {
    for (let index = 3; index >= 0; index -= 1) {
      r[index] = (at(index) - (words[at(index - 1) & 63] ?? 0)) & 0xffff;
    }
  };

  for (let round = 15; round >= 0; round -= 1) {
    unmix(round);
    if (round === 11 || round === 5) unmash();
  }
  const plain = Buffer.alloc(8);
  r.forEach((word, index) => plain.writeUInt16LE(word, index * 2));
  return plain;
}
