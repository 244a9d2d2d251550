import { describe, expect, it, test } from 'vitest';
import { readXml, textAt } from '../../../services/exchange/autodiscover/bounded-xml.ts';
import { poxQuestion, readPox } from '../../../services/exchange/autodiscover/pox.ts';
import { readSoap, soapQuestion } from '../../../services/exchange/autodiscover/soap.ts';
import {
  ewsUrl,
  internalUrl,
  poxAccount,
  poxError,
  poxFound,
  poxRedirectAddress,
  poxRedirectUrl,
  soapEnvelope,
  soapError,
  soapFault,
  soapFound,
} from './samples.ts';

const context = { host: 'mail.contoso.test', address: 'kim@contoso.test' };
const codeOf = (said: ReturnType<typeof readPox>): unknown => (said.kind === 'error' ? said.fault.code : said.kind);

describe('a SOAP answer', () => {
  it('gives the external EWS address first', () => {
    expect(readSoap(soapFound(), context)).toEqual({
      kind: 'settings',
      ewsUrls: [ewsUrl, internalUrl],
    });
  });

  it('is read without regard to prefixes', () => {
    const prefixed = soapFound()
      .replaceAll(/<(\/?)(?=[A-Z][A-Za-z]+[ />])/g, '<$1q:')
      .replaceAll('xmlns=', 'xmlns:q=');
    expect(readSoap(prefixed, context)).toMatchObject({ kind: 'settings', ewsUrls: [ewsUrl, internalUrl] });
  });

  test.each([
    [soapError('RedirectAddress', 'kim@other.test'), { kind: 'redirect-address', address: 'kim@other.test' }],
    [soapError('RedirectUrl', 'https://x.test/a.svc'), { kind: 'redirect-url', url: 'https://x.test/a.svc' }],
  ])('redirects inside 200', (text, expected) => {
    expect(readSoap(text, context)).toEqual(expected);
  });

  test.each([
    [soapError('InvalidUser'), 'AutodiscoverAddressUnknown'],
    [soapError('InvalidDomain'), 'AutodiscoverAddressUnknown'],
    [soapError('ServerBusy'), 'ErrorServerBusy'],
    [soapError('InternalServerError'), 'AutodiscoverError'],
    [soapEnvelope('', 'InvalidRequest'), 'AutodiscoverError'],
    [soapEnvelope('', 'ServerBusy'), 'ErrorServerBusy'],
    [soapFault, 'AutodiscoverError'],
    ['<html><body>Welcome</body></html>', 'AutodiscoverAnswerInvalid'],
    [soapFound().slice(0, -40), 'AutodiscoverAnswerInvalid'],
    ['', 'AutodiscoverAnswerInvalid'],
  ])('%# has a code', (text, code) => {
    expect(codeOf(readSoap(text, context))).toBe(code);
  });

  it('shows the code of an error that has no words here', () => {
    expect(readSoap(soapFault, context)).toMatchObject({ fault: { raw: 'InternalServiceFault' } });
    // What is no code may be a credential that a broken proxy sends back.
    expect(readSoap(soapError('Basic a2ltOkh1c2g='), context)).toMatchObject({ fault: { raw: 'unknown' } });
  });
});

describe('a POX answer', () => {
  it('gives the address of EXPR before the one of EXCH', () => {
    expect(readPox(poxFound(), context)).toEqual({
      kind: 'settings',
      ewsUrls: [ewsUrl, internalUrl],
    });
  });

  it('takes ASUrl where EwsUrl is not known yet', () => {
    const old = poxAccount(`<Action>settings</Action><Protocol><Type>EXPR</Type><ASUrl>${ewsUrl}</ASUrl></Protocol>`);
    expect(readPox(old, context)).toMatchObject({ ewsUrls: [ewsUrl] });
  });

  test.each([
    [poxRedirectAddress('kim@other.test'), { kind: 'redirect-address', address: 'kim@other.test' }],
    [poxRedirectUrl('https://x.test/a.xml'), { kind: 'redirect-url', url: 'https://x.test/a.xml' }],
  ])('redirects', (text, expected) => {
    expect(readPox(text, context)).toEqual(expected);
  });

  test.each([
    [poxError('500', "The email address can't be found."), 'AutodiscoverAddressUnknown'],
    [poxError('600', 'Invalid Request'), 'AutodiscoverError'],
    [poxError(''), 'AutodiscoverError'],
    [soapFound(), 'AutodiscoverAnswerInvalid'],
    [poxFound().replace('</Account>', ''), 'AutodiscoverAnswerInvalid'],
  ])('%# has a code', (text, code) => {
    expect(codeOf(readPox(text, context))).toBe(code);
  });
});

describe('questions', () => {
  const hostile = `"&<a>'\u0000@contoso.test`;

  test.each([soapQuestion(hostile, 'https://x.test/?a=1&b=2'), poxQuestion(hostile)])(
    '%# are XML whatever the address',
    (text) => {
      const root = readXml(text);
      const said =
        root?.name === 'Autodiscover'
          ? textAt(root, 'Request', 'EMailAddress')
          : textAt(root, 'Body', 'GetUserSettingsRequestMessage', 'Request', 'Users', 'User', 'Mailbox');
      expect(said).toBe(`"&<a>'@contoso.test`);
    },
  );
});

describe('hostile XML', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${poxFound('&b;')}`;
  const outside = `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${poxFound('&x;')}`;

  test.each([
    ['an entity bomb', bomb],
    ['an outside entity', outside],
    ['a document type alone', '<!DOCTYPE Autodiscover><Autodiscover/>'],
    ['an unknown entity', poxFound('&x;')],
    ['20,000 nested elements', '<a>'.repeat(20_000)],
    ['100,000 elements', `<a>${'<b/>'.repeat(100_000)}</a>`],
    ['2 MB', `<a>${'x'.repeat(2_000_000)}</a>`],
    ['two documents', '<a/><b/>'],
    ['text alone', 'Service Unavailable'],
  ])('is not read: %s', (_, text) => {
    expect(readXml(text)).toBeNull();
  });
});
