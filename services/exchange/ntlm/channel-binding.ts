import { createHash, X509Certificate } from 'node:crypto';

/**
 * The channel binding of a TLS connection as NTLM carries it: MD5 over a gss_channel_bindings_struct whose application
 * data is `tls-server-end-point:` and the hash of the server's certificate (RFC 5929 §4, MS-NLMP §3.1.5.1.2). With
 * Extended Protection set to Require, Exchange answers 401 to everybody who leaves it out, and to everybody behind a
 * proxy that ends TLS: it then sees another certificate than the client.
 */
export function channelBindingOf(certificate: Buffer): Buffer {
  const endPoint = createHash(hashOf(certificate)).update(certificate).digest();
  const data = Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), endPoint]);
  // Initiator and acceptor: no address type, no address (two numbers each); then the length of the data.
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

/**
 * The hash of the certificate's own signature; SHA-256 for MD5 and SHA-1, and where the signature names none (Ed25519),
 * which RFC 5929 leaves open and OpenSSL and Windows settle so.
 */
function hashOf(certificate: Buffer): string {
  const algorithm = signatureAlgorithm(certificate).toLowerCase();
  const named = /sha-?(256|384|512)/.exec(algorithm)?.[1];
  return `sha${named ?? '256'}`;
}

function signatureAlgorithm(certificate: Buffer): string {
  return new X509Certificate(certificate).signatureAlgorithm ?? '';
}
