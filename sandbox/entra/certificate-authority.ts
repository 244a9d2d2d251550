import { randomUUID } from 'node:crypto';
import { generate } from 'selfsigned';

/** A private certificate authority in PEM. Pass one object to several stand-ins to let a client trust them all with one file. */
export interface CertificateAuthority {
  caPem: string;
  caKeyPem: string;
}

export interface ServerCertificate {
  certPem: string;
  keyPem: string;
}

const HOUR_MS = 3_600_000;

/** Valid from an hour ago, so that a client whose clock is a little behind still accepts it. */
function validity(days: number): { notBeforeDate: Date; notAfterDate: Date } {
  return { notBeforeDate: new Date(Date.now() - HOUR_MS), notAfterDate: new Date(Date.now() + days * 24 * HOUR_MS) };
}

/**
 * EC keys: an RSA authority would add 100 to 400 ms to every start of the sandbox. Each has a name of its own, since a
 * client that trusts two of the same name tries the wrong one and calls the signature bad.
 */
export async function createCertificateAuthority(
  commonName = `Mailroom sandbox CA ${randomUUID().slice(0, 8)}`,
): Promise<CertificateAuthority> {
  const pems = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...validity(30),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { caPem: pems.cert, caKeyPem: pems.private };
}

/** A server certificate for loopback, and for the names that shall lead there, signed by `authority`. */
export async function issueLoopbackCertificate(
  authority: CertificateAuthority,
  names: readonly string[] = [],
): Promise<ServerCertificate> {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...validity(29),
    ca: { cert: authority.caPem, key: authority.caKeyPem },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          ...names.map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  return { certPem: pems.cert, keyPem: pems.private };
}
