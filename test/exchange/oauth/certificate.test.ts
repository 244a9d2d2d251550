import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { readCertificate, type ClientCertificate } from '../../../services/exchange/oauth/certificate.ts';
import { CertificateError } from '../../../services/exchange/oauth/certificate-problem.ts';
import { readDer, octetsOf, oidOf } from '../../../services/exchange/oauth/der.ts';
import { decryptPbe, IterationBudget, pfxPassword } from '../../../services/exchange/oauth/pbe.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { bytesOf, read, validAt, type SampleName } from './certificate-samples.ts';

const plain = read('plain.pem', null).certificate;
const thumbprint = plain?.thumbprint;

const readable: readonly (readonly [SampleName, string])[] = [
  ['aes256.pfx', 'pw'],
  ['aes128-sha512mac.pfx', 'pw'],
  ['windows-3des.pfx', 'pw'],
  ['windows-rc2-40.pfx', 'pw'],
  ['rc2-128.pfx', 'pw'],
  ['plain-bags.pfx', 'pw'],
  ['no-mac.pfx', 'pw'],
  ['umlaut.pfx', 'Grüße€'],
  ['key-vault.pfx', ''],
  ['java.pfx', 'pwpwpw'],
  ['plain.pem', ''],
  ['encrypted.pem', 'pw'],
  ['traditional.pem', 'pw'],
];

describe('a certificate', () => {
  it.each(readable)('is read from %s', (name, password) => {
    const { certificate, problem } = read(name, password);
    expect(problem).toBeNull();
    expect(certificate?.thumbprint).toBe(thumbprint);
    expect(certificate?.privateKey.reveal()).toBe(plain?.privateKey.reveal());
    expect(certificate?.chain).toContain(plain?.chain);
  });

  it('has the thumbprints and dates of X.509, and a key that fits', () => {
    const own = plain as ClientCertificate;
    const x509 = new X509Certificate(own.chain);
    expect(own.thumbprint).toBe(x509.fingerprint.replaceAll(':', ''));
    expect(Buffer.from(own.x5t, 'base64url').toString('hex').toUpperCase()).toBe(own.thumbprint);
    expect(Buffer.from(own.x5tS256, 'base64url').toString('hex').toUpperCase()).toBe(
      x509.fingerprint256.replaceAll(':', ''),
    );
    expect(x509.checkPrivateKey(createPrivateKey(own.privateKey.reveal()))).toBe(true);
    expect([own.notBefore, own.notAfter]).toEqual([Date.parse(x509.validFrom), Date.parse(x509.validTo)]);
    expect(own.subject).toBe('CN=mailroom-hma');
  });

  it.each(readable.filter(([name]) => !['plain.pem', 'no-mac.pfx'].includes(name)))(
    'in %s says that the password is wrong',
    (name) => {
      for (const password of ['wrong', name === 'key-vault.pfx' ? 'x' : null])
        expect(read(name, password)).toEqual({ certificate: null, problem: 'certificate.wrong-password' });
    },
  );

  it('without a MAC in the PFX says so as well', () => {
    expect(read('no-mac.pfx', 'wrong').problem).toBe('certificate.wrong-password');
  });

  it.each([
    ['no-key.pfx', 'certificate.no-key'],
    ['no-key.pem', 'certificate.no-key'],
    ['other-key.pem', 'certificate.no-key'],
    ['ec.pfx', 'certificate.key-not-rsa'],
    ['rc4.pfx', 'certificate.unsupported-encryption'],
  ] as const)('%s is refused: %s', (name, problem) => {
    expect(read(name, 'pw')).toEqual({ certificate: null, problem });
  });

  it('is judged by its dates, and still there for the sentence that names them', () => {
    const own = plain as ClientCertificate;
    const early = read('aes256.pfx', 'pw', own.notBefore - 1);
    const late = read('aes256.pfx', 'pw', own.notAfter + 1);
    expect([early.problem, late.problem]).toEqual(['certificate.not-yet-valid', 'certificate.expired']);
    expect(late.certificate?.thumbprint).toBe(thumbprint);
  });

  it.each(['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'MIIB', '-----BEGIN ', '<html>'])(
    'is not found in %j',
    (text) => {
      const material = { content: new Secret(text), password: null };
      expect(readCertificate(material, validAt).problem).toBe('certificate.unreadable');
    },
  );

  it('prints neither its key nor its password, whatever happens', () => {
    for (const [name, password] of readable) {
      const shown = `${inspect(read(name, password), { depth: 9 })}${JSON.stringify(read(name, password))}`;
      expect(shown).not.toContain('PRIVATE KEY');
      expect(shown).toContain('[secret]');
    }
  });

  it('is read or refused with a code from 400 damaged files', () => {
    const problems = new Map<string | null, number>();
    for (let round = 0; round < 400; round += 1) {
      const name: SampleName = round % 2 === 0 ? 'plain-bags.pfx' : 'no-mac.pfx';
      const bytes = bytesOf(name);
      for (let flips = randomBytes(1)[0] ?? 0; flips >= 0; flips -= 64) {
        const at = randomBytes(4).readUInt32LE() % bytes.length;
        bytes[at] = randomBytes(1)[0] ?? 0;
      }
      const content = new Secret(bytes.subarray(0, round % 5 === 0 ? round * 7 : undefined).toString('base64'));
      const { problem } = readCertificate({ content, password: new Secret('pw') }, validAt);
      problems.set(problem, (problems.get(problem) ?? 0) + 1);
    }
    expect([...problems.keys()].every((problem) => problem === null || problem.startsWith('certificate.'))).toBe(true);
    expect(problems.size).toBeGreaterThan(1);
  });
});

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

describe('DER', () => {
  it('of indefinite length and in pieces is put together, as macOS and older Java export it', () => {
    const pieces = [der(0x04, Buffer.from('ab')), der(0x04, Buffer.from('c'))];
    const value = Buffer.concat([Buffer.from([0x24, 0x80]), ...pieces, Buffer.from([0, 0])]);
    expect(octetsOf(readDer(value)).toString()).toBe('abc');
    const whole = bytesOf('aes256.pfx');
    const indefinite = Buffer.concat([Buffer.from([0x30, 0x80]), whole.subarray(4), Buffer.from([0, 0])]);
    const material = { content: new Secret(indefinite.toString('base64')), password: new Secret('pw') };
    expect(readCertificate(material, validAt).certificate?.thumbprint).toBe(thumbprint);
  });

  it.each(['', '30', '3080', '308400000001', '30850000000001', '0403aa', '1f8101', '2480', '0280', '3000ff'])(
    'of %s is refused',
    (hex) => {
      expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(CertificateError);
    },
  );

  it('that nests without end is refused', () => {
    expect(() => readDer(Buffer.from('3080'.repeat(20_000), 'hex'))).toThrow(CertificateError);
  });

  it('names object identifiers', () => {
    expect(oidOf(readDer(Buffer.from('06092a864886f70d010701', 'hex')))).toBe('1.2.840.113549.1.7.1');
    expect(oidOf(readDer(Buffer.from('0603883703', 'hex')))).toBe('2.999.3');
  });
});

test('a file that asks for two thousand million iterations is refused before the first one', () => {
  const oid = Buffer.from('060a2a864886f70d010c0103', 'hex');
  const algorithm = (iterations: Buffer) =>
    readDer(der(0x30, oid, der(0x30, der(0x04, Buffer.alloc(8)), der(0x02, iterations))));
  for (const iterations of [Buffer.from('7fffffff', 'hex'), Buffer.from([0]), Buffer.from('0100000000', 'hex')]) {
    const startedAt = performance.now();
    expect(() => decryptPbe(algorithm(iterations), pfxPassword('pw'), Buffer.alloc(8), new IterationBudget())).toThrow(
      'certificate.unsupported-encryption',
    );
    expect(performance.now() - startedAt).toBeLessThan(100);
  }
});

describe('a hostile file is refused at once', () => {
  const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
  const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
  const huge = (size: number): Buffer => Buffer.alloc(size, 0x5b);
  const pem = (label: string, bytes: Buffer): string =>
    `-----BEGIN ${label}-----\n${bytes.toString('base64')}\n-----END ${label}-----\n`;

  /** EncryptedPrivateKeyInfo with PBKDF2 and SHA-256. */
  function encrypted(iterations: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeInt32BE(iterations);
    const pbkdf2 = der(
      0x30,
      oid('2a864886f70d01050c'),
      der(0x30, der(0x04, Buffer.alloc(8)), integer(count), der(0x30, oid('2a864886f70d0209'))),
    );
    const aes = der(0x30, oid('60864801650304012a'), der(0x04, Buffer.alloc(16)));
    const algorithm = der(0x30, oid('2a864886f70d01050d'), der(0x30, pbkdf2, aes));
    return der(0x30, algorithm, der(0x04, Buffer.alloc(64)));
  }

  /** A PFX whose MAC has as many octets as the file says. */
  function withMac(iterations: number, octets: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeInt32BE(iterations);
    const digest = der(0x30, der(0x30, oid('2b0e03021a')), der(0x04, Buffer.alloc(octets)));
    const data = der(0x30, oid('2a864886f70d010701'), der(0xa0, der(0x04, Buffer.alloc(4))));
    return der(0x30, integer(Buffer.from([3])), data, der(0x30, digest, der(0x04, Buffer.alloc(8)), integer(count)));
  }

  const hours = encrypted(0x7fffffff);
  const numbers = [huge(9000), huge(9000), huge(9000)].map(integer);
  const dsa = der(
    0x30,
    integer(Buffer.from([0])),
    der(0x30, oid('2a8648ce380401'), der(0x30, ...numbers)),
    der(0x04, integer(huge(9000))),
  );
  const rsa = (size: number): Buffer =>
    der(
      0x30,
      ...[Buffer.from([0]), huge(size), Buffer.from([1, 0, 1]), ...Array.from({ length: 6 }, () => huge(size))].map(
        integer,
      ),
    );
  const certificate = bytesOf('no-key.pem').toString();
  const files: readonly (readonly [string, string, string])[] = [
    ['two thousand million iterations', pem('ENCRYPTED PRIVATE KEY', hours), 'certificate.unsupported-encryption'],
    ['the same under the name of a plain key', pem('PRIVATE KEY', hours), 'certificate.unreadable'],
    [
      'the same inside another block, whose first line OpenSSL passes over',
      `-----BEGIN A PRIVATE KEY-----x\n${pem('ENCRYPTED PRIVATE KEY', hours)}-----END A PRIVATE KEY-----\n`,
      'certificate.unsupported-encryption',
    ],
    ['a MAC of a thousand blocks', withMac(150_000, 20_000).toString('base64'), 'certificate.unreadable'],
    [
      'a DSA key whose public half takes minutes',
      `${pem('PRIVATE KEY', dsa)}${certificate}`,
      'certificate.key-not-rsa',
    ],
    ['an RSA key of 64,000 bits', `${pem('RSA PRIVATE KEY', rsa(8000))}${certificate}`, 'certificate.unreadable'],
    [
      'more keys and certificates than can be compared',
      `${pem('RSA PRIVATE KEY', rsa(20)).repeat(60)}${certificate.repeat(30)}`,
      'certificate.unreadable',
    ],
  ];

  it.each(files)('%s', (_name, text, problem) => {
    const startedAt = performance.now();
    const read = readCertificate({ content: new Secret(text), password: new Secret('pw') }, validAt);
    expect(read).toEqual({ certificate: null, problem });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('while 600,000 iterations of PBKDF2, as careful people ask for, are made', () => {
    const read = readCertificate(
      { content: new Secret(pem('ENCRYPTED PRIVATE KEY', encrypted(600_000))), password: new Secret('pw') },
      validAt,
    );
    // Nothing sensible is inside; that is only known after the iterations.
    expect(read.problem).toBe('certificate.wrong-password');
  });
});
