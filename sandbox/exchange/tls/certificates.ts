import { generate } from 'selfsigned';

/** What a client is to find wrong with the certificate. */
export type CertificateKind = 'good' | 'expired' | 'wrong-name' | 'untrusted' | 'self-signed' | 'weak' | 'sha1';

export const CERTIFICATE_KINDS: readonly CertificateKind[] = [
  'good',
  'expired',
  'wrong-name',
  'untrusted',
  'self-signed',
  'weak',
  'sha1',
];

/** PEM texts. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

export interface ServerCertificate extends KeyPair {
  readonly isWeak: boolean;
}

type KeyType = 'ec' | 'rsa';

const DAY_MS = 24 * 60 * 60 * 1000;

/** RSA is slow to make; it is used only where the point is a weak RSA key or signature, whose issuer must be RSA for selfsigned. */
export function keyTypeFor(kind: CertificateKind): KeyType {
  return kind === 'weak' || kind === 'sha1' ? 'rsa' : 'ec';
}

export async function createAuthority(keyType: KeyType, name = 'Contoso Test Root CA'): Promise<KeyPair> {
  const made = await generate(subject(name), {
    keyType,
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 400 * DAY_MS),
    notAfterDate: new Date(Date.now() + 3650 * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { key: made.private, certificate: made.cert };
}

/** The host, and the names Autodiscover is looked for under. */
function namesOf(host: string): string[] {
  const domain = host.replace(/^[^.]+\.(?=.*\.)/, '');
  return [...new Set([host, `autodiscover.${domain}`, domain])];
}

/** A certificate for the host, its domain, localhost and 127.0.0.1, with the flaw asked for. */
export async function createServerCertificate(
  kind: CertificateKind,
  host: string,
  authority: KeyPair,
): Promise<ServerCertificate> {
  const names = kind === 'wrong-name' ? ['elsewhere.contoso.test'] : [...namesOf(host), 'localhost'];
  const issuer = kind === 'untrusted' ? await createAuthority('ec', 'Somebody Else Root CA') : authority;
  const isExpired = kind === 'expired';
  const made = await generate(subject(names[0] ?? host), {
    keyType: keyTypeFor(kind),
    ...(kind === 'weak' ? { keySize: 1024 } : {}),
    algorithm: kind === 'sha1' ? 'sha1' : 'sha256',
    notBeforeDate: new Date(Date.now() - (isExpired ? 365 : 1) * DAY_MS),
    notAfterDate: new Date(Date.now() + (isExpired ? -2 : 365) * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: keyTypeFor(kind) === 'rsa', critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2, value }) as const),
          ...(kind === 'wrong-name' ? [] : [{ type: 7, ip: '127.0.0.1' } as const]),
        ],
      },
    ],
    ...(kind === 'self-signed' ? {} : { ca: { key: issuer.key, cert: issuer.certificate } }),
  });
  return { key: made.private, certificate: made.cert, isWeak: kind === 'weak' || kind === 'sha1' };
}

function subject(name: string) {
  return [
    { name: 'commonName', value: name },
    { name: 'organizationName', value: 'Contoso Test' },
  ];
}
