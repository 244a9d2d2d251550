/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  FaultRuleError,
  readFaultRules,
  startExchange,
  type ExchangeStandIn,
  type FaultAction,
} from '../../../sandbox/exchange/index.ts';
import { all, attribute, call, createItem, findFolder, getFolder, message, texts } from './ews-client.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('fault rules of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 3 });
  });
  afterAll(() => exchange.close());

  const then = (action: FaultAction): void => {
    exchange.setFaults([{ mailbox: 'user1@*', then: action }]);
  };
  const outcome = (as = ONE): Promise<unknown> =>
    call(exchange, getFolder(['inbox']), { as }).then(
      (answer) => answer,
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );

  it('answers with a SOAP fault and its back-off time', async () => {
    then({ fault: 'ErrorServerBusy', backOffMilliseconds: 297_749 });
    const answer = await call(exchange, getFolder(['inbox']), { as: ONE });
    expect(answer.status).toBe(500);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorServerBusy']);
    expect(attribute(answer, 'Value', 'Name')).toBe('BackOffMilliseconds');
    expect(texts(answer, 'Value')).toEqual(['297749']);
    expect((await call(exchange, getFolder(['inbox']), { as: TWO })).status).toBe(200);
  });

  it('answers with the code in each response message', async () => {
    then({ message: 'ErrorMailboxMoveInProgress' });
    const answer = await call(exchange, getFolder(['inbox', 'calendar']), { as: ONE });
    expect(answer.status).toBe(200);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorMailboxMoveInProgress', 'ErrorMailboxMoveInProgress']);
    expect(texts(answer, 'MessageText')[0]).toBe('Mailbox move in progress. Try again later.');
  });

  it('counts calls for each mailbox and operation', async () => {
    exchange.setFaults([
      { mailbox: '*', operation: 'GetFolder', nth: 2, then: { fault: 'ErrorInternalServerTransientError' } },
      { mailbox: '*', operation: 'FindFolder', to: 2, then: { status: 503, retryAfter: 7 } },
    ]);
    const statuses: number[] = [];
    for (const as of [ONE, TWO, ONE, ONE]) statuses.push((await call(exchange, getFolder(['inbox']), { as })).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
    const first = await call(exchange, findFolder('inbox'), { as: ONE });
    expect(first.headers['retry-after']).toBe('7');
    expect((await call(exchange, findFolder('inbox'), { as: ONE })).status).toBe(503);
    expect((await call(exchange, findFolder('inbox'), { as: ONE })).status).toBe(200);
  });

  it.each([
    ['html200', { status: 200 }],
    ['empty500', { status: 500, text: '' }],
    ['text500', { status: 500, text: 'Internal Server Error' }],
    ['reset', 'ECONNRESET'],
    [{ status: 401 }, { status: 401, text: '' }],
    [{ status: 456 }, { status: 456 }],
    [{ redirect: '/owa/auth/logon.aspx' }, { status: 302, headers: { location: '/owa/auth/logon.aspx' } }],
  ] as const)('does %j', async (action, expected) => {
    then(action);
    const result = await outcome();
    if (typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toMatchObject(expected);
  });

  it.each(['cut', 'lost'] as const)('carries the operation out and loses the answer with %s', async (action) => {
    then(action);
    exchange.resetLog();
    const lost = await call(exchange, createItem(message('x', [TWO])), { as: ONE }).then(
      () => 'answered',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    expect(lost).toBe('ECONNRESET');
    expect(exchange.mail()).toHaveLength(1);
  });

  it('never answers with hang, and lets go when the client does', async () => {
    then('hang');
    const aborted = await call(exchange, getFolder(['inbox']), {
      as: ONE,
      headers: { Connection: 'close' },
      signal: AbortSignal.timeout(30),
    }).catch((error: unknown) => (error instanceof Error ? error.name : error));
    expect(aborted).toBe('AbortError');
  });

  it('floods a client with more than it can want', async () => {
    then({ huge: 3_000_000 });
    expect(await outcome()).toMatchObject({ status: 200 });
    then({ gzipBomb: 30_000_000 });
    const bomb = await call(exchange, getFolder(['inbox']), { as: ONE });
    expect(bomb.headers['content-encoding']).toBe('gzip');
    expect(bomb.text.length).toBeLessThan(60_000);
  });

  it('takes the rights from a folder and refuses items there', async () => {
    then({ readOnly: ['tasks'] });
    const answer = await call(exchange, getFolder(['tasks', 'inbox']), { as: ONE });
    const rights = all(answer, 'EffectiveRights').map(({ children }) => new Set(children.map(({ text }) => text)));
    expect(rights).toEqual([new Set(['false']), new Set(['true'])]);
    const task = '<m:CreateItem><m:Items><t:Task><t:Subject>x</t:Subject></t:Task></m:Items></m:CreateItem>';
    expect(texts(await call(exchange, task, { as: ONE }), 'ResponseCode')).toEqual(['ErrorCreateItemAccessDenied']);
  });

  it('takes a folder away', async () => {
    then({ missing: ['contacts'] });
    const answer = await call(exchange, getFolder(['contacts']), { as: ONE });
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorFolderNotFound']);
    const list = await call(exchange, findFolder('msgfolderroot'), { as: ONE });
    expect(texts(list, 'DisplayName')).not.toContain('Contacts');
  });

  it('refuses the request over the budget with the fault of Exchange, and counts those in flight', async () => {
    const small = await startExchange({ concurrency: 2, faults: [{ mailbox: '*', then: 'hang' }] });
    // Two hang, whichever they are; only the one too many is answered.
    const calls = [1, 2, 3].map(() => call(small, getFolder(['inbox']), { as: ONE }));
    const refused = await Promise.race(calls);
    expect(refused.status).toBe(500);
    expect(texts(refused, 'ResponseCode')).toEqual(['ErrorExceededConnectionCount']);
    expect(texts(refused, 'Value').slice(0, 2)).toEqual(['MaxConcurrency', '2']);
    expect(small.requests().map(({ inFlight }) => inFlight)).toEqual([3]);
    await small.close();
    await Promise.allSettled(calls);
  });

  it('counts a request out before its client can know the answer', async () => {
    const small = await startExchange({ concurrency: 1 });
    const statuses: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      statuses.push((await call(small, getFolder(['inbox']), { as: ONE })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    await small.close();
  });

  it.each([
    [{}, 'fault rules: an array is expected'],
    [[{ then: 'reset' }], 'fault rule 1: mailbox: a text is expected'],
    [[{ mailbox: '*', then: 'explode' }], 'fault rule 1: then: unknown "explode"'],
    [[{ mailbox: '*', then: { fault: 'Busy' } }], 'fault rule 1: fault: "Busy" is no response code'],
    [[{ mailbox: '*', opration: 'x', then: 'reset' }], 'fault rule 1: unknown key "opration"'],
    [[{ mailbox: '*', nth: 0, then: 'reset' }], 'fault rule 1: nth: a whole number'],
    [[{ mailbox: '*', nth: 1, from: 1, then: 'reset' }], 'fault rule 1: nth excludes from and to'],
    [[{ mailbox: '*', then: { redirect: 'a\r\nb' } }], 'fault rule 1: redirect: a URL is expected'],
  ])('refuses the rules %j', (rules, reason) => {
    expect(() => readFaultRules(rules)).toThrow(FaultRuleError);
    expect(() => readFaultRules(rules)).toThrow(reason);
  });
});
