import { afterEach, describe, expect, it, test } from 'vitest';
import { startExchange, type ExchangeOptions, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { parseAllowList } from '../../../services/exchange/address-guard.ts';
import { createAutodiscoverHttp } from '../../../services/exchange/autodiscover/autodiscover-http.ts';
import type { AutodiscoverHttp } from '../../../services/exchange/autodiscover/autodiscover-port.ts';
import { discover, type DiscoverOptions } from '../../../services/exchange/autodiscover/discover.ts';
import type { DiscoveryResult } from '../../../services/exchange/autodiscover/search-state.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import { createTransport, type Transport } from '../../../services/exchange/transport.ts';
import type { OpenPassword } from '../../../services/exchange/wire-answer.ts';
import { systemClock } from '../../../services/model/clock.ts';

const policy = parseAllowList(['127.0.0.0/8', '*.contoso.test']);
const autodiscover = 'autodiscover.contoso.test';
let standIn: ExchangeStandIn;
let transport: Transport;
let http: AutodiscoverHttp;

async function start(options: ExchangeOptions = {}): Promise<void> {
  standIn = await startExchange({
    httpPort: 0,
    externalUrl: 'https://mail.contoso.test/EWS/Exchange.asmx',
    ...options,
  });
  const plainPort = Number(new URL(standIn.http ?? '').port);
  const road = {
    policy,
    proxy: null,
    tlsContext: createTlsContext(standIn.caCertificate),
    // The bare domain has no server, as in most organizations.
    resolve: (host: string) =>
      host === 'contoso.test'
        ? Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }))
        : Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    listensOn: (_: string, port: number) => (port === 80 ? plainPort : standIn.port),
  };
  transport = createTransport(road);
  http = createAutodiscoverHttp({ transport, road });
}

afterEach(async () => {
  await transport.close();
  await standIn.close();
});

const signIn = (changes: Partial<OpenPassword> = {}): OpenPassword => ({
  scheme: 'basic',
  userName: standIn.serviceAccount.principalName,
  password: standIn.serviceAccount.password,
  credentialId: 'c1',
  ...changes,
});

const search = (changes: Partial<DiscoverOptions> = {}): Promise<DiscoveryResult> =>
  discover({
    address: 'user1@contoso.test',
    authentication: signIn(),
    http,
    resolver: () => Promise.reject(Object.assign(new Error('no data'), { code: 'ENODATA' })),
    policy,
    clock: systemClock,
    confirmedHosts: [],
    ...changes,
  });

describe.each(['2013sp1', '2016', '2019', 'se'] as const)('Exchange %s', (product) => {
  test.each(['soap', 'pox'] as const)('is found over %s', async (source) => {
    await start({
      product,
      autodiscoverRules: source === 'pox' ? [ruleOf({ protocol: 'soap' }, { status: 500 })] : [],
    });
    expect(await search()).toMatchObject({
      kind: 'found',
      ewsUrl: 'https://mail.contoso.test/EWS/Exchange.asmx',
      source,
      host: autodiscover,
    });
  });
});

it('is found over NTLM, which signs a connection in and no request', async () => {
  await start();
  expect(await search({ authentication: signIn({ scheme: 'ntlm' }) })).toMatchObject({
    kind: 'found',
    host: autodiscover,
  });
  expect(standIn.signIns().map(({ scheme, outcome }) => [scheme, outcome])).toContainEqual(['NTLM', 'accepted']);
});

it.each(['basic', 'ntlm'] as const)(
  'a wrong password is one failed sign-in (%s), in all languages and hosts',
  async (scheme) => {
    await start({ lockout: 2 });
    expect(await search({ authentication: signIn({ scheme, password: 'wrong' }) })).toMatchObject({
      kind: 'fault',
      fault: { code: 'CredentialRefused' },
    });
    expect(standIn.signIns().filter(({ outcome }) => outcome === 'wrong-password')).toHaveLength(1);
    expect(standIn.isLocked()).toBe(false);
  },
);

it('an address without a mailbox is told as such', async () => {
  await start();
  expect(await search({ address: 'nobody@contoso.test' })).toMatchObject({
    kind: 'fault',
    fault: { code: 'AutodiscoverAddressUnknown', params: { address: 'nobody@contoso.test' } },
  });
});

it('RedirectAddress leads to the settings of the other mailbox', async () => {
  await start({ autodiscoverRules: [ruleOf({ address: 'user1@*' }, { redirectAddress: 'user2@contoso.test' })] });
  expect((await search()).kind).toBe('found');
  expect(standIn.autodiscoverRequests().at(-1)).toMatchObject({ address: 'user2@contoso.test', status: 200 });
});

it('RedirectUrl leads to a host that is asked for first', async () => {
  const url = 'https://mail.contoso.test/Autodiscover/Autodiscover.xml';
  await start({ autodiscoverRules: [ruleOf({ host: autodiscover }, { redirectUrl: url })] });
  expect(await search()).toMatchObject({ kind: 'confirm-host', host: 'mail.contoso.test' });
  const signedIn = standIn.autodiscoverRequests().filter(({ scheme }) => scheme !== null);
  expect(signedIn.map(({ host }) => host)).toEqual([autodiscover]);
  expect(await search({ confirmedHosts: ['mail.contoso.test'] })).toMatchObject({
    kind: 'found',
    host: 'mail.contoso.test',
  });
});

it('plain HTTP leads on without ever seeing a credential', async () => {
  await start({ autodiscoverRules: [ruleOf({ host: autodiscover }, { status: 404 })] });
  // The stand-in listens on a port of its own, which is another server than the one on 443: a question.
  const host = `mail.contoso.test:${standIn.port}`;
  expect(await search()).toMatchObject({ kind: 'confirm-host', host });
  expect(await search({ confirmedHosts: [host] })).toMatchObject({ kind: 'found', host: 'mail.contoso.test' });
  const plain = standIn.autodiscoverRequests().filter(({ protocol }) => protocol === 'http');
  expect(plain.map(({ scheme, status }) => [scheme, status])).toEqual([
    [null, 302],
    [null, 302],
  ]);
});

/** As a map first: a literal with this key would look like something to await. */
function ruleOf(where: object, action: unknown): NonNullable<ExchangeOptions['autodiscoverRules']>[number] {
  const fields = new Map<string, unknown>(Object.entries(where));
  fields.set('then', action);
  return Object.fromEntries(fields) as unknown as NonNullable<ExchangeOptions['autodiscoverRules']>[number];
}
