import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';
import {
  certificateText,
  readCertificate,
  type CertificateReading,
  type ClientCertificate,
} from '../../../services/exchange/oauth/certificate.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import samples from './certificates.json' with { type: 'json' };

/**
 * Files that other programs made: OpenSSL 3.0.19 (`pkcs12 -export`, also with `-legacy`, `pkcs8`, `rsa -traditional`) and
 * keytool of Java. One RSA key, valid from 2026-11-24 for a hundred years; nothing but tests trusts it.
 */
export type SampleName = keyof typeof samples;

export const validAt = Date.UTC(2030, 0, 1);

export const bytesOf = (name: SampleName): Buffer =>
  name.endsWith('.pem') ? Buffer.from(samples[name]) : Buffer.from(samples[name], 'base64');

export function read(name: SampleName, password: string | null, nowMs = validAt): CertificateReading {
  const secret = password === null ? null : new Secret(password);
  return readCertificate({ content: certificateText(bytesOf(name)), password: secret }, nowMs);
}

/** A certificate made for this test, with the text that an Entra registers. */
export interface OwnCertificate {
  readonly pem: string;
  /** PEM with key, as Key Vault gives it. */
  readonly withKey: string;
  readonly certificate: ClientCertificate;
}

export async function makeCertificate(from: Date, to: Date): Promise<OwnCertificate> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pems = await generate([{ name: 'commonName', value: 'hma' }], {
    algorithm: 'sha256',
    notBeforeDate: from,
    notAfterDate: to,
    keyPair: {
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
  });
  const withKey = `${pems.private}\n${pems.cert}`;
  const { certificate } = readCertificate({ content: new Secret(withKey), password: null }, from.getTime());
  if (certificate === null) throw new Error('the test made a certificate that cannot be read');
  return { pem: pems.cert, withKey, certificate };
}
