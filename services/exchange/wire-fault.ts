import type { PeerCertificate } from 'node:tls';
import type { Params } from '../model/error.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import type { Fault } from '../model/fault.ts';

/**
 * Socket, DNS, TLS and HTTP client errors as faults, by code. Node 24's codes as found by running (facts/exchange.md
 * §1.5); undici's from `undici/lib/core/errors.js`.
 */
const byCode: Readonly<Record<string, FaultCode>> = {
  ENOTFOUND: 'DnsNotFound',
  ENODATA: 'DnsNotFound',
  EAI_AGAIN: 'DnsFailure',
  EAI_FAIL: 'DnsFailure',
  ECONNREFUSED: 'ConnectionRefused',
  ETIMEDOUT: 'ConnectionTimedOut',
  UND_ERR_CONNECT_TIMEOUT: 'ConnectionTimedOut',
  ECONNRESET: 'ConnectionReset',
  ECONNABORTED: 'ConnectionReset',
  EPIPE: 'ConnectionReset',
  UND_ERR_SOCKET: 'ConnectionReset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'ConnectionReset',
  HPE_INVALID_EOF_STATE: 'ConnectionReset',
  EHOSTUNREACH: 'HostUnreachable',
  ENETUNREACH: 'HostUnreachable',
  EHOSTDOWN: 'HostUnreachable',
  ENETDOWN: 'HostUnreachable',
  EADDRNOTAVAIL: 'HostUnreachable',
  UND_ERR_HEADERS_TIMEOUT: 'DeadlineExceeded',
  UND_ERR_BODY_TIMEOUT: 'DeadlineExceeded',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'AnswerTooLarge',
  UND_ERR_HEADERS_OVERFLOW: 'AnswerTooLarge',
  HPE_HEADER_OVERFLOW: 'AnswerTooLarge',
  CERT_HAS_EXPIRED: 'TlsExpired',
  CERT_NOT_YET_VALID: 'TlsExpired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TlsNameMismatch',
  ERR_TLS_CERT_ALTNAME_FORMAT: 'TlsNameMismatch',
  HOSTNAME_MISMATCH: 'TlsNameMismatch',
  // An RSA-1024 key and a SHA-1 signature both come without a name of their own.
  UNSPECIFIED: 'TlsWeak',
  ERR_SSL_EE_KEY_TOO_SMALL: 'TlsWeak',
  ERR_SSL_CA_MD_TOO_WEAK: 'TlsWeak',
  ERR_SSL_DH_KEY_TOO_SMALL: 'TlsWeak',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'TlsProtocol',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'TlsProtocol',
  ERR_SSL_VERSION_TOO_LOW: 'TlsProtocol',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'TlsProtocol',
};

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

/** Passes a fault through a place where only errors travel. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.code);
    this.name = 'FaultError';
    this.fault = fault;
  }
}

/** The code of an error, of the first attempt of several, or of its cause. */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof FaultError) return error.fault.code;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // undici 8.13 looks up the codes of its parser in a table that is the wrong way round, so its errors come without one.
  if (error.name === 'HTTPParserError') return /EOF/.test(error.message) ? 'HPE_INVALID_EOF_STATE' : 'HPE_OTHER';
  if (error instanceof AggregateError && error.errors.length > 0) return errorCodeOf(error.errors[0]);
  return error.cause === undefined ? '' : errorCodeOf(error.cause);
}

/** What an error of the connection to `host` means. A fault that was passed along comes out as it is. */
export function wireFault(error: unknown, host: string): Fault {
  const carried = carriedFault(error);
  if (carried !== null) return carried;
  const code = errorCodeOf(error);
  const params = { host };
  const known = byCode[code] ?? (untrusted.has(code) ? 'TlsUntrusted' : undefined);
  if (known !== undefined) return { code: known, params: { ...params, ...certificateOf(error) } };
  const message = error instanceof Error ? error.message : '';
  if (code.startsWith('HPE_')) return { code: 'AnswerNotSoap', params, raw: code };
  if (code.startsWith('EAI_')) return { code: 'DnsFailure', params, raw: code };
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    const isProtocol = /alert protocol version|unsupported protocol|version too low/i.test(message);
    const isWeak = /too small|too weak/i.test(message);
    if (isProtocol) return { code: 'TlsProtocol', params };
    return { code: isWeak ? 'TlsWeak' : 'TlsFailure', params, raw: code };
  }
  // Something broke the exchange in a way that has no name here: the honest default shows the code.
  return { code: 'ConnectionOther', params, raw: code === '' ? 'unknown' : code };
}

/** Whose certificate it was: Node says so only where the name in it is the trouble. */
function certificateOf(error: unknown): Params {
  if (!(error instanceof Error)) return {};
  if (!('cert' in error)) return certificateOf(error.cause);
  const name = (error.cert as PeerCertificate | undefined)?.subject?.CN;
  return name === undefined ? {} : { subject: String(name).slice(0, 200) };
}

function carriedFault(error: unknown): Fault | null {
  for (let next = error; next instanceof Error; next = next.cause) {
    if (next instanceof FaultError) return next.fault;
    if (next instanceof AggregateError && next.errors.length > 0) return carriedFault(next.errors[0]);
  }
  return null;
}
