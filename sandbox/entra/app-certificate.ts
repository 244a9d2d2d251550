import { randomBytes } from 'node:crypto';
import { generate } from 'selfsigned';
import { pfxOf } from './pfx.ts';

/** A certificate whose key signs an application's assertions, in the forms in which an admin hands it in. */
export interface AppCertificate {
  /** The public half, as it is uploaded to the app. */
  readonly certificatePem: string;
  /** Key and certificate in one PEM file, without a password, as Key Vault keeps it. */
  readonly pem: string;
  /** Key and certificate as Windows exports them. */
  readonly pfx: Buffer;
  /** Opens the PFX. */
  readonly password: string;
}

const hourMs = 3_600_000;

/** RSA, since Entra takes nothing else; valid for 90 days, or ended an hour ago. */
export async function makeAppCertificate(commonName: string, isExpired = false): Promise<AppCertificate> {
  const now = Date.now();
  const password = randomBytes(12).toString('base64url');
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 48 * hourMs),
    notAfterDate: new Date(now + (isExpired ? -hourMs : 90 * 24 * hourMs)),
  });
  return {
    certificatePem: pems.cert,
    pem: `${pems.private}\n${pems.cert}\n`,
    pfx: pfxOf(pems.private, pems.cert, password),
    password,
  };
}
