import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Activity } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../bot/log.ts';
import { createWebServer, type WebServer } from '../../bot/web/server.ts';
import { systemClock } from '../../services/model/clock.ts';
import { personalMessage } from './activity-samples.ts';

describe('the routes', () => {
  let server: WebServer;
  let base: string;
  let ready: boolean;
  let seen: { activity: Activity; authorization: string }[];
  let lines: string[];

  async function serve(options: { authenticated: boolean; fail?: boolean }): Promise<void> {
    server = createWebServer({
      config: {
        host: '127.0.0.1',
        port: 0,
        publicUrl: 'http://127.0.0.1:1',
        app: options.authenticated ? { id: 'a', tenantId: 't', password: null as never } : null,
      },
      log: createLog({ level: 'trace' }, { write: (line) => void lines.push(line) }),
      processActivity: (activity, authorization) => {
        seen.push({ activity, authorization });
        if (options.fail === true) return Promise.reject(new Error('secret detail'));
        return Promise.resolve(
          activity.type === 'invoke' ? { status: 200, body: { statusCode: 200 } } : { status: 200 },
        );
      },
      secretForm: { clock: systemClock, store: null as never, keys: null as never },
      isReady: () => ready,
    });
    base = `http://127.0.0.1:${(await server.listen()).port}`;
  }

  beforeEach(async () => {
    seen = [];
    lines = [];
    ready = true;
    await Promise.resolve();
  });
  afterEach(async () => {
    await server.close(0);
  });

  const send = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
    fetch(`${base}/api/messages`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const local = (changes: Record<string, unknown> = {}) =>
    JSON.stringify(personalMessage({ serviceUrl: 'http://127.0.0.1:1/amer/', ...changes }));

  test('an activity goes on with its authorization, and the answer of an invoke comes back as JSON', async () => {
    await serve({ authenticated: true });
    const message = await send(local(), { authorization: 'Bearer x' });
    expect([message.status, await message.text()]).toEqual([200, '']);
    expect(seen[0]?.authorization).toBe('Bearer x');
    expect(seen[0]?.activity.text).toBe('help');
    const invoke = await send(local({ type: 'invoke', name: 'adaptiveCard/action', value: {} }));
    expect(invoke.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await invoke.json()).toEqual({ statusCode: 200 });
  });

  test.each([
    ['no JSON', '{"type":', {}, 400],
    ['no activity', '{"type":"message"}', {}, 400],
    ['a text', 'hello', { 'content-type': 'text/plain' }, 415],
    ['a form', 'type=message', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['JSON under a longer name', '{}', { 'content-type': 'application/json-patch' }, 415],
    ['too much', JSON.stringify({ text: 'x'.repeat(1_100_000) }), {}, 413],
  ])('%s is answered with a bare status and goes no further', async (_name, body, headers, status) => {
    await serve({ authenticated: true });
    const response = await send(body, headers);
    expect([response.status, await response.text()]).toEqual([status, '']);
    expect(seen).toEqual([]);
  });

  test('a packed body is refused before it is unpacked', async () => {
    await serve({ authenticated: true });
    const response = await send(gzipSync(Buffer.alloc(50_000_000, 32)), { 'content-encoding': 'gzip' });
    expect(response.status).toBe(415);
  });

  test('an error inside is a bare 500 with a reference in the log', async () => {
    await serve({ authenticated: true, fail: true });
    const response = await send(local());
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(lines.join('')).toMatch(/"reference":"[\w]{4}-[\w]{4}"/);
  });

  test.each([
    ['GET', '/api/messages', 405],
    ['GET', '/', 404],
    ['GET', '/secrets/a/b', 404],
    ['PUT', '/secrets/abc', 405],
    ['POST', '/healthz', 405],
    ['GET', '/../../etc/passwd', 404],
  ])('%s %s is a bare %i', async (method, path, status) => {
    await serve({ authenticated: true });
    const response = await fetch(base + path, { method });
    expect([response.status, await response.text()]).toEqual([status, '']);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('alive is not ready', async () => {
    await serve({ authenticated: true });
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    ready = false;
    expect((await fetch(`${base}/readyz`)).status).toBe(503);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  test('without authentication only a loopback Host is served, so no web page can reach the bot by DNS', async () => {
    await serve({ authenticated: false });
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = httpRequest(`${base}/healthz`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asked.on('error', reject).end();
      });
    expect(await status('127.0.0.1:3978')).toBe(200);
    expect(await status('localhost')).toBe(200);
    expect(await status('evil.test')).toBe(403);
    expect(await status('127.0.0.1.evil.test:80')).toBe(403);
  });

  test('without authentication an activity that wants its replies elsewhere is refused', async () => {
    await serve({ authenticated: false });
    expect((await send(JSON.stringify(personalMessage()))).status).toBe(400);
    expect((await send(local())).status).toBe(200);
  });

  test('a close does not wait for connections that are kept alive', async () => {
    await serve({ authenticated: true });
    await (await fetch(`${base}/healthz`)).text();
    await server.close(1000);
    await expect(fetch(`${base}/healthz`)).rejects.toThrow(/fetch failed/);
  });
});
