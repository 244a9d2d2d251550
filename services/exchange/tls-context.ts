import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** What Mailroom needs of TLS: 1.2 or later, verified against Node's roots. */
export const minTlsVersion = 'TLSv1.2';

/**
 * One context for all connections: building one parses every CA certificate. Without `extraCa` it holds Node's default
 * roots, which include NODE_EXTRA_CA_CERTS (also in worker threads); `extraCa` (PEM) is added to them, never instead.
 */
export function createTlsContext(extraCa?: string): SecureContext {
  if (extraCa === undefined) return createSecureContext({ minVersion: minTlsVersion });
  return createSecureContext({ minVersion: minTlsVersion, ca: [...getCACertificates('default'), extraCa] });
}
