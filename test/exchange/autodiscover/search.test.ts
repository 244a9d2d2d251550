import { describe, expect, it, test } from 'vitest';
import type { Subject } from '../../../services/exchange/autodiscover/search-state.ts';
import { ewsUrl, poxFound, poxRedirectUrl, soapError, soapFault, soapFound } from './samples.ts';
import {
  answer,
  at,
  challenge,
  challengeOf,
  fault,
  moved,
  runScript,
  servers,
  withoutSoap,
  type Script,
} from './scripted-search.ts';

const domain = at('contoso.test');
const auto = at('autodiscover.contoso.test');
const mail = at('mail.contoso.test');
const page = answer(200, '<html>Welcome</html>');
const srv = 'SRV _autodiscover._tcp.contoso.test';

const codeOf = (script: Script, changes: Partial<Subject> = {}): string => {
  const { result } = runScript(script, changes);
  return result.kind === 'fault' || result.kind === 'not-found' ? `${result.kind} ${result.fault.code}` : result.kind;
};

describe('the order of places', () => {
  it('is the domain, autodiscover.domain, plain HTTP there, SRV; and then nothing is published', () => {
    const { result, words } = runScript({});
    expect(words).toEqual([domain.get, auto.get, auto.plain, srv]);
    expect(result).toMatchObject({
      kind: 'not-found',
      fault: { code: 'AutodiscoverNotFound', params: { host: 'autodiscover.contoso.test' } },
    });
  });

  it('first asks each host without a credential, then once with it, in SOAP where SOAP is on', () => {
    const { result, words } = runScript({ [auto.get]: challenge(), [auto.soap]: answer(200, soapFound()) });
    expect(words).toEqual([domain.get, auto.get, auto.soap]);
    expect(result).toMatchObject({
      kind: 'found',
      ewsUrl,
      source: 'soap',
      host: 'autodiscover.contoso.test',
    });
  });

  it('speaks POX where SOAP is not announced', () => {
    const { result, words } = runScript({ [domain.get]: withoutSoap, [domain.pox]: answer(200, poxFound()) });
    expect(words).toEqual([domain.get, domain.pox]);
    expect(result).toMatchObject({ kind: 'found', ewsUrl, source: 'pox' });
  });

  test.each([
    ['an empty 500', answer(500)],
    ['a page with 500', answer(500, '<html>')],
    ['a SOAP fault', answer(500, soapFault)],
    ['404', answer(404)],
    ['an answer without an address', answer(200, soapFound({}))],
    ['HTML', page],
  ])('falls back to POX after %s', (_, heard) => {
    const { result, words } = runScript({
      [auto.get]: challenge(),
      [auto.soap]: heard,
      [auto.pox]: answer(200, poxFound()),
    });
    expect(words.slice(-2)).toEqual([auto.soap, auto.pox]);
    expect(result).toMatchObject({ kind: 'found', source: 'pox' });
  });

  it('asks a second time by an empty POST where the method is looked at first', () => {
    const { words } = runScript({
      [auto.get]: answer(405),
      [auto.empty]: withoutSoap,
      [auto.pox]: answer(200, poxFound()),
    });
    expect(words.slice(1)).toEqual([auto.get, auto.empty, auto.pox]);
  });

  it('looks for the SOAP door where the other one is missing', () => {
    const { result, words } = runScript({
      [auto.get]: answer(404),
      [auto.getSoap]: withoutSoap,
      [auto.soap]: answer(200, soapFound()),
    });
    expect(words.slice(1)).toEqual([auto.get, auto.getSoap, auto.soap]);
    expect(result.kind).toBe('found');
  });

  it('goes past the website of the domain', () => {
    const { words } = runScript({
      [domain.get]: moved('https://www.contoso.test/', 301),
      'GET https://www.contoso.test/': page,
      'POST https://www.contoso.test/': page,
      [auto.get]: challenge(),
      [auto.soap]: answer(200, soapFound()),
    });
    expect(words.slice(-2)).toEqual([auto.get, auto.soap]);
  });

  it('takes the best SRV record first, and no literal address', () => {
    const record = (name: string, priority: number, weight: number, port = 443) => ({ name, port, priority, weight });
    const { words } = runScript({
      [srv]: servers(
        record('c.test', 20, 0),
        record('b.test', 10, 5),
        record('169.254.169.254', 0, 0),
        record('a.test', 10, 50, 8443),
        record('.', 0, 0),
        record('d.test', 30, 0),
      ),
    });
    expect(words.slice(4)).toEqual([at('a.test:8443').get, at('b.test').get, at('c.test').get]);
  });
});

describe('credentials', () => {
  test.each<[string, Script]>([
    ['HTTP 302', { [domain.get]: moved(mail.xml), [mail.get]: challenge() }],
    ['plain HTTP', { [auto.plain]: moved(mail.xml), [mail.get]: challenge() }],
    [
      'SRV',
      { [srv]: servers({ name: 'mail.contoso.test', port: 443, priority: 0, weight: 0 }), [mail.get]: challenge() },
    ],
    [
      'RedirectUrl',
      {
        [auto.get]: challenge(),
        [auto.soap]: answer(200, soapError('RedirectUrl', mail.svc)),
        [mail.get]: challenge(),
      },
    ],
    [
      'redirectUrl',
      { [auto.get]: withoutSoap, [auto.pox]: answer(200, poxRedirectUrl(mail.xml)), [mail.get]: challenge() },
    ],
  ])('go to another host, reached by %s, only after it was confirmed', (_, script) => {
    const world = { ...script, [mail.soap]: answer(200, soapFound()) };
    const first = runScript(world);
    expect(first.result).toMatchObject({ kind: 'confirm-host', host: 'mail.contoso.test' });
    expect(first.result.trace.at(-1)).toMatchObject({
      what: 'probe',
      status: 401,
      note: { code: 'confirmation-needed' },
    });
    expect(first.words).not.toContain(mail.soap);
    const second = runScript(world, { confirmedHosts: ['Mail.Contoso.test'] });
    expect(second.result).toMatchObject({ kind: 'found', host: 'mail.contoso.test' });
    expect(second.words).toEqual([...first.words, mail.soap]);
  });

  it('do not go to another port of a host that they may go to', () => {
    const script = {
      [auto.get]: moved('https://contoso.test:8443/autodiscover/autodiscover.xml'),
      [at('contoso.test:8443').get]: challenge(),
    };
    expect(runScript(script).result).toMatchObject({ kind: 'confirm-host', host: 'contoso.test:8443' });
  });

  it('do not go to the domain of another address without a question', () => {
    const script = {
      [auto.get]: challenge(),
      [auto.soap]: answer(200, soapError('RedirectAddress', 'kim@evil.test')),
      [at('evil.test').get]: challenge(),
    };
    expect(runScript(script).result).toMatchObject({ kind: 'confirm-host', host: 'evil.test' });
  });

  it('go past a host that was declined', () => {
    const script = {
      [domain.get]: moved(mail.xml),
      [mail.get]: challenge(),
      [auto.get]: challenge(),
      [auto.soap]: answer(200, soapFound()),
    };
    const { result, words } = runScript(script, { declinedHosts: ['mail.contoso.test'] });
    expect(result).toMatchObject({ kind: 'found', host: 'autodiscover.contoso.test' });
    expect(words).not.toContain(mail.soap);
  });

  it('end with the no as the cause where only a declined host answered', () => {
    const script = { [domain.get]: moved(mail.xml), [mail.get]: challenge() };
    const { result } = runScript(script, { declinedHosts: ['mail.contoso.test'] });
    expect(result).toMatchObject({
      kind: 'fault',
      fault: { code: 'AutodiscoverHostDeclined', params: { host: 'mail.contoso.test' } },
    });
  });

  test.each([
    ['401', answer(401), 'CredentialRefused'],
    ['401 that names schemes', challenge(), 'CredentialRefused'],
    ['456', answer(456), 'AccountLocked'],
    ['a locked account', answer(401, 'The referenced account is currently locked out'), 'AccountLocked'],
    ['a lost answer', fault('ConnectionReset'), 'ConnectionReset'],
    ['an answer that is late', fault('DeadlineExceeded'), 'DeadlineExceeded'],
  ])('are shown to nobody else after %s', (_, heard, code) => {
    const { result, asks } = runScript({
      [domain.get]: challenge(),
      [domain.soap]: heard,
      [domain.pox]: answer(200, poxFound()),
      [auto.get]: challenge(),
      [auto.soap]: answer(200, soapFound()),
    });
    expect(result).toMatchObject({ kind: 'fault', fault: { code } });
    expect(asks.filter(({ kind }) => kind === 'soap' || kind === 'pox')).toHaveLength(1);
  });

  it.each(['ConnectionRefused', 'ProxyRefused', 'NtlmNotOffered'] as const)(
    'are tried elsewhere where they were certainly not sent (%s)',
    (code) => {
      const { result } = runScript({
        [domain.get]: challenge(),
        [domain.soap]: fault(code),
        [domain.pox]: fault(code),
        [auto.get]: challenge(),
        [auto.soap]: answer(200, soapFound()),
      });
      expect(result.kind).toBe('found');
    },
  );

  it('go to the address that the operator names, which is asked first, and from there to nobody else', () => {
    const named = 'ad.contoso.test:8443';
    const namedAddresses = new Map([['contoso.test', at(named).xml]]);
    const script = { [at(named).get]: challenge(), [at(named).soap]: answer(200, soapFound()) };
    const { result, words } = runScript(script, { namedAddresses });
    expect(words).toEqual([at(named).get, at(named).soap]);
    expect(result).toMatchObject({ kind: 'found', host: 'ad.contoso.test' });
    // Another port of that host is another server.
    const redirected = runScript(
      { [at(named).get]: moved(at('ad.contoso.test').xml), [at('ad.contoso.test').get]: challenge() },
      { namedAddresses },
    );
    expect(redirected.result).toMatchObject({ kind: 'confirm-host', host: 'ad.contoso.test' });
    // What is silent leaves the usual places.
    const usual = runScript({ [auto.get]: challenge(), [auto.soap]: answer(200, soapFound()) }, { namedAddresses });
    expect(usual.words).toEqual([at(named).get, domain.get, auto.get, auto.soap]);
  });

  it('do not go to what the operator names for another domain, wherever an answer points', () => {
    const namedAddresses = new Map([['other.test', at('ad.other.test').xml]]);
    const { result, asks } = runScript(
      {
        [domain.get]: challenge(),
        [domain.soap]: answer(200, soapError('RedirectAddress', 'kim@other.test')),
        [at('ad.other.test').get]: challenge(),
      },
      { namedAddresses },
    );
    expect(result).toMatchObject({ kind: 'confirm-host', host: 'ad.other.test' });
    expect(asks.filter(({ kind }) => kind === 'soap' || kind === 'pox')).toHaveLength(1);
  });

  it('are used with the scheme that they are for, and only where it is offered', () => {
    const schemeOf = (scheme: Subject['scheme'], offer = challenge()): unknown =>
      runScript({ [domain.get]: offer, [domain.soap]: answer(200, soapFound()) }, { scheme }).asks.at(-1);
    expect(schemeOf('basic')).toMatchObject({ scheme: 'basic' });
    expect(schemeOf('ntlm')).toMatchObject({ scheme: 'ntlm' });
    expect(schemeOf('ntlm', challengeOf('Negotiate'))).toMatchObject({ scheme: 'ntlm' });
    expect(codeOf({ [domain.get]: challengeOf('Negotiate', 'NTLM'), [auto.get]: challengeOf('NTLM') })).toBe(
      'fault AutodiscoverSchemeNotOffered',
    );
    expect(codeOf({ [auto.get]: challengeOf('Bearer realm="x, Basic y"') })).toBe('fault AutodiscoverSchemeNotOffered');
  });
});
