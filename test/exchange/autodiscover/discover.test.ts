import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { parseAllowList } from '../../../services/exchange/address-guard.ts';
import { createAutodiscoverHttp } from '../../../services/exchange/autodiscover/autodiscover-http.ts';
import type {
  AutodiscoverHttp,
  HttpRequest,
  HttpResult,
} from '../../../services/exchange/autodiscover/autodiscover-port.ts';
import { discover, type DiscoverOptions } from '../../../services/exchange/autodiscover/discover.ts';
import type { DiscoveryResult } from '../../../services/exchange/autodiscover/search-state.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import { createTransport, type Transport, type TransportOptions } from '../../../services/exchange/transport.ts';
import type { OpenPassword } from '../../../services/exchange/wire-answer.ts';
import { systemClock } from '../../../services/model/clock.ts';
import { FakeClock, settle } from '../fake-clock.ts';
import { ewsUrl, poxFound, poxRedirectAddress, soapError, soapFound } from './samples.ts';
import { startScriptedServer, type Arrived, type ScriptedServer } from './scripted-server.ts';

const domain = 'contoso.test';
const auto = `autodiscover.${domain}`;
const mail = `mail.${domain}`;
const wrongName = 'wrong-name.test';
const password = 'P@ss wörd:1';
const policy = parseAllowList(['127.0.0.0/8', '*.contoso.test', 'contoso.test']);
const names: Readonly<Record<string, string>> = {
  [auto]: '127.0.0.1',
  [mail]: '127.0.0.1',
  [wrongName]: '127.0.0.1',
  [`autodiscover.${wrongName}`]: '127.0.0.1',
  'metadata.contoso.test': '169.254.169.254',
};

let server: ScriptedServer;
const open: Transport[] = [];
beforeAll(async () => {
  server = await startScriptedServer([domain, auto, mail]);
});
afterAll(async () => {
  await Promise.all(open.map((transport) => transport.close()));
  await server.close();
});

function httpOf(changes: Partial<TransportOptions> = {}): AutodiscoverHttp {
  const road = {
    policy,
    tlsContext: createTlsContext(server.ca),
    resolve: async (host: string) => {
      const address = names[host];
      if (address === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      return Promise.resolve([{ address, family: 4 }]);
    },
    listensOn: (_: string, port: number) => (port === 80 ? server.http : server.https),
    ...changes,
  };
  const transport = createTransport(road);
  open.push(transport);
  return createAutodiscoverHttp({ transport, road: { ...road, proxy: null } });
}

const signIn = (secret = password): OpenPassword => ({
  scheme: 'basic',
  userName: `svc@${domain}`,
  password: secret,
  credentialId: 'c1',
});

const search = (changes: Partial<DiscoverOptions> = {}): Promise<DiscoveryResult> =>
  discover({
    address: `kim@${domain}`,
    authentication: signIn(),
    http: httpOf(),
    resolver: () => Promise.reject(Object.assign(new Error('no data'), { code: 'ENODATA' })),
    policy,
    clock: systemClock,
    confirmedHosts: [],
    ...changes,
  });

/** As Exchange does: a challenge for strangers, POX and SOAP for who has signed in. */
function exchange(arrived: Arrived, response: ServerResponse): void {
  if (arrived.headers.authorization === undefined) {
    response.writeHead(401, {
      'WWW-Authenticate': ['Negotiate', 'NTLM', 'Basic realm="x"'],
      'X-SOAP-Enabled': 'True',
      'X-OWA-Version': '15.2.1544.14',
    });
    response.end();
  } else if (arrived.headers.authorization !== `Basic ${Buffer.from(`svc@${domain}:${password}`).toString('base64')}`) {
    response.writeHead(401).end();
  } else response.end(arrived.path.endsWith('.svc') ? soapFound() : poxFound());
}

const told = (): string[] => server.arrived.map(({ to, method, path }) => `${method} ${to}${path}`);
const withCredentials = (): string[] =>
  server.arrived.filter(({ headers }) => headers.authorization !== undefined).map(({ to }) => to);

describe('over TLS', () => {
  it('finds the server: one question without the credential, one with it', async () => {
    server.answerWith(exchange);
    const result = await search();
    expect(result).toMatchObject({ kind: 'found', ewsUrl, source: 'soap', host: auto });
    expect(told()).toEqual([
      `GET https://${auto}/autodiscover/autodiscover.xml`,
      `POST https://${auto}/autodiscover/autodiscover.svc`,
    ]);
    expect(server.arrived.at(-1)?.headers).toMatchObject({
      'content-type': 'text/xml; charset=utf-8',
      soapaction: '"http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings"',
      'x-anchormailbox': `kim@${domain}`,
      'user-agent': 'Mailroom/0.1',
    });
    expect(server.arrived.at(-1)?.headers['accept-encoding']).toBeUndefined();
    expect(result.trace.map(({ what, fault }) => [what, fault?.code ?? null])).toEqual([
      ['probe', 'DnsNotFound'],
      ['probe', null],
      ['soap', null],
    ]);
  });

  it('tries a wrong password once in all hosts and never shows it', async () => {
    server.answerWith(exchange);
    const result = await search({ authentication: signIn('wrong-one') });
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'CredentialRefused', params: { host: auto } } });
    expect(withCredentials()).toHaveLength(1);
    const shown = JSON.stringify(result);
    for (const word of ['wrong-one', Buffer.from('wrong-one').toString('base64').slice(0, 8), 'Basic d']) {
      expect(shown).not.toContain(word);
    }
  });

  it('reads the 302 of plain HTTP, asks for the host, and then goes there', async () => {
    server.answerWith((arrived, response) => {
      if (arrived.to === `https://${mail}`) exchange(arrived, response);
      else if (arrived.to === `http://${auto}`) {
        response.writeHead(302, { Location: `https://${mail}/Autodiscover/Autodiscover.xml` }).end();
      } else response.writeHead(404).end();
    });
    const first = await search();
    expect(first).toMatchObject({ kind: 'confirm-host', host: mail });
    expect(withCredentials()).toEqual([]);
    const second = await search({ confirmedHosts: [mail] });
    expect(second).toMatchObject({ kind: 'found', host: mail });
    expect(withCredentials()).toEqual([`https://${mail}`]);
    expect(server.arrived.filter(({ to }) => to.startsWith('http:')).map(({ method, body }) => method + body)).toEqual([
      'GET',
      'GET',
    ]);
  });

  it('finds a server on another port by SRV', async () => {
    server.answerWith((arrived, response) => {
      if (arrived.to === `https://${mail}:8443`) exchange(arrived, response);
      else response.writeHead(404).end();
    });
    const resolver = () => Promise.resolve([{ name: mail, port: 8443, priority: 0, weight: 0 }]);
    expect(await search({ resolver })).toMatchObject({ kind: 'confirm-host', host: `${mail}:8443` });
    expect(await search({ resolver, confirmedHosts: [`${mail}:8443`] })).toMatchObject({ kind: 'found' });
  });

  it.each([
    ['an address the server does not know', soapError('InvalidUser'), 'AutodiscoverAddressUnknown'],
    ['2 MB', 'x'.repeat(2_000_000), 'AnswerTooLarge'],
  ])('ends with the code for %s', async (_, body, code) => {
    server.answerWith((arrived, response) => {
      if (arrived.headers.authorization === undefined) exchange(arrived, response);
      else response.end(body);
    });
    expect(await search()).toMatchObject({ kind: 'fault', fault: { code } });
  });

  it('sends nothing to a host whose certificate names another', async () => {
    server.answerWith(exchange);
    const result = await search({ address: `kim@${wrongName}` });
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'TlsNameMismatch' } });
    expect(server.arrived.filter(({ to }) => to.startsWith('https'))).toEqual([]);
  });

  it('trusts nobody whose authority it does not know', async () => {
    server.answerWith(exchange);
    const http = httpOf({ tlsContext: createTlsContext() });
    expect(await search({ http })).toMatchObject({ kind: 'fault', fault: { code: 'TlsUntrusted' } });
    expect(withCredentials()).toEqual([]);
  });

  it('does not follow to a metadata address, by name or literally', async () => {
    for (const location of ['https://metadata.contoso.test/a', 'https://169.254.169.254/a', 'https://[fe80::1]/a']) {
      server.answerWith((_, response) => void response.writeHead(302, { Location: location }).end());
      const { trace } = await search();
      expect(trace.map(({ fault }) => fault?.code)).toContain('AddressLinkLocal');
    }
  });

  it('asks for another mailbox after a redirect of the address', async () => {
    server.answerWith((arrived, response) => {
      if (arrived.headers.authorization === undefined) exchange(arrived, response);
      else if (arrived.body.includes(`kim@${domain}`)) {
        response.end(arrived.path.endsWith('.svc') ? '' : poxRedirectAddress(`kim2@${domain}`));
      } else exchange(arrived, response);
    });
    expect(await search()).toMatchObject({ kind: 'found', source: 'soap' });
    expect(withCredentials()).toHaveLength(3);
  });
});

describe('the doing', () => {
  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    server.answerWith(() => controller.abort(new Error('enough')));
    await expect(search({ signal: controller.signal })).rejects.toThrow('enough');
  });

  it('gives a silent server its time and no more', async () => {
    server.answerWith(() => undefined);
    const result = await search({ requestDeadlineMs: 40 });
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'DeadlineExceeded' } });
  });

  it('ends a search as a whole at its deadline', async () => {
    const clock = new FakeClock();
    const slow = async (): Promise<HttpResult> => {
      await clock.advance(31_000);
      return { answer: null, fault: { code: 'DnsNotFound', params: {} } };
    };
    const result = await search({ http: { get: slow, post: slow }, clock });
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'DeadlineExceeded', params: { seconds: 60 } } });
    expect(result.trace).toHaveLength(2);
    expect(clock.timers).toBe(0);
  });

  it('leaves a resolver behind that never answers', async () => {
    const clock = new FakeClock();
    server.answerWith((_, response) => void response.writeHead(404).end());
    const asked = Promise.withResolvers<null>();
    const running = search({
      clock,
      resolver: () => {
        asked.resolve(null);
        return new Promise(() => undefined);
      },
    });
    await asked.promise;
    await settle();
    await clock.advance(10_000);
    expect((await running).trace.at(-1)).toMatchObject({ what: 'srv', fault: { code: 'DnsFailure' } });
  });

  it.each(['kim', '@contoso.test', 'kim@127.0.0.1', 'kim@a b', 'a@b@c', ''])(
    'asks nobody about %j',
    async (address) => {
      expect(await search({ address })).toEqual({
        kind: 'fault',
        fault: { code: 'ErrorInvalidSmtpAddress', params: { address } },
        trace: [],
      });
    },
  );
});

describe('HTTP', () => {
  const request = (url: string, changes: Partial<HttpRequest> = {}): HttpRequest => ({
    url,
    headers: {},
    body: null,
    authentication: null,
    deadlineMs: 1000,
    ...changes,
  });

  test.each([
    ['a credential over plain HTTP', `http://${auto}/`, signIn()],
    ['plain HTTP on another port', `http://${auto}:8080/`, null],
    ['a user in the address', `https://u:p@${auto}/`, null],
    ['the port of SSH', `https://${auto}:22/`, null],
  ])('refuses %s', async (_, url, authentication) => {
    server.answerWith(exchange);
    const result = await httpOf().get(request(url, { authentication }));
    expect(result.fault?.code).toBe('AddressNotAllowed');
    expect(server.arrived).toEqual([]);
  });
});
