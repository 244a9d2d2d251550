import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CertificateError, unreadable } from './certificate-problem.ts';
import { oidOf, readDer, sequenceOf, smallIntegerOf } from './der.ts';

const rsaOid = '1.2.840.113549.1.1.1';

/** A signature holds the main thread: for a tenth of a second with so many bits, for one with the most that OpenSSL takes. */
const largestModulusBits = 8192;

/**
 * The key in a PrivateKeyInfo (PKCS#8, RFC 5958) when it is one of RSA; null for any other, which OpenSSL never sees: of a
 * DSA key it would compute the public half at once, with numbers as large as the file makes them. An encrypted one is
 * refused here, since OpenSSL would run as many iterations as it asks for.
 * @throws CertificateError `certificate.unreadable`
 */
export function rsaKeyOf(pkcs8: Buffer): KeyObject | null {
  const [version, algorithm] = sequenceOf(readDer(pkcs8));
  smallIntegerOf(version);
  if (oidOf(sequenceOf(algorithm)[0]) !== rsaOid) return null;
  return checked({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

/** The key in the form of before PKCS#8 (`BEGIN RSA PRIVATE KEY`), not encrypted. */
export const oldRsaKeyOf = (pkcs1: Buffer): KeyObject => checked({ key: pkcs1, format: 'der', type: 'pkcs1' });

/** The same, in the way that OpenSSL encrypted it before PKCS#8 (`Proc-Type: 4,ENCRYPTED`): one hash makes the key. */
export function encryptedOldRsaKeyOf(body: string, password: string): KeyObject {
  const key = `-----BEGIN RSA PRIVATE KEY-----\n${body}-----END RSA PRIVATE KEY-----\n`;
  try {
    return checked({ key, format: 'pem', passphrase: password });
  } catch {
    throw new CertificateError('certificate.wrong-password');
  }
}

function checked(input: Parameters<typeof createPrivateKey>[0]): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(input);
  } catch {
    throw unreadable();
  }
  if ((key.asymmetricKeyDetails?.modulusLength ?? Infinity) > largestModulusBits) throw unreadable();
  return key;
}
