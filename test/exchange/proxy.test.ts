import { createServer, connect, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { judgeProxied, proxySettingsOf, readProxy, type Proxy } from '../../services/exchange/proxy.ts';
import { readAutodiscoverRules } from '../../sandbox/exchange/autodiscover/rule.ts';
import { startExchange } from '../../sandbox/exchange/index.ts';
import { createExchange } from '../../services/exchange/exchange.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { accessTo, basic, codesOf, requestFor } from './access.ts';
import { createTlsContext } from '../../services/exchange/tls-context.ts';
import { createTransport } from '../../services/exchange/transport.ts';
import { startFakeServer } from './fake-server.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A proxy that makes tunnels to one port, whatever name it is asked for; `answer` is sent instead when given. */
async function startProxy(port: number, answer?: string, plainPort = port): Promise<{ proxy: Proxy; heads: string[] }> {
  const heads: string[] = [];
  const server: Server = createServer((client) => {
    client.once('data', (chunk: Buffer) => {
      heads.push(chunk.toString('latin1'));
      if (answer !== undefined) return client.end(answer);
      const isPlain = /^CONNECT \S+:80 /.test(heads.at(-1) ?? '');
      const upstream = connect(isPlain ? plainPort : port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
    });
    client.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const address = server.address();
  const own = typeof address === 'object' ? address?.port : 0;
  return { proxy: readProxy({ url: `http://me:p%40ss@127.0.0.1:${own}`, noProxy: '' }), heads };
}

async function sendThrough(host: string, allowed: readonly string[], answer?: string) {
  const server = await startFakeServer((request, response) => response.end(request.headers.host));
  const { proxy, heads } = await startProxy(server.port, answer);
  const transport = createTransport({
    policy: parseAllowList(allowed),
    tlsContext: createTlsContext(server.ca),
    deadlineMs: 2000,
    proxy,
  });
  open.push(transport, server);
  const send = () => transport.send({ url: `https://${host}/EWS`, method: 'GET', headers: {} });
  return { results: [await send(), await send()], heads, server };
}

describe('a corporate proxy', () => {
  test('is asked for a tunnel with its own credential, and the certificate is still that of the name', async () => {
    const { results, heads } = await sendThrough('fake.test', ['*.test']);
    expect(results[0]?.answer?.body).toBe('fake.test');
    expect(heads).toEqual([
      `CONNECT fake.test:443 HTTP/1.1\r\nHost: fake.test:443\r\nProxy-Authorization: Basic ${Buffer.from('me:p@ss').toString('base64')}\r\n\r\n`,
    ]);
    const other = await sendThrough('other.test', ['*.test']);
    expect(other.results[0]?.fault?.code).toBe('TlsNameMismatch');
  });

  test('that refuses is told apart, with its status', async () => {
    const { results, server } = await sendThrough('fake.test', ['*'], 'HTTP/1.1 407 Who are you\r\n\r\n');
    expect(results[0]?.fault).toMatchObject({ code: 'ProxyRefused', params: { host: 'fake.test', status: 407 } });
    expect(server.connections()).toBe(0);
  });

  test('that says nothing sensible is one that refuses', async () => {
    const { results } = await sendThrough('fake.test', ['*'], 'SSH-2.0-x\r\n\r\n');
    expect(results[0]?.fault?.code).toBe('ProxyRefused');
  });

  test('is not asked for a host that no glob allows: the address behind it is never seen here', async () => {
    for (const allowed of [[], ['10.0.0.0/8'], ['*.contoso.test']]) {
      const { results, heads } = await sendThrough('fake.test', allowed);
      expect(results[0]?.fault?.code).toBe('AddressNotAllowed');
      expect(heads).toEqual([]);
    }
    expect(judgeProxied(parseAllowList([]), '169.254.169.254')?.code).toBe('AddressLinkLocal');
    expect(judgeProxied(parseAllowList(['*']), 'mail.contoso.test')).toBeNull();
  });
});

test('the whole way to Exchange goes through it: the check, NTLM with its channel binding, a test', async () => {
  const standIn = await startExchange({ schemes: ['NTLM'], extendedProtection: 'require' });
  const { proxy, heads } = await startProxy(standIn.port);
  const exchange = createExchange({
    allowList: ['*.contoso.test'],
    extraCa: standIn.caCertificate,
    deadlineMs: 5000,
    proxy: { url: `http://me:p%40ss@127.0.0.1:${proxy.port}`, noProxy: '' },
  });
  open.push(exchange, standIn);
  const { userName, password } = standIn.serviceAccount;
  const access = accessTo(standIn, {
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    authentication: { scheme: 'ntlm', userName, password: new Secret(password) },
  });
  const report = await exchange.checkConnection(access, 'user1@contoso.test', () => undefined);
  expect(report.fault).toBeNull();
  expect(report.checks[0]?.seen).toEqual({ host: 'mail.contoso.test', proxy: '127.0.0.1' });
  expect(report.checks[2]?.seen).toMatchObject({ subject: 'mail.contoso.test' });
  expect(codesOf(await exchange.testMailbox(access, requestFor('user1@contoso.test')))).toEqual([null, null, null]);
  expect(new Set(heads.map((head) => head.split('\r\n')[0]))).toEqual(
    new Set(['CONNECT mail.contoso.test:443 HTTP/1.1']),
  );
});

test('the search for a server goes through it as well, the question over plain HTTP included', async () => {
  const standIn = await startExchange({ httpPort: 0, externalUrl: 'https://mail.contoso.test/EWS/Exchange.asmx' });
  const missing = ['contoso.test', 'autodiscover.contoso.test'].map((host) => {
    // By a map: as a literal, an object with this key would look like something to await.
    const fields = new Map<string, unknown>(Object.entries({ host }));
    fields.set('then', { status: 404 });
    return Object.fromEntries(fields);
  });
  standIn.setAutodiscoverRules(readAutodiscoverRules(missing));
  const { proxy, heads } = await startProxy(standIn.port, undefined, Number(new URL(standIn.http ?? '').port));
  const exchange = createExchange({
    allowList: ['contoso.test', '*.contoso.test'],
    extraCa: standIn.caCertificate,
    deadlineMs: 5000,
    proxy: { url: `http://127.0.0.1:${proxy.port}`, noProxy: '' },
  });
  open.push(exchange, standIn);
  const { principalName, password } = standIn.serviceAccount;
  const request = {
    address: 'user1@contoso.test',
    authentication: basic(principalName, password),
    credentialId: 'search',
    declinedHosts: [],
  };
  const host = `mail.contoso.test:${standIn.port}`;
  expect(await exchange.findServer({ ...request, confirmedHosts: [] })).toMatchObject({ kind: 'confirm-host', host });
  expect(await exchange.findServer({ ...request, confirmedHosts: [host] })).toMatchObject({ kind: 'found' });
  const asked = new Set(heads.map((head) => / (\S+) /.exec(head)?.[1]));
  expect(asked).toEqual(
    new Set(['contoso.test:443', 'autodiscover.contoso.test:443', 'autodiscover.contoso.test:80', host]),
  );
  expect(standIn.signIns().map(({ outcome }) => outcome)).toEqual(['accepted']);
});

describe('the environment', () => {
  test('names it in either case, without a scheme too, and a proxy is none where nothing is set', () => {
    expect(proxySettingsOf({})).toBeNull();
    expect(proxySettingsOf({ HTTPS_PROXY: 'a', https_proxy: 'b', NO_PROXY: 'c' })).toEqual({ url: 'b', noProxy: 'c' });
    expect(readProxy({ url: 'proxy.test:3128', noProxy: '' })).toMatchObject({
      host: 'proxy.test',
      port: 3128,
      isTls: false,
      authorization: null,
    });
    expect(readProxy({ url: 'https://proxy.test', noProxy: '' })).toMatchObject({ port: 443, isTls: true });
  });

  test.each(['socks5://proxy.test', 'http://:3128', 'http://me:%zz@proxy.test', 'a b'])('cannot hold %j', (url) => {
    const wrong = () => readProxy({ url, noProxy: '' });
    expect(wrong).toThrow(
      expect.objectContaining({ code: 'config.proxy-invalid', params: { variable: 'HTTPS_PROXY' } }),
    );
  });

  test.each([
    ['contoso.test', 'mail.contoso.test', true],
    ['.contoso.test', 'contoso.test', true],
    ['*.contoso.test', 'mail.contoso.test', true],
    ['contoso.test', 'mycontoso.test', false],
    ['mail.contoso.test:8443', 'mail.contoso.test', false],
    ['mail.contoso.test:443', 'mail.contoso.test', true],
    ['other.test, *', 'mail.contoso.test', true],
    ['', 'localhost', true],
    ['', '127.0.0.1', true],
    ['', '::1', true],
    ['', 'mail.contoso.test', false],
  ])('NO_PROXY=%j lets %s go around it: %s', (noProxy, host, skips) => {
    expect(readProxy({ url: 'http://proxy.test:3128', noProxy }).skips(host, 443)).toBe(skips);
  });
});
