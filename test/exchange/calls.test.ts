import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import type { ExchangeCall } from '../../services/exchange/exchange-port.ts';
import { accessTo, allowList, basic, requestFor, rule } from './access.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';
import { findFolderAnswer } from './soap-samples.ts';

const user = 'user1@contoso.test';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let standIn: ExchangeStandIn;
let listener: FakeServer;
let exchange: GatedExchange;
let calls: ExchangeCall[] = [];
let requestIds: unknown[] = [];

beforeAll(async () => {
  standIn = await startExchange();
  listener = await startFakeServer((request, response) => {
    requestIds.push(request.headers['client-request-id']);
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8' });
    response.end(findFolderAnswer);
  });
  exchange = createExchange({
    allowList,
    extraCa: `${standIn.caCertificate}\n${listener.ca}`,
    autodiscoverAddresses: new Map([['contoso.test', standIn.autodiscover]]),
    onCall: (call) => void calls.push(call),
  });
});
afterAll(async () => {
  await exchange.close();
  await standIn.close();
  await listener.close();
});
beforeEach(() => {
  calls = [];
  requestIds = [];
  standIn.setFaults([]);
  standIn.resetLog();
});

const named = (): string[] => calls.map(({ operation, code }) => `${operation} ${code}`);

describe('whoever watches hears of every call', () => {
  test('with its operation, its server and the test that it belongs to, as Exchange saw it', async () => {
    await exchange.testMailbox(accessTo(standIn), requestFor(user));
    const seen = standIn.requests().map(({ operation, code }) => `${operation} ${code}`);
    expect(named()).toEqual(seen);
    expect(seen).toHaveLength(4);
    const server = new URL(standIn.ews).host;
    for (const call of calls) expect(call).toMatchObject({ server, mailbox: user, marker: `m-${user}` });
    for (const { durationMs } of calls) expect(durationMs).toBeGreaterThan(0);
    expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(4);
  });

  test('with the fault that it met, once, and not with those of directions that were left out', async () => {
    standIn.setFaults(rule(user, { fault: 'ErrorNonExistentMailbox' }));
    await exchange.testMailbox(accessTo(standIn), requestFor(user));
    expect(named()).toEqual(['FindFolder ErrorNonExistentMailbox']);
  });

  test('with the word for a code that the catalogue does not know, not with the server’s', async () => {
    standIn.setFaults(rule(user, { fault: 'ErrorOfTheDay' }));
    await exchange.testMailbox(accessTo(standIn), requestFor(user, { directions: ['incoming'] }));
    expect(named()).toEqual(['FindFolder EwsOther']);
  });

  test('with the id that stands in the request', async () => {
    const access = accessTo(standIn, { serverLocation: `${listener.origin}/EWS/Exchange.asmx` });
    await exchange.testMailbox(access, requestFor(user, { directions: ['incoming'] }));
    expect(named()).toEqual(['FindFolder NoError']);
    expect(calls[0]?.requestId).toMatch(uuid);
    expect(requestIds).toEqual([calls[0]?.requestId]);
  });

  test('also while a connection is checked, where no mailbox is named', async () => {
    await exchange.checkConnection(accessTo(standIn), user, () => undefined);
    expect(named()).toEqual(['FindFolder NoError']);
    expect(calls[0]).toMatchObject({ mailbox: null, marker: null });
  });

  test.each([
    ['found', standInPassword, 'NoError'],
    ['refused', () => 'wrong', 'CredentialRefused'],
  ])('and a search as one: %s', async (_name, password, code) => {
    const authentication = basic(standIn.serviceAccount.principalName, password());
    const request = { address: user, authentication, credentialId: code, confirmedHosts: [], declinedHosts: [] };
    await exchange.findServer(request);
    expect(calls).toEqual([
      {
        server: 'autodiscover:contoso.test',
        operation: 'Autodiscover',
        code,
        durationMs: expect.any(Number),
        requestId: null,
        mailbox: null,
        marker: null,
      },
    ]);
  });

  test('but not what a closed gate kept away', async () => {
    const access = accessTo(standIn);
    exchange.holdCredential(access.credentialId, { code: 'CredentialRefused', params: {} });
    const report = await exchange.testMailbox(access, requestFor(user));
    expect(report.phases[0]?.fault?.code).toBe('CredentialRefused');
    expect(calls).toEqual([]);
  });
});

function standInPassword(): string {
  return standIn.serviceAccount.password;
}
