import { describe, expect, test } from 'vitest';
import { judgeAnswer } from '../../services/exchange/ews/answer-fault.ts';
import { readEnvelope } from '../../services/exchange/ews/envelope.ts';
import { schemesOf } from '../../services/exchange/ews/http-headers.ts';
import type { WireAnswer } from '../../services/exchange/transport.ts';
import { bareFault, envelope, errorMessage, findFolderAnswer, soapFault } from './soap-samples.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const context = { host: 'mail.contoso.test', address: 'user1@contoso.test', scheme: 'basic', nowMs } as const;
const host = 'mail.contoso.test';
const address = 'user1@contoso.test';

function judge(status: number, body = '', headers: WireAnswer['headers'] = {}) {
  return judgeAnswer({ status, body, headers }, context).fault;
}

describe('what an answer means', () => {
  test('a good one is no fault and tells the build', () => {
    const judged = judgeAnswer({ status: 200, body: findFolderAnswer, headers: {} }, context);
    expect(judged).toEqual({
      fault: null,
      messages: [null],
      envelope: { build: '15.2.2562.17', error: null, messages: [null] },
    });
  });

  test.each([
    ['ErrorImpersonateUserDenied', 500, soapFault('ErrorImpersonateUserDenied')],
    ['ErrorNonExistentMailbox', 500, soapFault('ErrorNonExistentMailbox', { SmtpAddress: address })],
    ['ErrorNonExistentMailbox', 200, errorMessage('ErrorNonExistentMailbox', { SmtpAddress: address })],
    ['ErrorSubmissionQuotaExceeded', 200, errorMessage('ErrorSubmissionQuotaExceeded')],
    ['ErrorServerBusy', 200, bareFault],
    ['ErrorServerBusy', 500, bareFault],
    ['ErrorServerBusy', 200, errorMessage('ErrorInternalServerError', { InnerErrorResponseCode: 'ErrorServerBusy' })],
  ])('%s with HTTP %i', (code, status, body) => {
    expect(judge(status, body)).toEqual({ code, params: { host, address } });
  });

  test('a back-off time comes along, within reason', () => {
    const busy = (ms: string) => judge(500, soapFault('ErrorServerBusy', { BackOffMilliseconds: ms }));
    expect(busy('4711')?.params).toEqual({ host, address, backOffMs: 4711 });
    expect(busy('99999999')?.params).toEqual({ host, address, backOffMs: 300_000 });
    expect(busy('0')?.params).toEqual({ host, address });
    expect(busy('soon')?.params).toEqual({ host, address });
  });

  test('an unknown response code shows itself', () => {
    expect(judge(200, errorMessage('ErrorBrandNew'))).toEqual({
      code: 'EwsOther',
      params: { host, address, responseCode: 'ErrorBrandNew' },
      raw: 'ErrorBrandNew',
    });
  });

  test.each([
    [401, 'CredentialRefused', { host }, { 'www-authenticate': ['Negotiate', 'NTLM', 'Basic realm="mail"'] }],
    [401, 'CredentialRefused', { host }, {}],
    [401, 'BasicNotOffered', { host, schemes: 'Negotiate, NTLM' }, { 'www-authenticate': ['Negotiate', 'NTLM'] }],
    [403, 'HttpForbidden', { host, address }, {}],
    [404, 'HttpNotFound', { host }, {}],
    [
      302,
      'HttpRedirect',
      { host, location: 'owa.contoso.test' },
      { location: 'https://owa.contoso.test/owa/auth?a=b' },
    ],
    [302, 'HttpRedirect', { host, location: host }, { location: '/owa/' }],
    [302, 'HttpSignInPage', { host, location: host }, { location: '/owa/auth/logon.aspx' }],
    // The path decides, whatever the query says.
    [302, 'HttpRedirect', { host, location: host }, { location: '/ews?from=/owa/auth/logon.aspx' }],
    [302, 'HttpUnavailable', { host, status: 302 }, { location: '/ews/genericerrorpage.htm?aspxerrorpath=/ews' }],
    [503, 'HttpUnavailable', { host, status: 503, backOffMs: 7000 }, { 'retry-after': '7' }],
    [502, 'HttpUnavailable', { host, status: 502 }, {}],
    [
      504,
      'HttpUnavailable',
      { host, status: 504, backOffMs: 30_000 },
      { 'retry-after': 'Tue, 24 Nov 2026 12:00:30 GMT' },
    ],
    [503, 'HttpUnavailable', { host, status: 503, backOffMs: 300_000 }, { 'retry-after': '86400' }],
    [500, 'HttpStatus', { host, status: 500 }, {}],
    [440, 'HttpSignInPage', { host }, {}],
    [449, 'HttpStatus', { host, status: 449 }, {}],
    [456, 'AccountLocked', { host }, {}],
  ])('HTTP %i is %s', (status, code, params, headers) => {
    expect(judge(status, '', headers)).toEqual({ code, params });
  });

  test.each([
    ['2000008;reason="The token has expired.";error_category="invalid_lifetime"', '2000008'],
    ['2000003', '2000003'],
    ['  2000003 ;reason="x"', '2000003'],
    [`${'9'.repeat(500)};reason="x"`, undefined],
    ['<b>2000008</b>', undefined],
    ['', undefined],
  ])('a token that Exchange refuses is no wrong password, and says why by number: %s', (diagnostics, responseCode) => {
    const refusal = { status: 401, body: '', headers: { 'x-ms-diagnostics': diagnostics } };
    const { fault } = judgeAnswer(refusal, { ...context, scheme: 'bearer' });
    expect(fault?.code).toBe('OAuthTokenRefused');
    expect([fault?.params['responseCode'], fault?.raw]).toEqual([responseCode, responseCode]);
  });

  test('a body that speaks of a lock-out is a locked account', () => {
    const body = 'The referenced account is currently locked out and may not be logged on to.';
    expect(judge(401, body, { 'www-authenticate': 'Basic realm="x"' })?.code).toBe('AccountLocked');
    expect(judge(500, body)?.code).toBe('AccountLocked');
    // There is no account behind a token, and this code would hold its credential for good.
    const refusal = { status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' }, body };
    expect(judgeAnswer(refusal, { ...context, scheme: 'bearer' }).fault?.code).toBe('OAuthTokenRefused');
  });

  test('an EWS answer is never a lock-out because of its text', () => {
    expect(
      judge(200, findFolderAnswer.replace('<t:Folders/>', '<t:Folders/><!-- account is locked out -->')),
    ).toBeNull();
  });
});

describe('an answer that is no complete SOAP envelope is kept from the library', () => {
  test.each([
    ['empty', ''],
    ['text', 'Internal Server Error'],
    ['HTML', '<!DOCTYPE html><html><body><br></body></html>'],
    ['well-formed HTML', '<html><body>hello</body></html>'],
    ['cut off', findFolderAnswer.slice(0, findFolderAnswer.length >> 1)],
    ['no body', '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"></s:Envelope>'],
    ['entities', findFolderAnswer.replace('?>', '?><!DOCTYPE b [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>')],
    ['too deep', envelope('<a>'.repeat(20_000) + '</a>'.repeat(20_000))],
    ['crossed tags', findFolderAnswer.replace('<t:Folders/>', '<a><b></a></b>')],
  ])('%s', (_name, body) => {
    expect(readEnvelope(body)).toBeNull();
    expect(judge(200, body)).toEqual({ code: 'AnswerNotSoap', params: { host } });
    expect(judge(500, body)).toEqual({ code: 'HttpStatus', params: { host, status: 500 } });
  });

  test('a byte order mark does no harm', () => {
    expect(readEnvelope(`\uFEFF${findFolderAnswer}`)).not.toBeNull();
  });
});

describe('the schemes of WWW-Authenticate', () => {
  test.each([
    [
      ['Negotiate', 'NTLM', 'Basic realm="mail.contoso.test"'],
      ['Negotiate', 'NTLM', 'Basic'],
    ],
    ['Negotiate, NTLM, Basic realm="a, Digest b"', ['Negotiate', 'NTLM', 'Basic']],
    [
      ['NTLM TlRMTVNTUAACAAAA==', 'Negotiate'],
      ['NTLM', 'Negotiate'],
    ],
    ['Bearer client_id="1", trusted_issuers="x@y, z", error="e", Basic realm=""', ['Bearer', 'Basic']],
    [undefined, []],
  ])('%j', (header, schemes) => {
    expect(schemesOf(header === undefined ? {} : { 'www-authenticate': header })).toEqual(schemes);
  });
});
