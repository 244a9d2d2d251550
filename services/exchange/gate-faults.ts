import type { Fault } from '../model/fault.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';

/** What faults mean to the gate and to whoever sends a password. */

/** The server asks for time. */
export const throttles: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'ErrorServerBusy',
  'ErrorExceededConnectionCount',
  'HttpUnavailable',
]);
/**
 * Came before a single byte of the request. After any other fault the server may have seen the password and refused it; a
 * second place that is asked would then be a second failed sign-in (DESIGN, law 6).
 */
export const neverSent: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'AddressLoopback',
  'AddressLinkLocal',
  'AddressNotAllowed',
  'DnsNotFound',
  'DnsFailure',
  'ConnectionRefused',
  'ConnectionTimedOut',
  'HostUnreachable',
  'ProxyRefused',
  'TlsUntrusted',
  'TlsExpired',
  'TlsNameMismatch',
  'TlsProtocol',
  'TlsWeak',
]);
/** There is no token, so Exchange was not asked. */
export const tokenFaults: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'OAuthInvalidClient',
  'OAuthCertificateExpired',
  'OAuthAppNotFound',
  'OAuthTenantNotFound',
  'OAuthResourceNotFound',
  'OAuthConsentMissing',
  'OAuthRoleMissing',
  'OAuthClockSkew',
  'OAuthUnreachable',
  'OAuthOther',
  'KeyVaultForbidden',
  'KeyVaultSecretNotFound',
  'KeyVaultUnreachable',
  'KeyVaultOther',
  'CredentialMissing',
]);
/** Met before any mailbox was named, so whoever comes next would meet them too. A hanging or broken answer is not one. */
export const sharedFaults: ReadonlySet<FaultCode> = new Set<FaultCode>([
  ...neverSent,
  ...tokenFaults,
  'TlsFailure',
  'BasicNotOffered',
  'NtlmNotOffered',
  'BearerNotOffered',
  // A token is of the whole profile.
  'OAuthTokenRefused',
]);
/** The password is wrong, or its account is closed: it is never tried again. */
export const refusals: ReadonlySet<FaultCode> = new Set<FaultCode>(['CredentialRefused', 'AccountLocked']);

/** The connection did not come about, or broke: it says something of the server and nothing of a mailbox. */
export const connectionFaults: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'DnsNotFound',
  'DnsFailure',
  'ConnectionRefused',
  'ConnectionTimedOut',
  'ConnectionReset',
  'ConnectionOther',
  'HostUnreachable',
  'ProxyRefused',
  'TlsUntrusted',
  'TlsExpired',
  'TlsNameMismatch',
  'TlsProtocol',
  'TlsWeak',
  'TlsFailure',
  'DeadlineExceeded',
]);

/** When a server says "busy" without saying for how long. */
const defaultBackOffMs = 1000;
export const longestBackOffMs = 5 * 60_000;

/** For how long a server that asked for time is left alone. */
export function backOffMsOf({ params }: Fault): number {
  const named = params['backOffMs'];
  return Math.min(typeof named === 'number' && named > 0 ? named : defaultBackOffMs, longestBackOffMs);
}
