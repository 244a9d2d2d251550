/* oxlint-disable unicorn/no-thenable -- a rule reads "for this address, then that"; its `then` is data */
import { get } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type AutodiscoverRule, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, basic, send, texts, type WireAnswer } from './ews-client.ts';
import { authenticateValues, signInByNtlm } from './ntlm-client.ts';

const PATH = '/Autodiscover/Autodiscover.xml';
const ONE = 'user1@contoso.test';
const OUTLOOK = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

const pox = (address: string, schema = OUTLOOK): string =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${schema}</AcceptableResponseSchema></Request></Autodiscover>`;
const soap = (addresses: readonly string[], settings: readonly string[]): string =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion><wsa:Action>http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings</wsa:Action></soap:Header><soap:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users>${addresses
    .map((address) => `<a:User><a:Mailbox>${address}</a:Mailbox></a:User>`)
    .join(
      '',
    )}</a:Users><a:RequestedSettings>${settings.map((name) => `<a:Setting>${name}</a:Setting>`).join('')}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>`;

describe('Autodiscover at the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 2, httpPort: 0 });
  });
  afterAll(() => exchange.close());
  beforeEach(() => {
    exchange.setAutodiscoverRules([]);
    exchange.resetLog();
  });

  const ask = (body: string, path = PATH, headers: Readonly<Record<string, string>> = {}): Promise<WireAnswer> => {
    const { userName, password } = exchange.serviceAccount;
    const authorization = basic(userName, password);
    return send(exchange, {
      body,
      path,
      headers: { 'Content-Type': 'text/xml; charset=utf-8', Authorization: authorization, ...headers },
    });
  };
  const askSoap = (addresses: readonly string[], settings: readonly string[] = ['ExternalEwsUrl']) =>
    ask(soap(addresses, settings), '/autodiscover/autodiscover.svc');

  it('asks who is there with the schemes of its own directory, and names its services', async () => {
    const answer = await send(exchange, { method: 'GET', path: PATH.toLowerCase() });
    expect(answer.status).toBe(401);
    expect(authenticateValues(answer)).toEqual(['Negotiate', 'NTLM', 'Basic realm="mail.contoso.test"']);
    expect(answer.headers).toMatchObject({ 'x-soap-enabled': 'True', 'x-wssecurity-enabled': 'True' });
  });

  it('gives the settings by POX, with the build as a hexadecimal number', async () => {
    const answer = await ask(pox(ONE));
    expect(answer.status).toBe(200);
    expect(texts(answer, 'Action')).toEqual(['settings']);
    expect(texts(answer, 'EwsUrl')).toEqual([exchange.ews, exchange.ews]);
    expect(texts(answer, 'AutoDiscoverSMTPAddress')).toEqual([ONE]);
    const version = Number.parseInt(texts(answer, 'ServerVersion')[0] ?? '', 16);
    expect([(version >>> 22) & 63, (version >>> 16) & 63, version & 0x7fff]).toEqual([15, 2, 1544]);
    expect(exchange.autodiscoverRequests()).toMatchObject([
      { protocol: 'pox', method: 'POST', address: ONE, account: 'CONTOSO\\svc-mailroom', scheme: 'Basic', status: 200 },
    ]);
    expect(exchange.signIns()).toMatchObject([{ directory: 'autodiscover', outcome: 'accepted' }]);
    expect(exchange.requests()).toEqual([]);
  });

  it('takes NTLM, which signs in to this directory only', async () => {
    const { agent, answer } = await signInByNtlm(exchange, pox(ONE), {}, { path: PATH });
    expect(answer.status).toBe(200);
    const again = await send(exchange, { body: pox(ONE), path: PATH, agent, headers: { 'Content-Type': 'text/xml' } });
    expect(again.status).toBe(200);
    expect((await send(exchange, { method: 'GET', agent })).status).toBe(401);
    agent.destroy();
  });

  it('publishes the public name to a client that came by another than loopback', async () => {
    const answer = await ask(pox(ONE), PATH, { Host: `autodiscover.contoso.test:${exchange.port}` });
    expect(texts(answer, 'EwsUrl')[0]).toBe(`https://mail.contoso.test:${exchange.port}/EWS/Exchange.asmx`);
  });

  it.each([
    ['nobody@contoso.test', OUTLOOK, '500', "The email address can't be found."],
    [
      ONE,
      'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006',
      '601',
      'Provider is not available',
    ],
    ['', OUTLOOK, '600', 'Invalid Request'],
  ])('refuses POX for "%s" by %s with %s', async (address, schema, code, text) => {
    const answer = await ask(pox(address, schema));
    expect(answer.status).toBe(200);
    expect(texts(answer, 'ErrorCode')).toEqual([code]);
    expect(texts(answer, 'Message')).toEqual([text]);
    expect(all(answer, 'DebugData')).toHaveLength(1);
  });

  it('answers a GET and what is no XML with 600', async () => {
    const { userName, password } = exchange.serviceAccount;
    const answer = await send(exchange, {
      method: 'GET',
      path: PATH,
      headers: { Authorization: basic(userName, password) },
    });
    expect(texts(answer, 'ErrorCode')).toEqual(['600']);
    expect(texts(await ask('<Autodiscover'), 'ErrorCode')).toEqual(['600']);
  });

  it('gives the settings by SOAP, one address at a time, and says which it lacks', async () => {
    const names = ['ExternalEwsUrl', 'InternalEwsUrl', 'UserDisplayName', 'ExternalPop3Connections'];
    const answer = await askSoap([ONE, 'nobody@contoso.test'], names);
    expect(answer.status).toBe(200);
    expect(texts(answer, 'ErrorCode')).toEqual(['NoError', 'NoError', 'SettingIsNotAvailable', 'InvalidUser']);
    expect(texts(answer, 'Name')).toEqual(['ExternalEwsUrl', 'InternalEwsUrl', 'UserDisplayName']);
    expect(texts(answer, 'Value')).toEqual([exchange.ews, exchange.ews, 'User 1']);
    const version = all(answer, 'ServerVersionInfo')[0];
    expect(version?.attributes.size).toBe(0);
    expect(version?.children.map(({ text }) => text)).toEqual(['15', '2', '1544', '4', 'Exchange2015']);
    expect(texts(await askSoap([]), 'ErrorCode')).toEqual(['InvalidRequest']);
    expect((await ask(pox(ONE), '/autodiscover/autodiscover.svc')).status).toBe(500);
  });

  it.each<[string, AutodiscoverRule['then'], [string, string], [string, string]]>([
    ['another address', { redirectAddress: 'a@b.test' }, ['RedirectAddr', 'a@b.test'], ['RedirectAddress', 'a@b.test']],
    [
      'another URL',
      { redirectUrl: 'https://b.test/x' },
      ['RedirectUrl', 'https://b.test/x'],
      ['RedirectUrl', 'https://b.test/x'],
    ],
  ])('redirects to %s', async (_what, then, [element, target], [code, soapTarget]) => {
    exchange.setAutodiscoverRules([{ address: '*@contoso.test', then }]);
    expect(texts(await ask(pox(ONE)), element)).toEqual([target]);
    const answer = await askSoap([ONE]);
    expect(texts(answer, 'ErrorCode')).toEqual(['NoError', code]);
    expect(texts(answer, 'RedirectTarget')).toEqual([soapTarget]);
  });

  it('does what its rules say for an address, a host and a protocol', async () => {
    exchange.setAutodiscoverRules([
      { address: 'user2@*', then: { error: 'ServerBusy' } },
      { host: 'contoso.test', then: { status: 404 } },
      { host: 'autodiscover.*', protocol: 'soap', then: { redirect: 'https://elsewhere.test/', status: 301 } },
      { then: { settings: { externalEwsUrl: null, internalEwsUrl: 'https://inside.contoso.test/EWS/Exchange.asmx' } } },
    ]);
    expect(texts(await askSoap(['user2@contoso.test']), 'ErrorCode')).toEqual(['ServerBusy']);
    expect((await ask(pox(ONE), PATH, { Host: 'contoso.test' })).status).toBe(404);
    // Without a look at the credentials, as a web server in front would.
    const moved = await ask(soap([ONE], ['ExternalEwsUrl']), '/autodiscover/autodiscover.svc', {
      Host: 'autodiscover.contoso.test',
      Authorization: 'Basic !',
    });
    expect([moved.status, moved.headers.location]).toEqual([301, 'https://elsewhere.test/']);
    expect(texts(await ask(pox(ONE)), 'EwsUrl')).toEqual(['https://inside.contoso.test/EWS/Exchange.asmx']);
  });

  it('redirects from plain HTTP, shows credentials that came there, and serves nothing else', async () => {
    const fetchPlain = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      new Promise<{ status: number | undefined; location: string | undefined }>((resolve, reject) => {
        get(`${exchange.http ?? ''}${path}`, { headers }, (incoming) => {
          incoming.resume();
          resolve({ status: incoming.statusCode, location: incoming.headers.location });
        }).on('error', reject);
      });
    expect(await fetchPlain('/autodiscover/autodiscover.xml')).toEqual({
      status: 302,
      location: `https://127.0.0.1:${exchange.port}${PATH}`,
    });
    expect((await fetchPlain('/', { Authorization: 'Basic x' })).status).toBe(403);
    exchange.setAutodiscoverRules([{ protocol: 'http', then: { redirect: 'https://hostile.test/' } }]);
    expect((await fetchPlain('/autodiscover/autodiscover.xml')).location).toBe('https://hostile.test/');
    expect(exchange.autodiscoverRequests().map(({ protocol, scheme }) => [protocol, scheme])).toEqual([
      ['http', null],
      ['http', 'Basic'],
      ['http', null],
    ]);
  });

  it('reads its rules strictly', () => {
    const set = (rule: unknown) => () => exchange.setAutodiscoverRules([rule as AutodiscoverRule]);
    expect(set({ adress: 'x', then: 'hang' })).toThrow('autodiscover rule 1: unknown key "adress"');
    expect(set({ protocol: 'ftp', then: 'hang' })).toThrow('protocol: one of pox, soap, http is expected');
    expect(set({ then: { redirectAddress: 1 } })).toThrow('redirectAddress: a text is expected');
    expect(set({ then: 'explode' })).toThrow('unknown "explode"');
  });
});
