import { describe, expect, it, test } from 'vitest';
import { parseAllowList } from '../../../services/exchange/address-guard.ts';
import type { Subject } from '../../../services/exchange/autodiscover/search-state.ts';
import {
  ewsUrl,
  internalUrl,
  poxError,
  poxFound,
  poxRedirectAddress,
  poxRedirectUrl,
  soapError,
  soapFound,
} from './samples.ts';
import { answer, at, challenge, fault, moved, runScript, withoutSoap, type Script } from './scripted-search.ts';

const domain = at('contoso.test');
const auto = at('autodiscover.contoso.test');
const mail = at('mail.contoso.test');
const page = answer(200, '<html>Welcome</html>');

const codeOf = (script: Script, changes: Partial<Subject> = {}): string => {
  const { result } = runScript(script, changes);
  return result.kind === 'fault' || result.kind === 'not-found' ? `${result.kind} ${result.fault.code}` : result.kind;
};

describe('redirects', () => {
  it('to another address begin anew with that address', () => {
    const other = at('autodiscover.corp.test');
    const { result, asks } = runScript(
      {
        [auto.get]: withoutSoap,
        [auto.pox]: answer(200, poxRedirectAddress('kim@corp.test')),
        [other.get]: challenge(),
        [other.soap]: answer(200, soapFound()),
      },
      { confirmedHosts: ['autodiscover.corp.test'] },
    );
    expect(result.kind).toBe('found');
    expect(asks.at(-1)).toMatchObject({ kind: 'soap', address: 'kim@corp.test' });
  });

  it('stop after ten', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        at(index === 0 ? 'autodiscover.contoso.test' : `h${index}.test`).get,
        moved(at(`h${index + 1}.test`).xml),
      ]),
    );
    const { result, words } = runScript(chain);
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'AutodiscoverRedirectLoop' } });
    expect(words.filter((word) => /GET https:\/\/h\d/.test(word))).toHaveLength(10);
  });

  test.each<[string, Script, string]>([
    ['to itself', { [auto.get]: moved(auto.xml) }, 'fault AutodiscoverRedirectLoop'],
    [
      'in a circle of two',
      { [auto.get]: moved(mail.xml), [mail.get]: moved(auto.xml) },
      'fault AutodiscoverRedirectLoop',
    ],
    [
      'from SOAP to the same',
      { [auto.get]: challenge(), [auto.soap]: answer(200, soapError('RedirectUrl', auto.svc)) },
      'fault AutodiscoverRedirectLoop',
    ],
    [
      'to the same address',
      { [auto.get]: withoutSoap, [auto.pox]: answer(200, poxRedirectAddress('KIM@contoso.test')) },
      'fault AutodiscoverRedirectLoop',
    ],
    [
      'to plain HTTP',
      { [auto.get]: moved('http://mail.contoso.test/autodiscover/autodiscover.xml') },
      'fault AutodiscoverRedirectRefused',
    ],
    [
      'to plain HTTP, in POX',
      { [auto.get]: withoutSoap, [auto.pox]: answer(200, poxRedirectUrl('http://mail.contoso.test/a.xml')) },
      'fault AutodiscoverRedirectRefused',
    ],
    [
      'with a user in it',
      { [auto.get]: moved('https://a:b@mail.contoso.test/autodiscover/autodiscover.xml') },
      'fault AutodiscoverRedirectRefused',
    ],
    [
      'to the port of SMTP',
      { [auto.get]: moved('https://mail.contoso.test:25/') },
      'fault AutodiscoverRedirectRefused',
    ],
    ['to a file', { [auto.get]: moved('file:///etc/passwd') }, 'fault AutodiscoverRedirectRefused'],
    [
      'of the signed-in to a sign-in page',
      { [auto.get]: withoutSoap, [auto.pox]: moved('/owa/auth/logon.aspx?url=https://x') },
      'fault HttpRedirect',
    ],
    [
      'to an address that is none',
      { [auto.get]: withoutSoap, [auto.pox]: answer(200, poxRedirectAddress('nobody')) },
      'fault AutodiscoverAnswerInvalid',
    ],
    [
      'of plain HTTP to plain HTTP',
      { [auto.plain]: moved('http://mail.contoso.test/') },
      'fault AutodiscoverRedirectRefused',
    ],
  ])('%s', (_, script, expected) => {
    expect(codeOf(script)).toBe(expected);
  });

  it('of addresses end at the cap of requests', () => {
    const domains = ['contoso.test', ...Array.from({ length: 20 }, (_, index) => `d${index + 1}.test`)];
    const script = Object.fromEntries(
      domains.flatMap((name, index) => {
        const place = at(`autodiscover.${name}`);
        const next = `kim@d${index + 1}.test`;
        return [
          [place.get, challenge()],
          [place.soap, answer(500)],
          [place.pox, answer(200, poxRedirectAddress(next))],
        ] as const;
      }),
    );
    const { result, words } = runScript(script, { confirmedHosts: domains.map((name) => `autodiscover.${name}`) });
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'AutodiscoverRedirectLoop' } });
    expect(words).toHaveLength(40);
  });

  it('of plain HTTP to the https that was asked already are no second visit', () => {
    const { result, words } = runScript({
      [auto.get]: answer(404),
      [auto.getSoap]: answer(404),
      [auto.plain]: moved(auto.xml),
    });
    expect(words.filter((word) => word === auto.get)).toHaveLength(1);
    expect(result.kind).toBe('not-found');
    expect(result.trace.map(({ note }) => note.code)).toContain('already-tried');
  });
});

describe('the verdict', () => {
  test.each<[string, Script, string]>([
    [
      'the server does not know the address',
      {
        [auto.get]: challenge(),
        [auto.soap]: answer(200, soapError('InvalidUser')),
        [auto.pox]: answer(200, poxError('500')),
      },
      'fault AutodiscoverAddressUnknown',
    ],
    [
      'busy',
      { [auto.get]: challenge(), [auto.soap]: answer(200, soapError('ServerBusy')), [auto.pox]: answer(503) },
      'fault ErrorServerBusy',
    ],
    [
      'no EWS address',
      { [auto.get]: challenge(), [auto.soap]: answer(200, soapFound({})), [auto.pox]: answer(404) },
      'fault AutodiscoverUrlMissing',
    ],
    ['an untrusted certificate', { [auto.get]: fault('TlsUntrusted') }, 'fault TlsUntrusted'],
    [
      'the website has a certificate for another name',
      { [domain.get]: fault('TlsNameMismatch') },
      'not-found AutodiscoverNotFound',
    ],
    [
      'not on the list of hosts',
      { [domain.get]: fault('AddressNotAllowed'), [auto.get]: fault('AddressNotAllowed') },
      'fault AddressNotAllowed',
    ],
    ['no route', { [auto.get]: fault('ConnectionTimedOut') }, 'fault ConnectionTimedOut'],
    ['a website at autodiscover.domain', { [auto.get]: page, [auto.empty]: page }, 'not-found AutodiscoverNotFound'],
    ['a page for who has signed in', { [auto.get]: withoutSoap, [auto.pox]: page }, 'fault AutodiscoverAnswerInvalid'],
    ['503', { [auto.get]: answer(503) }, 'fault HttpUnavailable'],
    // Not the one of EWS, whose sentence is about a mailbox without EWS.
    ['403', { [auto.get]: answer(403) }, 'fault HttpStatus'],
  ])('%s', (_, script, expected) => {
    expect(codeOf(script)).toBe(expected);
  });
});

describe('the EWS address', () => {
  const found = (external: string, internal: string, policy = parseAllowList([])) =>
    runScript({ [auto.get]: withoutSoap, [auto.pox]: answer(200, poxFound(external, internal)) }, { policy }).result;

  it('is the internal one where the external cannot be used', () => {
    expect(found('http://mail.contoso.test/EWS/Exchange.asmx', internalUrl)).toMatchObject({ ewsUrl: internalUrl });
  });

  test.each([
    'http://mail.contoso.test/EWS/Exchange.asmx',
    'https://user:pw@mail.contoso.test/EWS/Exchange.asmx',
    'https://169.254.169.254/EWS/Exchange.asmx',
    'https://127.0.0.1/EWS/Exchange.asmx',
    'https://mail.contoso.test:25/EWS/Exchange.asmx',
    'javascript:alert(1)',
    `https://mail.contoso.test/${'x'.repeat(3000)}`,
  ])('is refused: %#', (url) => {
    expect(found(url, url)).toMatchObject({ kind: 'fault', fault: { code: 'AutodiscoverUrlRefused' } });
  });

  it('is refused where the operator does not allow its host', () => {
    const policy = parseAllowList(['*.corp.contoso.test']);
    expect(found(ewsUrl, internalUrl, policy)).toMatchObject({ kind: 'found', ewsUrl: internalUrl });
    expect(found(ewsUrl, '', policy)).toMatchObject({
      fault: { code: 'AutodiscoverUrlRefused', params: { location: 'https://mail.contoso.test' } },
    });
  });
});

it('nobody else is asked once a server that accepted the credential does not know the address', () => {
  const { words } = runScript({
    [domain.get]: challenge(),
    [domain.soap]: answer(200, soapError('InvalidUser')),
    [domain.pox]: answer(404),
    [auto.get]: moved(mail.xml),
    [mail.get]: challenge(),
  });
  expect(words).toEqual([domain.get, domain.soap, domain.pox]);
});

it('the trace tells each step with its time, without queries', () => {
  const { result } = runScript({
    [domain.get]: moved('https://login.contoso.test/?SAMLRequest=secret-state'),
    [auto.get]: challenge(),
    [auto.soap]: answer(200, soapFound()),
  });
  expect(result.trace.map(({ at, what, url, status, note }) => [at, what, url, status, note.code])).toEqual([
    [1001, 'probe', domain.xml, 302, 'redirected'],
    [1002, 'probe', 'https://login.contoso.test/', null, 'failed'],
    [1003, 'probe', auto.xml, 401, 'challenged'],
    [1004, 'soap', auto.svc, 200, 'found'],
  ]);
  expect(JSON.stringify(result.trace)).not.toContain('secret-state');
});
