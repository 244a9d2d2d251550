import { describe, expect, test } from 'vitest';
import { readCertificate, type CertificateReading } from '../../services/exchange/oauth/certificate.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { bytesOf, validAt } from '../exchange/oauth/certificate-samples.ts';

const read = (text: string, password: string | null): CertificateReading =>
  readCertificate({ content: new Secret(text), password: password === null ? null : new Secret(password) }, validAt);

/** The certificate of `plain.pem` with another end; nobody looks at its signature. */
function endingAt(end: string): string {
  const pem = bytesOf('plain.pem').toString();
  const body = /-----BEGIN CERTIFICATE-----\n([^-]*)-----END/.exec(pem)?.[1] ?? '';
  const der = Buffer.from(body, 'base64');
  // GeneralizedTime of 15 octets: the end lies beyond 2049.
  der.write(end, der.indexOf(Buffer.from([0x18, 15])) + 2, 'latin1');
  return pem.replace(body, `${der.toString('base64').replaceAll(/(.{64})/g, '$1\n')}\n`);
}

describe('a certificate whose end is no date', () => {
  test.each(['21261331250000Z', 'xxxxxxxxxxxxxxZ'])('is not taken for one without an end: %s', (end) => {
    expect(read(endingAt(end), null)).toEqual({ certificate: null, problem: 'certificate.unreadable' });
  });

  test('is told from one that lasts very long', () => {
    expect(read(endingAt('99991231235959Z'), null).problem).toBeNull();
  });
});

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128
      ? [content.length]
      : [0x83, content.length >> 16, (content.length >> 8) & 255, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

/** A PFX whose salt and MAC have as many octets as the file says. */
function withMac(salt: number, octets: number): string {
  const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
  const digest = der(0x30, der(0x30, oid('2b0e03021a')), der(0x04, Buffer.alloc(octets)));
  const data = der(0x30, oid('2a864886f70d010701'), der(0xa0, der(0x04, Buffer.alloc(4))));
  const mac = der(0x30, digest, der(0x04, Buffer.alloc(salt, 0xff)), der(0x02, Buffer.from([1])));
  return der(0x30, der(0x02, Buffer.from([3])), data, mac).toString('base64');
}

test.each([
  [48_000, 48_000],
  [20, 21],
  [20, 0],
])('a PFX with %i octets of salt and a MAC of %i, which no digest has, derives no key', (salt, octets) => {
  const startedAt = performance.now();
  expect(read(withMac(salt, octets), null).problem).toBe('certificate.unreadable');
  // Before, the first one held the main thread for a second.
  expect(performance.now() - startedAt).toBeLessThan(300);
});

/** An RSA key of this many bits, of numbers that are no primes: nobody looks at them before the first signature. */
function keyOf(bits: number): string {
  const integer = (octets: number): Buffer => der(0x02, Buffer.from([0]), Buffer.alloc(octets, 0xff));
  const whole = bits / 8;
  const [n, e, d] = [integer(whole), der(0x02, Buffer.from([1, 0, 1])), integer(whole)];
  const halves = Array.from({ length: 5 }, () => integer(whole / 2));
  const bytes = der(0x30, der(0x02, Buffer.from([0])), n, e, d, ...halves);
  return `-----BEGIN RSA PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END RSA PRIVATE KEY-----\n`;
}

test('a key with which one signature holds up the whole bot for a second is refused, and the largest honest ones are not', () => {
  const certificate = bytesOf('no-key.pem').toString();
  expect(read(`${keyOf(16_384)}${certificate}`, null).problem).toBe('certificate.unreadable');
  // It is another one's key, which is only said of one that is read.
  for (const bits of [2048, 4096, 8192])
    expect(read(`${keyOf(bits)}${certificate}`, null).problem).toBe('certificate.no-key');
});
