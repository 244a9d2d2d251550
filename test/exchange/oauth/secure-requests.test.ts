import { createServer, type Server } from 'node:https';
import { connect, createServer as createProxy, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority, issueLoopbackCertificate } from '../../../sandbox/entra/certificate-authority.ts';
import { policyFor } from '../../../services/exchange/oauth/login-service.ts';
import { createSecureRequests, type SecureRequestsOptions } from '../../../services/exchange/oauth/secure-requests.ts';
import { readProxy } from '../../../services/exchange/proxy.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';

let server: Server;
let port = 0;
let caPem = '';
const paths: string[] = [];

beforeAll(async () => {
  const authority = await createCertificateAuthority();
  const { certPem, keyPem } = await issueLoopbackCertificate(authority);
  caPem = authority.caPem;
  server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    paths.push(`${request.method} ${request.url}`);
    // Not chained: restify, which may share this process, lets writeHead return nothing.
    if (request.url === '/redirect') response.writeHead(302, { location: '/elsewhere' });
    if (request.url === '/silent') response.write('x');
    else if (request.url === '/large') response.end('x'.repeat(300_000));
    else response.end('{}');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const requestsWith = (changes: Partial<SecureRequestsOptions> = {}) =>
  createSecureRequests({
    host: `localhost:${port}`,
    policy: policyFor(['localhost'], ['127.0.0.0/8']),
    tlsContext: createTlsContext(caPem),
    ...changes,
  });

const get = (path: string, changes: Partial<SecureRequestsOptions> = {}, signal = AbortSignal.timeout(5000)) =>
  requestsWith(changes).send({ url: `https://localhost:${port}${path}`, method: 'GET', headers: {} }, signal);

describe('a call beside Exchange', () => {
  it('keeps its query', async () => {
    expect((await get('/a?api-version=7.4')).answer?.status).toBe(200);
    expect(paths.at(-1)).toBe('GET /a?api-version=7.4');
  });

  it('follows no redirect', async () => {
    const before = paths.length;
    expect((await get('/redirect')).answer?.status).toBe(302);
    expect(paths.length).toBe(before + 1);
  });

  it('takes no endless answer', async () => {
    expect((await get('/large')).fault?.code).toBe('AnswerTooLarge');
  });

  it('ends with its signal, also in the middle of an answer', async () => {
    expect((await get('/silent', {}, AbortSignal.timeout(100))).fault?.code).toBe('DeadlineExceeded');
  });

  it.each([
    ['http://localhost/', 'localhost'],
    ['https://localhost:22/', 'localhost:22'],
    ['https://user:pass@localhost/', 'localhost'],
    ['https://169.254.169.254/', '169.254.169.254'],
    ['https://10.0.0.1/', '10.0.0.1'],
    ['https://[::1]/', '[::1]'],
  ])('is not made to %s', async (url, host) => {
    const requests = requestsWith({ host });
    const result = await requests.send({ url, method: 'GET', headers: {} }, AbortSignal.timeout(1000));
    expect(result.fault?.code).toMatch(/^Address/);
  });

  it('is made to no other host, though the guard would let it through', async () => {
    const other = await get('/a', { host: `127.0.0.1:${port}` });
    expect(other.fault?.code).toBe('AddressNotAllowed');
  });

  it('goes through the corporate proxy where there is one, and stays encrypted', async () => {
    const heads: string[] = [];
    const proxy = createProxy((client) => {
      client.once('data', (head: Buffer) => {
        heads.push(head.toString('latin1').split('\r\n')[0] ?? '');
        const upstream = connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          client.pipe(upstream).pipe(client);
        });
        upstream.on('error', () => client.destroy());
      });
      client.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
    const through = { ...readProxy({ url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, noProxy: '' }) };
    try {
      // Loopback is never behind a proxy; this one pretends that it is.
      expect((await get('/a', { proxy: { ...through, skips: () => false } })).answer?.status).toBe(200);
      expect(heads).toEqual([`CONNECT localhost:${port} HTTP/1.1`]);
    } finally {
      proxy.close();
    }
  });

  it('connects to no forbidden address that a name may turn out to be', async () => {
    const resolve = () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]);
    expect((await get('/a', { resolve })).fault?.code).toBe('AddressLinkLocal');
  });

  it('goes to the hosts it is for and to no other', async () => {
    const resolve = () => Promise.resolve([{ address: '203.0.113.1', family: 4 }]);
    const policy = policyFor(['login.microsoftonline.com']);
    expect((await get('/a', { resolve, policy })).fault?.code).toBe('AddressNotAllowed');
  });
});
