/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { basic, call, createItem, getFolder, message } from './ews-client.ts';

describe('the control pages of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 2, lockout: 5 });
  });
  afterAll(() => exchange.close());

  interface Page {
    readonly status: number;
    readonly text: string;
  }
  const page = (path: string, body?: string, headers: Record<string, string> = {}): Promise<Page> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const outgoing = request(`${exchange.control}${path}`, { method, headers }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part: string) => (text += part));
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, text });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const json = async (path: string): Promise<unknown> => JSON.parse((await page(path)).text);

  it('lists the operations with mailbox, account, connection and time, and the sign-ins', async () => {
    await call(exchange, getFolder(['inbox']), { as: 'user1@contoso.test' });
    await call(exchange, getFolder(['inbox']), { as: 'user2@contoso.test' });
    await call(exchange, getFolder(['inbox']), { authorization: basic('somebody', 'x') });
    const every = await json('/requests');
    expect(every).toMatchObject({
      requests: [
        {
          seq: 1,
          operation: 'GetFolder',
          mailbox: 'user1@contoso.test',
          account: 'CONTOSO\\svc-mailroom',
          inFlight: 1,
          status: 200,
          code: 'NoError',
        },
        { mailbox: 'user2@contoso.test' },
        { status: 401, account: null },
      ],
      signIns: [{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'unknown-user', userName: 'somebody' }],
    });
    expect(await json('/requests?mailbox=USER2@contoso.test')).toMatchObject({ requests: [{ seq: 2 }] });
    expect(await json('/requests?since=2')).toMatchObject({ requests: [{ seq: 3 }] });
  });

  it('lists the mail', async () => {
    await call(exchange, createItem(message('hello', ['user2@contoso.test'])), { as: 'user1@contoso.test' });
    expect(await json('/mail')).toMatchObject({ mail: [{ from: 'user1@contoso.test', subject: 'hello' }] });
  });

  it('changes the faults while it runs and says what is wrong with bad ones', async () => {
    const rules = JSON.stringify([{ mailbox: '*', then: { fault: 'ErrorServerBusy' } }]);
    expect(await page('/faults', rules)).toMatchObject({ status: 200, text: '{"faults":1}' });
    expect((await call(exchange, getFolder(['inbox']))).status).toBe(500);
    expect(await page('/faults', '[{"mailbox":"*"}]')).toMatchObject({ status: 400 });
    expect((await call(exchange, getFolder(['inbox']))).status).toBe(500);
    expect(await page('/faults', '[]')).toMatchObject({ status: 200 });
    expect((await call(exchange, getFolder(['inbox']))).status).toBe(200);
  });

  it('changes the password and never shows it', async () => {
    const changed = await page('/password', '{"password":"Another!1"}');
    expect(changed.text).toBe('{"changed":true}');
    expect((await call(exchange, getFolder(['inbox']))).status).toBe(401);
    const shown = await Promise.all(['/state', '/requests', '/mail'].map((path) => page(path)));
    for (const { text } of shown) expect(text).not.toMatch(/Another!1|Sync!Pass1/);
    await page('/password', '{"password":"Sync!Pass1"}');
    expect((await call(exchange, getFolder(['inbox']))).status).toBe(200);
  });

  it('forgets what it has seen', async () => {
    await page('/reset-log', '');
    expect(await json('/requests')).toEqual({ requests: [], signIns: [] });
    expect(await json('/mail')).toEqual({ mail: [] });
  });

  it('refuses a body that is too large, in words', async () => {
    expect(await page('/faults', ' '.repeat(5_000_000))).toMatchObject({ status: 413 });
  });

  it('serves loopback names only, and no page of somebody else', async () => {
    expect((await page('/state', undefined, { Host: 'evil.example' })).status).toBe(403);
    expect((await page('/state', undefined, { Origin: 'http://evil.example' })).status).toBe(403);
    expect((await page('/nothing')).status).toBe(404);
  });
});
