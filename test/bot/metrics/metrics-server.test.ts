import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { startMetricsServer, type MetricsServer } from '../../../bot/metrics/metrics-server.ts';
import { startProblem } from '../../../bot/start-problem.ts';

const servers: MetricsServer[] = [];
const lines: unknown[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  lines.length = 0;
});

async function serve(scrape = () => Promise.resolve('up 1\n'), port = 0): Promise<MetricsServer> {
  const log = { error: (details: unknown, message: string) => void lines.push([details, message]) };
  const server = await startMetricsServer({ port, log, contentType: 'text/plain; version=0.0.4', scrape });
  servers.push(server);
  return server;
}

/** `fetch` sets the Host header by itself. */
function ask(port: number, options: { method?: string; path?: string; host?: string; body?: string }) {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const { method = 'GET', path = '/metrics', host = `127.0.0.1:${port}`, body } = options;
      const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: { host } }, (response) => {
        const chunks: string[] = [];
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, text: chunks.join('') }),
        );
      });
      request.on('error', reject);
      request.end(body);
    },
  );
}

describe('the metrics port', () => {
  test('answers GET /metrics, and says nothing of who it is', async () => {
    const { port } = await serve();
    const answer = await ask(port, {});
    expect([answer.status, answer.text]).toEqual([200, 'up 1\n']);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['server']).toBeUndefined();
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect((await ask(port, { path: '/metrics?name=x' })).status).toBe(200);
  });

  test.each(['localhost', 'LOCALHOST:1', '[::1]:9464', '127.0.0.1'])('knows this machine as %s', async (host) => {
    const { port } = await serve();
    expect((await ask(port, { host })).status).toBe(200);
  });

  test.each(['mailroom.contoso.com', '127.0.0.1.evil.test', 'localhost.evil.test:9464', '10.0.0.1'])(
    'refuses the name "%s", which a page may have made resolve to this machine',
    async (host) => {
      const { port } = await serve();
      const answer = await ask(port, { host });
      expect([answer.status, answer.text]).toEqual([403, '']);
    },
  );

  test('refuses whoever names nothing', async () => {
    const { port } = await serve();
    const socket = connect(port, '127.0.0.1');
    socket.end('GET /metrics HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test.each(['/', '/metrics/', '/METRICS', '/metrics/..', '//metrics', '/healthz', '/api/messages', '/%6detrics'])(
    'has nothing at %s',
    async (path) => {
      const { port } = await serve();
      const answer = await ask(port, { path });
      expect([answer.status, answer.text]).toEqual([404, '']);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])('does not take %s', async (method) => {
    const { port } = await serve();
    const answer = await ask(port, { method, body: method === 'POST' ? 'x'.repeat(100_000) : '' });
    expect([answer.status, answer.text, answer.headers['allow']]).toEqual([405, '', 'GET']);
  });

  test('is on this machine alone', async () => {
    const { port } = await serve();
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address, family } of others.filter(({ internal, family }) => !internal && family === 'IPv4'))
      await expect(fetch(`http://${address}:${port}/metrics`), `${family} ${address}`).rejects.toThrow();
    await expect(fetch(`http://127.0.0.2:${port}/metrics`)).rejects.toThrow();
  });

  test('answers a scrape that fails with a bare 500, and goes on', async () => {
    let fails = true;
    const { port } = await serve(() => (fails ? Promise.reject(new Error('a detail')) : Promise.resolve('up 1\n')));
    const answer = await ask(port, {});
    expect([answer.status, answer.text]).toEqual([500, '']);
    expect(lines).toHaveLength(1);
    fails = false;
    expect((await ask(port, {})).status).toBe(200);
  });

  test('in use ends the start with one line that names its variable', async () => {
    const { port } = await serve();
    const problem = await serve(undefined, port).then(
      () => 'it was not in use',
      (error: unknown) => startProblem(error),
    );
    expect(problem).toBe(`port ${port} for the metrics is in use; set METRICS_PORT to a free one, or to off`);
  });
});
