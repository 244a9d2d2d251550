import { createHmac, timingSafeEqual, X509Certificate, type KeyObject } from 'node:crypto';
import { CertificateError, unreadable } from './certificate-problem.ts';
import { insideContext0, octetsOf, oidOf, readDer, sequenceOf, smallIntegerOf, type DerNode } from './der.ts';
import {
  decryptPbe,
  derivePkcs12,
  digestOf,
  digestSizes,
  IterationBudget,
  pfxPassword,
  type PfxPassword,
} from './pbe.ts';
import { rsaKeyOf } from './rsa-key.ts';

/** What a PFX holds, in the order of the file. */
export interface KeyStore {
  /** Those of RSA; null for any other. */
  readonly keys: readonly (KeyObject | null)[];
  readonly certificates: readonly X509Certificate[];
}

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509: '1.2.840.113549.1.9.22.1',
} as const;

/**
 * Reads a PFX (PKCS#12, RFC 7292). Node can load one into a TLS context but gives neither key nor certificate back, and
 * an assertion has to be signed with them.
 * @throws CertificateError
 */
export function readPkcs12(bytes: Buffer, password: string): KeyStore {
  const [version, authSafe, macData] = sequenceOf(readDer(bytes));
  if (smallIntegerOf(version) !== 3) throw unreadable();
  const [contentType, content] = sequenceOf(authSafe);
  // Signed instead of MACed: only certificates as recipients, which nothing of Microsoft's exports.
  if (oidOf(contentType) !== oids.data) throw new CertificateError('certificate.unsupported-encryption');
  const safe = octetsOf(insideContext0(content));
  const budget = new IterationBudget();
  const agreed = agreeOnPassword(macData, safe, password, budget);
  const found: Found = { keys: [], certificates: [] };
  try {
    for (const part of sequenceOf(readDer(safe))) readSafe(part, agreed.password, budget, found);
  } catch (error) {
    const isDecryption = error instanceof CertificateError && error.problem === 'certificate.wrong-password';
    // The MAC has proved the password, so what does not decrypt is damaged. Without a MAC, the password is the suspect.
    throw isDecryption && agreed.isProven ? unreadable() : error;
  }
  return found;
}

/** The form of the password under which the MAC comes out; an empty one has two (RFC 7292 leaves it open). */
function agreeOnPassword(
  macData: DerNode | undefined,
  safe: Buffer,
  text: string,
  budget: IterationBudget,
): { password: PfxPassword; isProven: boolean } {
  if (macData === undefined) return { password: pfxPassword(text), isProven: false };
  const [digestInfo, saltNode, iterationsNode] = sequenceOf(macData);
  const [algorithm, expectedNode] = sequenceOf(digestInfo);
  const digest = digestOf(algorithm);
  const expected = octetsOf(expectedNode);
  // The key of the MAC is made as long, and for each of its blocks the whole salt is gone through.
  if (expected.length !== digestSizes[digest]?.output) throw unreadable();
  const iterations = iterationsNode === undefined ? 1 : smallIntegerOf(iterationsNode);
  const candidates = text === '' ? [pfxPassword('', 'terminated'), pfxPassword('', 'bare')] : [pfxPassword(text)];
  for (const password of candidates) {
    const key = derivePkcs12(digest, 3, password, octetsOf(saltNode), iterations, expected.length, budget);
    const mac = createHmac(digest, key).update(safe).digest();
    if (mac.length === expected.length && timingSafeEqual(mac, expected)) return { password, isProven: true };
  }
  throw new CertificateError('certificate.wrong-password');
}

interface Found {
  readonly keys: (KeyObject | null)[];
  readonly certificates: X509Certificate[];
}

/** One ContentInfo of the authenticated safe: plain, or encrypted as a whole. */
function readSafe(part: DerNode, password: PfxPassword, budget: IterationBudget, found: Found): void {
  const [type, content] = sequenceOf(part);
  const oid = oidOf(type);
  if (oid === oids.data) return readBags(octetsOf(insideContext0(content)), password, budget, found);
  if (oid !== oids.encryptedData) throw new CertificateError('certificate.unsupported-encryption');
  const [, encrypted] = sequenceOf(insideContext0(content));
  const [, algorithm, data] = sequenceOf(encrypted);
  readBags(decryptPbe(algorithm, password, octetsOf(data), budget), password, budget, found);
}

function readBags(bytes: Buffer, password: PfxPassword, budget: IterationBudget, found: Found, depth = 0): void {
  for (const bag of sequenceOf(readDer(bytes))) {
    const [type, content] = sequenceOf(bag);
    const value = insideContext0(content);
    switch (oidOf(type)) {
      case oids.keyBag:
        found.keys.push(rsaKeyOf(value.raw));
        break;
      case oids.shroudedKeyBag:
        found.keys.push(decryptPrivateKey(value, password, budget));
        break;
      case oids.certBag: {
        const [certType, cert] = sequenceOf(value);
        if (oidOf(certType) === oids.x509) found.certificates.push(certificateOf(octetsOf(insideContext0(cert))));
        break;
      }
      case oids.safeContentsBag:
        if (depth >= 4) throw unreadable();
        readBags(value.raw, password, budget, found, depth + 1);
        break;
      default:
      // CRLs and secrets of other programs: nothing that an assertion needs.
    }
  }
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3), in a PFX and in PEM alike. */
export function decryptPrivateKey(node: DerNode, password: PfxPassword, budget: IterationBudget): KeyObject | null {
  const [algorithm, data] = sequenceOf(node);
  const plain = decryptPbe(algorithm, password, octetsOf(data), budget);
  try {
    return rsaKeyOf(plain);
  } catch {
    // One wrong password in 256 leaves a padding that looks right.
    throw new CertificateError('certificate.wrong-password');
  }
}

function certificateOf(bytes: Buffer): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch {
    throw unreadable();
  }
}
