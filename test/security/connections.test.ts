import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FormStage } from '../bot/form-stage.ts';

let stage: FormStage;

beforeEach(async () => {
  stage = await FormStage.open();
});

afterEach(() => stage.dispose());

/** Sends bytes and gives all that comes back until the server ends the connection. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(stage.base).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

test.each(['websocket', 'h2c', 'TLS/1.3'])(
  'whoever asks to go on with %s is answered over HTTP: no connection is kept without a limit',
  async (protocol) => {
    const headers = `Host: x\r\nUpgrade: ${protocol}\r\nConnection: Upgrade, close\r\n`;
    expect(await send(`GET /healthz HTTP/1.1\r\n${headers}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test('a tunnel is not dug', async () => {
  expect(await send('CONNECT mail.contoso.test:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
});

test.each([
  ['two lengths', 'POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
  [
    'a length and chunks',
    'POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a header without an end', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
])('a request that a proxy may read differently is refused: %s', async (_name, text) => {
  expect(await send(text)).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test('the link of the form is at one place only, and no other answer repeats the path', async () => {
  for (const path of [
    `/${stage.path}`,
    stage.path.toUpperCase(),
    `${stage.path}/`,
    `${stage.path}%00`,
    '/secrets/%E0%A4%A',
  ]) {
    const answer = await send(`GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    expect(answer, path).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer.toLowerCase()).not.toContain(stage.path.slice(-20).toLowerCase());
    expect(answer).not.toContain('evil.example');
  }
});
