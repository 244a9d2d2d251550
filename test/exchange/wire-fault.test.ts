import { describe, expect, test } from 'vitest';
import { AddressRefused } from '../../services/exchange/guarded-lookup.ts';
import { wireFault } from '../../services/exchange/wire-fault.ts';

const failed = (code: string, message = code): Error => Object.assign(new Error(message), { code });

describe('what an error of the connection means', () => {
  test.each([
    ['ENOTFOUND', 'DnsNotFound'],
    ['EAI_AGAIN', 'DnsFailure'],
    ['EAI_SYSTEM', 'DnsFailure'],
    ['ECONNREFUSED', 'ConnectionRefused'],
    ['ETIMEDOUT', 'ConnectionTimedOut'],
    ['UND_ERR_CONNECT_TIMEOUT', 'ConnectionTimedOut'],
    ['ECONNRESET', 'ConnectionReset'],
    ['EPIPE', 'ConnectionReset'],
    ['UND_ERR_SOCKET', 'ConnectionReset'],
    ['EHOSTUNREACH', 'HostUnreachable'],
    ['ENETUNREACH', 'HostUnreachable'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TlsUntrusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TlsUntrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TlsUntrusted'],
    ['CERT_HAS_EXPIRED', 'TlsExpired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TlsNameMismatch'],
    ['UNSPECIFIED', 'TlsWeak'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'TlsProtocol'],
    ['UND_ERR_HEADERS_TIMEOUT', 'DeadlineExceeded'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'AnswerTooLarge'],
    ['UND_ERR_HEADERS_OVERFLOW', 'AnswerTooLarge'],
  ])('%s is %s', (code, expected) => {
    expect(wireFault(failed(code), 'mail.contoso.com')).toMatchObject({
      code: expected,
      params: { host: 'mail.contoso.com' },
    });
  });

  test.each([
    ['EPROTO', 'SSL routines:ssl3_read_bytes:tlsv1 alert protocol version', 'TlsProtocol'],
    ['EPROTO', 'SSL routines:ssl3_get_record:wrong version number', 'TlsFailure'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'handshake failure', 'TlsFailure'],
    ['EPROTO', 'SSL routines: dh key too small', 'TlsWeak'],
    ['HPE_INVALID_CONSTANT', 'Expected HTTP/', 'AnswerNotSoap'],
    ['ESOMETHINGNEW', 'who knows', 'ConnectionReset'],
  ])('%s (%s) is %s', (code, message, expected) => {
    expect(wireFault(failed(code, message), 'h').code).toBe(expected);
  });

  test('the first attempt of several counts, and a cause is looked into', () => {
    const refused = failed('ECONNREFUSED');
    expect(wireFault(new AggregateError([refused, failed('ENETUNREACH')]), 'h').code).toBe('ConnectionRefused');
    expect(wireFault(new Error('outer', { cause: refused }), 'h').code).toBe('ConnectionRefused');
  });

  test('a refusal of the address guard comes out as it went in', () => {
    const fault = { code: 'AddressLoopback', params: { host: 'h', address: '127.0.0.1' } } as const;
    expect(wireFault(new Error('outer', { cause: new AddressRefused(fault) }), 'h')).toBe(fault);
  });

  test('a code without a name here shows itself', () => {
    expect(wireFault(failed('ESOMETHINGNEW'), 'h').raw).toBe('ESOMETHINGNEW');
    expect(wireFault('not an error', 'h').raw).toBe('unknown');
  });
});
