import { X509Certificate, createHash, createHmac, createPrivateKey, randomBytes } from 'node:crypto';

/*
 * A PFX (PKCS#12, RFC 7292): one key, encrypted with AES-256 (RFC 8018), one certificate, and a MAC with SHA-256. Node
 * reads such files and writes none.
 */

const sequenceTag = 0x30;
const setTag = 0x31;
const octetsTag = 0x04;
const integerTag = 0x02;
const context0Tag = 0xa0;
const iterations = 2048;

/** @param password ASCII */
export function pfxOf(keyPem: string, certificatePem: string, password: string): Buffer {
  const { raw } = new X509Certificate(certificatePem);
  const localKeyId = attribute('1.2.840.113549.1.9.21', der(octetsTag, createHash('sha1').update(raw).digest()));
  const key = createPrivateKey(keyPem).export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  const certificate = sequence(oid('1.2.840.113549.1.9.22.1'), context0(der(octetsTag, raw)));
  const safe = sequence(
    data(sequence(bag('1.2.840.113549.1.12.10.1.2', key, localKeyId))),
    data(sequence(bag('1.2.840.113549.1.12.10.1.3', certificate, localKeyId))),
  );
  return sequence(der(integerTag, Buffer.from([3])), data(safe), macOf(safe, password));
}

function macOf(safe: Buffer, password: string): Buffer {
  const salt = randomBytes(16);
  const digest = createHmac('sha256', macKey(password, salt)).update(safe).digest();
  const algorithm = sequence(oid('2.16.840.1.101.3.4.2.1'), Buffer.from([0x05, 0x00]));
  return sequence(
    sequence(algorithm, der(octetsTag, digest)),
    der(octetsTag, salt),
    der(integerTag, Buffer.from([iterations >> 8, iterations & 0xff])),
  );
}

/** RFC 7292 B.2 with id 3. One block of SHA-256 is the whole key, so that the step between blocks does not occur. */
function macKey(password: string, salt: Buffer): Buffer {
  const block = 64;
  const filled = (bytes: Buffer): Buffer => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  // Big-endian UTF-16 with a zero at the end.
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(text)]);
  for (let round = 0; round < iterations; round += 1) key = createHash('sha256').update(key).digest();
  return key;
}

const bag = (type: string, value: Buffer, ...attributes: Buffer[]): Buffer =>
  sequence(oid(type), context0(value), der(setTag, ...attributes));

const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), der(setTag, value));

/** ContentInfo of type data. */
const data = (content: Buffer): Buffer => sequence(oid('1.2.840.113549.1.7.1'), context0(der(octetsTag, content)));

const sequence = (...parts: Buffer[]): Buffer => der(sequenceTag, ...parts);
const context0 = (...parts: Buffer[]): Buffer => der(context0Tag, ...parts);

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(content.length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const groups = (value: number): number[] => {
    const bytes = [value % 0x80];
    for (let left = Math.floor(value / 0x80); left > 0; left = Math.floor(left / 0x80))
      bytes.unshift((left % 0x80) | 0x80);
    return bytes;
  };
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(groups)]));
}
