import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { Secret } from '../../secrets/secret.ts';
import { CertificateError, unreadable, type CertificateProblem } from './certificate-problem.ts';
import { readDer } from './der.ts';
import { IterationBudget, pfxPassword } from './pbe.ts';
import { decryptPrivateKey, readPkcs12, type KeyStore } from './pkcs12.ts';
import { encryptedOldRsaKeyOf, oldRsaKeyOf, rsaKeyOf } from './rsa-key.ts';

/** A client certificate as a person or Key Vault hands it over. */
export interface CertificateMaterial {
  /** PEM text with certificate and private key, or a PFX in base64 (`certificateText` makes it of a file's bytes). */
  readonly content: Secret;
  /** Of the PFX or of the key in the PEM. Null: none, as in what Key Vault exports. */
  readonly password: Secret | null;
}

/** A certificate that can sign assertions for Entra. Only `privateKey` is secret. */
export interface ClientCertificate {
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-1 in hex, the "Thumbprint" that the Entra portal and Windows show. */
  readonly thumbprint: string;
  /** SHA-1 and SHA-256 in base64url, the header fields of an assertion (RFC 7515 §4.1.7, §4.1.8). */
  readonly x5t: string;
  readonly x5tS256: string;
  /** PKCS#8 in PEM, not encrypted. */
  readonly privateKey: Secret;
  /** PEM: this certificate and, when they came with it, its issuers. */
  readonly chain: string;
}

export type CertificateReading =
  | { readonly certificate: ClientCertificate; readonly problem: null }
  /** The certificate is there as well when only its dates are wrong, so that a sentence can name them. */
  | { readonly certificate: ClientCertificate | null; readonly problem: CertificateProblem };

/** A certificate with key and chain is about 6 kB. */
export const largestCertificateBytes = 64 * 1024;

/** Keys or certificates in one file; each key is compared with each certificate. */
const mostOfAKind = 32;

/** What a form or a file gives, as text: PEM as it is, anything else (a PFX) in base64. */
export function certificateText(bytes: Uint8Array): Secret {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('latin1');
  return new Secret(text.includes('-----BEGIN ') ? text : buffer.toString('base64'));
}

/**
 * Reads a certificate with its private key and judges its dates. Never throws; nothing of the input is in the result
 * but what `ClientCertificate` says.
 */
export function readCertificate(material: CertificateMaterial, nowMs: number): CertificateReading {
  try {
    const certificate = pairOf(openMaterial(material));
    return { certificate, problem: validityProblem(certificate, nowMs) };
  } catch (error) {
    const problem = error instanceof CertificateError ? error.problem : 'certificate.unreadable';
    return { certificate: null, problem };
  }
}

/** What the dates say now; a certificate that was good when it was stored ends some day. */
export function validityProblem(
  { notBefore, notAfter }: ClientCertificate,
  nowMs: number,
): 'certificate.expired' | 'certificate.not-yet-valid' | null {
  if (nowMs > notAfter) return 'certificate.expired';
  return nowMs < notBefore ? 'certificate.not-yet-valid' : null;
}

function openMaterial({ content, password }: CertificateMaterial): KeyStore {
  const text = content.reveal();
  if (text.length > largestCertificateBytes * 2) throw unreadable();
  const opening = password?.reveal() ?? '';
  if (text.includes('-----BEGIN ')) return readPem(text, opening);
  if (!/^[A-Za-z0-9+/=\s]+$/.test(text)) throw unreadable();
  return readPkcs12(Buffer.from(text, 'base64'), opening);
}

/** A block holds no second one: OpenSSL may be more generous about where one begins, and would read the inner one. */
const pemBlock = /-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\n((?:(?!-----)[\s\S])*)-----END \1-----/g;

function readPem(text: string, password: string): KeyStore {
  const keys: (KeyObject | null)[] = [];
  const certificates: X509Certificate[] = [];
  const budget = new IterationBudget();
  for (const [block, label = '', body = ''] of text.replaceAll('\r', '').matchAll(pemBlock)) {
    if (label === 'CERTIFICATE' || label === 'X509 CERTIFICATE') certificates.push(new X509Certificate(block));
    else if (label.endsWith('PRIVATE KEY')) keys.push(readPemKey(label, body, password, budget));
  }
  if (keys.length === 0 && certificates.length === 0) throw unreadable();
  return { keys, certificates };
}

function readPemKey(label: string, body: string, password: string, budget: IterationBudget): KeyObject | null {
  switch (label) {
    case 'PRIVATE KEY':
      return rsaKeyOf(Buffer.from(body, 'base64'));
    case 'ENCRYPTED PRIVATE KEY':
      // Not by OpenSSL, which would run as many iterations as the file asks for.
      return decryptPrivateKey(readDer(Buffer.from(body, 'base64')), pfxPassword(password), budget);
    case 'RSA PRIVATE KEY':
      return body.includes(':') ? encryptedOldRsaKeyOf(body, password) : oldRsaKeyOf(Buffer.from(body, 'base64'));
    case 'EC PRIVATE KEY':
    case 'DSA PRIVATE KEY':
      return null;
    default:
      throw unreadable();
  }
}

/** The certificate that a key of the file belongs to; of several, the one that lasts longest. */
function pairOf({ keys, certificates }: KeyStore): ClientCertificate {
  if (certificates.length === 0 || certificates.length > mostOfAKind || keys.length > mostOfAKind) throw unreadable();
  const rsaKeys = keys.filter((key) => key !== null);
  const pairs = rsaKeys.flatMap((key) =>
    certificates.filter((certificate) => certificate.checkPrivateKey(key)).map((certificate) => ({ key, certificate })),
  );
  const best = pairs.sort((a, b) => endOf(b.certificate) - endOf(a.certificate))[0];
  if (best === undefined)
    throw new CertificateError(rsaKeys.length < keys.length ? 'certificate.key-not-rsa' : 'certificate.no-key');
  const { certificate, key } = best;
  const hash = (algorithm: 'sha1' | 'sha256') => createHash(algorithm).update(certificate.raw).digest();
  const issuers = certificates.filter((other) => other !== certificate);
  return {
    subject: certificate.subject,
    notBefore: timeOf(certificate.validFrom),
    notAfter: endOf(certificate),
    thumbprint: hash('sha1').toString('hex').toUpperCase(),
    x5t: hash('sha1').toString('base64url'),
    x5tS256: hash('sha256').toString('base64url'),
    privateKey: new Secret(key.export({ format: 'pem', type: 'pkcs8' }).toString()),
    chain: [certificate, ...issuers].map(String).join(''),
  };
}

const endOf = (certificate: X509Certificate): number => timeOf(certificate.validTo);

/** OpenSSL reads dates that are none; a certificate would be taken for one that never ends. */
function timeOf(date: string): number {
  const time = Date.parse(date);
  if (Number.isNaN(time)) throw unreadable();
  return time;
}
