import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { readAutodiscoverRules } from '../../sandbox/exchange/autodiscover/rule.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import type { FindServerRequest } from '../../services/exchange/exchange-port.ts';
import type { DiscoveryReport } from '../../services/model/discovery.ts';
import { allowList, basic } from './access.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

const ewsAddress = 'https://mail.contoso.test/EWS/Exchange.asmx';
let standIn: ExchangeStandIn;
let stranger: FakeServer;
let exchange: GatedExchange;
let authorizations: (string | undefined)[] = [];

beforeAll(async () => {
  standIn = await startExchange({ externalUrl: ewsAddress, lockout: 3 });
  stranger = await startFakeServer((request, response) => {
    authorizations.push(request.headers.authorization);
    response.writeHead(401, { 'WWW-Authenticate': ['NTLM', 'Basic realm="x"'], 'X-SOAP-Enabled': 'True' });
    response.end();
  });
  exchange = createExchange({
    allowList,
    extraCa: `${standIn.caCertificate}\n${stranger.ca}`,
    deadlineMs: 3000,
    // Nothing but this is reached: the names of the domain do not exist.
    autodiscoverAddresses: new Map([['contoso.test', standIn.autodiscover]]),
  });
});
afterAll(async () => {
  await exchange.close();
  await standIn.close();
  await stranger.close();
});
beforeEach(() => {
  authorizations = [];
  standIn.unlock();
  standIn.setAutodiscoverRules([]);
  standIn.resetLog();
});

let credentials = 0;

/** A search with a credential that nobody has tried yet. */
function requestOf(changes: Partial<FindServerRequest> = {}): FindServerRequest {
  credentials += 1;
  return {
    address: 'user1@contoso.test',
    authentication: basic(standIn.serviceAccount.principalName, standIn.serviceAccount.password),
    credentialId: `search-${credentials}`,
    confirmedHosts: [],
    declinedHosts: [],
    ...changes,
  };
}

const wrong = (changes: Partial<FindServerRequest> = {}): FindServerRequest =>
  requestOf({ authentication: basic(standIn.serviceAccount.principalName, 'wrong'), ...changes });

const codeOf = (report: DiscoveryReport): string => (report.kind === 'fault' ? report.fault.code : report.kind);
const signIns = (): (string | undefined)[] =>
  standIn.signIns().map(({ directory, scheme, outcome }) => `${directory} ${scheme} ${outcome}`);

/** The stand-in sends whoever asks it by its address (and not by its name) on. */
function redirectTo(redirectUrl: string): void {
  // By a map: as a literal, an object with this key would look like something to await.
  const fields = new Map<string, unknown>([
    ['host', '127.0.0.1'],
    ['then', { redirectUrl }],
  ]);
  standIn.setAutodiscoverRules(readAutodiscoverRules([Object.fromEntries(fields)]));
}

describe('the server of an address', () => {
  test.each(['basic', 'ntlm'] as const)(
    'is found where the operator says that Autodiscover is, over %s',
    async (scheme) => {
      const authentication = { ...requestOf().authentication, scheme };
      const before = Date.now();
      const report = await exchange.findServer(requestOf({ authentication }));
      expect(report).toMatchObject({
        kind: 'found',
        found: { serverLocation: ewsAddress, source: 'soap', host: '127.0.0.1' },
      });
      const foundAt = report.kind === 'found' ? report.found.foundAt : 0;
      expect(foundAt).toBeGreaterThanOrEqual(before);
      expect(report.trace.map(({ what, note }) => `${what} ${note.code}`)).toEqual(['probe challenged', 'soap found']);
      expect(JSON.stringify(report)).not.toContain(standIn.serviceAccount.password);
      expect(signIns().filter((entry) => entry?.endsWith('accepted'))).toHaveLength(1);
    },
  );

  test('that is not published anywhere is a fault', async () => {
    expect(codeOf(await exchange.findServer(requestOf({ address: 'kim@nowhere.invalid' })))).not.toBe('found');
    expect(signIns()).toEqual([]);
  });

  test('is no question for what is no address', async () => {
    expect(codeOf(await exchange.findServer(requestOf({ address: 'kim' })))).toBe('ErrorInvalidSmtpAddress');
  });

  test('may be looked for by several at once', async () => {
    const reports = await Promise.all(
      ['user1', 'user2', 'user3'].map((name) => exchange.findServer(requestOf({ address: `${name}@contoso.test` }))),
    );
    expect(reports.map(codeOf)).toEqual(['found', 'found', 'found']);
  });

  test('is looked for no longer than its caller waits', async () => {
    const controller = new AbortController();
    const running = exchange.findServer(requestOf(), controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
  });
});

describe('a wrong password', () => {
  test.each(['basic', 'ntlm'] as const)('is one sign-in (%s) and is never tried again', async (scheme) => {
    const request = wrong();
    const bad = { ...request, authentication: { ...request.authentication, scheme } };
    expect(codeOf(await exchange.findServer(bad))).toBe('CredentialRefused');
    expect(codeOf(await exchange.findServer(bad))).toBe('CredentialRefused');
    expect(signIns().filter((entry) => entry?.endsWith('wrong-password'))).toHaveLength(1);
    expect(standIn.isLocked()).toBe(false);
  });

  test('is one sign-in when several searches begin with it together', async () => {
    const bad = wrong();
    const reports = await Promise.all([bad, bad, bad].map((one) => exchange.findServer(one)));
    expect(reports.map(codeOf)).toEqual(['CredentialRefused', 'CredentialRefused', 'CredentialRefused']);
    expect(signIns()).toHaveLength(1);
  });

  test('that was recorded as refused is not tried at all', async () => {
    const request = requestOf();
    exchange.holdCredential(request.credentialId, { code: 'CredentialRefused', params: {} });
    expect(codeOf(await exchange.findServer(request))).toBe('CredentialRefused');
    expect(signIns()).toEqual([]);
  });
});

describe('a redirect to a host outside the domain', () => {
  test('asks first, and goes there with the credential only after yes', async () => {
    const { port } = standIn;
    const other = `localhost:${port}`;
    redirectTo(`https://${other}/autodiscover/autodiscover.xml`);
    const request = requestOf();
    expect(await exchange.findServer(request)).toMatchObject({ kind: 'confirm-host', host: other });
    const found = await exchange.findServer({ ...request, confirmedHosts: [other] });
    expect(found).toMatchObject({ kind: 'found', found: { host: 'localhost' } });
    const asked = standIn.autodiscoverRequests().filter(({ scheme }) => scheme !== null);
    expect(asked.map(({ host }) => host)).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`, other]);
  });

  test('that is hostile gets nothing but a question, whatever is answered but yes', async () => {
    redirectTo(`${stranger.origin}/autodiscover/autodiscover.xml`);
    const host = `127.0.0.1:${stranger.port}`;
    expect(await exchange.findServer(requestOf())).toMatchObject({ kind: 'confirm-host', host });
    const declined = await exchange.findServer(requestOf({ declinedHosts: [host] }));
    expect(declined.kind).toBe('fault');
    expect(declined.trace.map(({ note }) => note.code)).toContain('declined');
    expect(authorizations).toEqual([undefined, undefined]);
  });

  test.each([
    ['plain http', 'http://127.0.0.1/autodiscover/autodiscover.xml', 'AutodiscoverRedirectRefused'],
    ['a metadata address', 'https://169.254.169.254/autodiscover/autodiscover.xml', 'AddressLinkLocal'],
    ['a port of another protocol', 'https://127.0.0.1:22/autodiscover/autodiscover.xml', 'AutodiscoverRedirectRefused'],
  ])('to %s is not followed', async (_, target, code) => {
    redirectTo(target);
    const { trace } = await exchange.findServer(requestOf());
    expect(trace.map(({ fault }) => fault?.code)).toContain(code);
  });
});

test('an address that the operator names is for its own domain alone', async () => {
  const report = await exchange.findServer(requestOf({ address: 'kim@other.invalid' }));
  expect(report.kind).toBe('fault');
  expect(standIn.autodiscoverRequests()).toEqual([]);
});

test('an address that the operator names is held to the guard and to TLS like any other', async () => {
  const own = createExchange({
    allowList: ['mail.contoso.test'],
    autodiscoverAddresses: new Map([['contoso.test', standIn.autodiscover]]),
    deadlineMs: 2000,
  });
  const untrusting = createExchange({
    allowList,
    autodiscoverAddresses: new Map([['contoso.test', standIn.autodiscover]]),
    deadlineMs: 2000,
  });
  try {
    const guarded = await own.findServer(requestOf());
    expect(guarded.trace[0]).toMatchObject({ what: 'probe', fault: { code: 'AddressLoopback' } });
    const untrusted = await untrusting.findServer(requestOf());
    expect(untrusted.trace[0]).toMatchObject({ what: 'probe', fault: { code: 'TlsUntrusted' } });
    expect(standIn.signIns()).toEqual([]);
  } finally {
    await own.close();
    await untrusting.close();
  }
});
