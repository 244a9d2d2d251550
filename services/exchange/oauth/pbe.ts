import { createDecipheriv, hash, pbkdf2Sync } from 'node:crypto';
import { CertificateError, unreadable } from './certificate-problem.ts';
import { octetsOf, oidOf, sequenceOf, smallIntegerOf, tags, type DerNode } from './der.ts';
import { decryptRc2Cbc } from './rc2.ts';

/** A password in the two forms that PKCS#12 wants. */
export interface PfxPassword {
  /** UTF-8, for PBES2 (RFC 8018). */
  readonly utf8: Buffer;
  /** UTF-16BE with two zero octets at the end, for PKCS#12's own key derivation (RFC 7292 appendix B.1). */
  readonly bmp: Buffer;
}

export function pfxPassword(text: string, empty: 'terminated' | 'bare' = 'terminated'): PfxPassword {
  const bmp = Buffer.from(text, 'utf16le').swap16();
  return {
    utf8: Buffer.from(text, 'utf8'),
    bmp: text === '' && empty === 'bare' ? Buffer.alloc(0) : Buffer.concat([bmp, Buffer.alloc(2)]),
  };
}

const unsupported = (): CertificateError => new CertificateError('certificate.unsupported-encryption');

/**
 * How much key derivation one file may cost in all, in hashes of 0.6 µs: a tenth of a second, since it holds the main
 * thread. Windows, OpenSSL, Java and Key Vault ask for 2,000 to 10,000 iterations, careful people for 600,000 of
 * PBKDF2; a hostile file can ask for two thousand million.
 */
export class IterationBudget {
  #left = 160_000;

  /** `hashes`: what one iteration costs. */
  spend(iterations: number, hashes: number): void {
    const cost = iterations * hashes;
    if (iterations < 1 || cost > this.#left) throw unsupported();
    this.#left -= cost;
  }
}

const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

interface PseudoRandomFunction {
  readonly digest: string;
  /** What one iteration of PBKDF2 costs, as `IterationBudget` counts. */
  readonly hashes: number;
}

/** OpenSSL's loop is faster than ours. SHA-1 gives 20 octets, so each key needs two blocks. */
const hmacSha1: PseudoRandomFunction = { digest: 'sha1', hashes: 0.6 };

const pseudoRandomFunctions: Readonly<Record<string, PseudoRandomFunction>> = {
  '1.2.840.113549.2.7': hmacSha1,
  '1.2.840.113549.2.9': { digest: 'sha256', hashes: 0.25 },
  '1.2.840.113549.2.10': { digest: 'sha384', hashes: 0.6 },
  '1.2.840.113549.2.11': { digest: 'sha512', hashes: 0.6 },
};

const pbes2Ciphers: Readonly<Record<string, { readonly name: string; readonly keyLength: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyLength: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyLength: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyLength: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyLength: 24 },
};

interface LegacyCipher {
  readonly keyLength: number;
  readonly decrypt: (key: Buffer, iv: Buffer, data: Buffer) => Buffer;
}

/** RFC 7292 appendix C without RC4, which nothing exports. */
const legacyCiphers: Readonly<Record<string, LegacyCipher>> = {
  '1.2.840.113549.1.12.1.3': { keyLength: 24, decrypt: (key, iv, data) => decipher('des-ede3-cbc', key, iv, data) },
  '1.2.840.113549.1.12.1.4': { keyLength: 16, decrypt: (key, iv, data) => decipher('des-ede-cbc', key, iv, data) },
  '1.2.840.113549.1.12.1.5': { keyLength: 16, decrypt: (key, iv, data) => unpad(decryptRc2Cbc(key, 128, iv, data)) },
  '1.2.840.113549.1.12.1.6': { keyLength: 5, decrypt: (key, iv, data) => unpad(decryptRc2Cbc(key, 40, iv, data)) },
};

const pbes2Oid = '1.2.840.113549.1.5.13';
const pbkdf2Oid = '1.2.840.113549.1.5.12';

/** The digest that an AlgorithmIdentifier of a MAC names. */
export function digestOf(algorithm: DerNode | undefined): string {
  const digest = digests[oidOf(sequenceOf(algorithm)[0])];
  if (digest === undefined) throw unsupported();
  return digest;
}

/**
 * Decrypts what an AlgorithmIdentifier of password-based encryption describes: PBES2 with PBKDF2 and AES or 3DES
 * (RFC 8018 §6.2; OpenSSL 3, Windows Server 2019 and later, Java), and the older 3DES and RC2 (RFC 7292 appendix C).
 * @throws CertificateError `certificate.wrong-password` when the padding does not come out,
 *   `certificate.unsupported-encryption`, `certificate.unreadable`
 */
export function decryptPbe(
  algorithm: DerNode | undefined,
  password: PfxPassword,
  data: Buffer,
  budget: IterationBudget,
): Buffer {
  const [name, parameters] = sequenceOf(algorithm);
  const oid = oidOf(name);
  if (oid === pbes2Oid) return decryptPbes2(sequenceOf(parameters), password, data, budget);
  const cipher = legacyCiphers[oid];
  if (cipher === undefined) throw unsupported();
  const [saltNode, iterationsNode] = sequenceOf(parameters);
  const salt = octetsOf(saltNode);
  const iterations = smallIntegerOf(iterationsNode);
  const key = derivePkcs12('sha1', 1, password, salt, iterations, cipher.keyLength, budget);
  const iv = derivePkcs12('sha1', 2, password, salt, iterations, 8, budget);
  return cipher.decrypt(key, iv, data);
}

function decryptPbes2(parts: DerNode[], password: PfxPassword, data: Buffer, budget: IterationBudget): Buffer {
  const [derivation, scheme] = parts;
  const [derivationOid, derivationParameters] = sequenceOf(derivation);
  const [cipherOid, ivNode] = sequenceOf(scheme);
  const cipher = pbes2Ciphers[oidOf(cipherOid)];
  if (oidOf(derivationOid) !== pbkdf2Oid || cipher === undefined) throw unsupported();
  const [saltNode, iterationsNode, ...rest] = sequenceOf(derivationParameters);
  const prfNode = rest.find(({ tag }) => tag === tags.sequence);
  const prf = prfNode === undefined ? hmacSha1 : pseudoRandomFunctions[oidOf(sequenceOf(prfNode)[0])];
  if (prf === undefined) throw unsupported();
  const iterations = smallIntegerOf(iterationsNode);
  budget.spend(iterations, prf.hashes);
  const key = pbkdf2Sync(password.utf8, octetsOf(saltNode), iterations, cipher.keyLength, prf.digest);
  return decipher(cipher.name, key, octetsOf(ivNode), data);
}

function decipher(name: string, key: Buffer, iv: Buffer, data: Buffer): Buffer {
  if (data.length === 0) throw unreadable();
  try {
    const cipher = createDecipheriv(name, key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  } catch {
    throw new CertificateError('certificate.wrong-password');
  }
}

function unpad(padded: Buffer): Buffer {
  const length = padded.at(-1) ?? 0;
  const isPadding = length >= 1 && length <= 8 && padded.subarray(-length).every((byte) => byte === length);
  if (!isPadding || padded.length % 8 !== 0) throw new CertificateError('certificate.wrong-password');
  return padded.subarray(0, padded.length - length);
}

/** Octets of a digest's result, and of the blocks it takes in. */
export const digestSizes: Readonly<Record<string, { readonly output: number; readonly block: number }>> = {
  sha1: { output: 20, block: 64 },
  sha256: { output: 32, block: 64 },
  sha384: { output: 48, block: 128 },
  sha512: { output: 64, block: 128 },
};

/** PKCS#12's own key derivation (RFC 7292 appendix B.2). `purpose`: 1 key, 2 initialization vector, 3 MAC key. */
export function derivePkcs12(
  digest: string,
  purpose: 1 | 2 | 3,
  password: PfxPassword,
  salt: Buffer,
  iterations: number,
  length: number,
  budget: IterationBudget,
): Buffer {
  const { output, block } = digestSizes[digest] ?? { output: 20, block: 64 };
  budget.spend(iterations, Math.ceil(length / output));
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([repeatToBlocks(salt, block), repeatToBlocks(password.bmp, block)]);
  const pieces: Buffer[] = [];
  for (let made = 0; made < length; made += output) {
    let state = hash(digest, Buffer.concat([diversifier, input]), 'buffer');
    for (let round = 1; round < iterations; round += 1) state = hash(digest, state, 'buffer');
    pieces.push(state);
    const addend = repeatToBlocks(state, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addPlusOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(pieces).subarray(0, length);
}

function repeatToBlocks(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return bytes;
  const size = Math.ceil(bytes.length / block) * block;
  return Buffer.alloc(size, bytes);
}

/** target = (target + addend + 1) mod 2^(8·length), big-endian. */
function addPlusOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let index = target.length - 1; index >= 0; index -= 1) {
    const sum = (target[index] ?? 0) + (addend[index] ?? 0) + carry;
    target[index] = sum & 0xff;
    carry = sum >> 8;
  }
}
