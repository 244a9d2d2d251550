import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { createTlsContext } from '../../services/exchange/tls-context.ts';
import { createTransport, type Transport, type TransportOptions } from '../../services/exchange/transport.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function start(
  listener: RequestListener,
  options: Partial<TransportOptions> = {},
  maxVersion?: 'TLSv1.1',
): Promise<{ server: FakeServer; transport: Transport; post: (path?: string) => ReturnType<Transport['send']> }> {
  const server = await startFakeServer(listener, maxVersion);
  const policy = parseAllowList(['127.0.0.0/8']);
  const transport = createTransport({ policy, tlsContext: createTlsContext(server.ca), deadlineMs: 2000, ...options });
  open.push(transport, server);
  const post = (path = '/EWS/Exchange.asmx') =>
    transport.send({ url: server.origin + path, method: 'POST', headers: { 'X-One': '1' }, body: '<a/>' });
  return { server, transport, post };
}

describe('a request', () => {
  test('carries its headers, a length, and asks for no compression', async () => {
    const seen: IncomingMessage[] = [];
    const { post } = await start((request, response) => {
      seen.push(request);
      response.setHeader('X-Two', ['a', 'b']);
      response.end('é');
    });
    const result = await post();
    expect(result.answer).toMatchObject({ status: 200, body: 'é' });
    expect(seen[0]?.httpVersion).toBe('1.1');
    expect(seen[0]?.headers).toMatchObject({ 'x-one': '1', 'content-length': '4' });
    expect(seen[0]?.headers).not.toHaveProperty('accept-encoding');
  });

  test('reuses its connection', async () => {
    const { server, post } = await start((_request, response) => response.end('ok'));
    for (let count = 0; count < 5; count += 1) await post();
    expect(server.connections()).toBe(1);
  });

  test('follows no redirect', async () => {
    let requests = 0;
    const { server, post } = await start((_request, response) => {
      requests += 1;
      // Not chained: restify, when it is loaded in the same process, replaces writeHead by one that returns nothing.
      response.writeHead(302, { Location: `${server.origin}/elsewhere` });
      response.end();
    });
    expect((await post()).answer).toMatchObject({ status: 302, headers: { location: `${server.origin}/elsewhere` } });
    expect(requests).toBe(1);
  });

  test('ends with its deadline, also within an answer, and the next one passes', async () => {
    const { server, post } = await start(
      (request, response) => {
        if (request.url === '/hang') return;
        response.write('<a>');
        if (request.url !== '/stall') response.end();
      },
      { deadlineMs: 150 },
    );
    for (const path of ['/hang', '/stall']) {
      expect(await post(path)).toMatchObject({
        fault: { code: 'DeadlineExceeded', params: { host: '127.0.0.1', seconds: 1 } },
      });
    }
    expect((await post('/fine')).fault).toBeNull();
    expect(server.connections()).toBe(3);
  });

  test('keeps its query, and may have a deadline of its own that is shorter', async () => {
    const paths: (string | undefined)[] = [];
    const { server, transport } = await start((request, response) => {
      paths.push(request.url);
      if (request.url !== '/hang') response.end();
    });
    const send = (path: string, ms: number) =>
      transport.send({ url: server.origin + path, method: 'GET', headers: {}, deadlineMs: ms });
    expect((await send('/a?b=c', 60_000)).answer?.status).toBe(200);
    expect(paths).toEqual(['/a?b=c']);
    expect((await send('/hang', 50)).fault).toMatchObject({ code: 'DeadlineExceeded', params: { seconds: 1 } });
  });

  test('is not sent to an address with somebody’s name in it', async () => {
    const { server, transport } = await start((_request, response) => response.end());
    const url = server.origin.replace('https://', 'https://user:pass@');
    expect((await transport.send({ url, method: 'GET', headers: {} })).fault?.code).toBe('AddressNotAllowed');
    expect(server.connections()).toBe(0);
  });

  test('stops reading at the cap, announced or not', async () => {
    const { post } = await start(
      (request, response) => {
        const body = 'x'.repeat(5000);
        if (request.url === '/announced') response.setHeader('Content-Length', body.length);
        response.end(request.url === '/small' ? 'x'.repeat(900) : body);
      },
      { maxAnswerBytes: 1000 },
    );
    expect((await post('/announced')).fault?.code).toBe('AnswerTooLarge');
    expect((await post('/chunked')).fault?.code).toBe('AnswerTooLarge');
    expect((await post('/small')).fault).toBeNull();
  });

  test('ends with the reason of its signal, before and during', async () => {
    const arrived = Promise.withResolvers<void>();
    const { server, transport } = await start(() => arrived.resolve());
    const controller = new AbortController();
    const request = { url: server.origin, method: 'GET', headers: {} } as const;
    const sent = transport.send(request, controller.signal);
    await arrived.promise;
    controller.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
    await expect(transport.send(request, controller.signal)).rejects.toThrow('enough');
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'AnswerNotSoap'],
    ['a broken head', 'HTTP/1.1 200 OK\r\nBad Head\r\n\r\n', 'AnswerNotSoap'],
    ['a broken piece', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'AnswerNotSoap'],
    ['a missing piece', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a', 'ConnectionReset'],
  ])('whose answer is %s has a code of its own, though the parser’s error has none', async (_name, answer, code) => {
    const { post } = await start((_request, response) => void response.socket?.end(answer));
    expect((await post()).fault?.code).toBe(code);
  });

  test('whose answer is cut off is a reset, and its code is on record', async () => {
    const { post } = await start((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('<a>', () => response.socket?.destroy());
    });
    expect(await post()).toMatchObject({ fault: { code: 'ConnectionReset' }, errorCode: 'UND_ERR_SOCKET' });
  });
});

describe('a connection', () => {
  test('below TLS 1.2 does not come about', async () => {
    const { post } = await start((_request, response) => response.end(), {}, 'TLSv1.1');
    expect((await post()).fault?.code).toBe('TlsProtocol');
  });

  test('goes to the address that was judged, and the certificate is still that of the name', async () => {
    const { server, transport } = await start((request, response) => response.end(request.headers.host), {
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const at = (host: string) => transport.send({ url: `https://${host}:${server.port}/`, method: 'GET', headers: {} });
    expect((await at('fake.test')).answer?.body).toBe(`fake.test:${server.port}`);
    expect((await at('other.test')).fault).toMatchObject({
      code: 'TlsNameMismatch',
      params: { host: 'other.test', subject: expect.any(String) },
    });
  });

  test('is not made to a literal, a resolved address or a port that is forbidden', async () => {
    const { server, transport } = await start((_request, response) => response.end(), {
      policy: parseAllowList([]),
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const get = async (url: string) => (await transport.send({ url, method: 'GET', headers: {} })).fault?.code;
    expect(await get(server.origin)).toBe('AddressLoopback');
    expect(await get(`https://2130706433:${server.port}/`)).toBe('AddressLoopback');
    expect(await get(`https://fake.test:${server.port}/`)).toBe('AddressLoopback');
    expect(await get(`http://127.0.0.1:${server.port}/`)).toBe('AddressNotAllowed');
    expect(await get('https://10.0.0.1:22/')).toBe('AddressNotAllowed');
    expect(server.connections()).toBe(0);
  });
});
