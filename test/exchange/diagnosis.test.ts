import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultText } from '../../locales/fault-text.ts';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { diagnose } from '../../services/exchange/diagnosis.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import type { ConnectionReport, ServerAccess } from '../../services/exchange/exchange-port.ts';
import { createTlsContext } from '../../services/exchange/tls-context.ts';
import { createTransport } from '../../services/exchange/transport.ts';
import type { Check } from '../../services/model/draft.ts';
import { accessTo, allowList, basic } from './access.ts';
import { startFakeServer } from './fake-server.ts';
import { findFolderAnswer } from './soap-samples.ts';

const probe = 'user1@contoso.test';
type Options = NonNullable<Parameters<typeof startExchange>[0]>;

let good: ExchangeStandIn;
let exchange: GatedExchange;
const others: ExchangeStandIn[] = [];

beforeAll(async () => {
  good = await startExchange();
  exchange = createExchange({ allowList, extraCa: good.caCertificate, deadlineMs: 10_000 });
});
afterAll(async () => {
  await exchange.close();
  await Promise.all([good, ...others].map((standIn) => standIn.close()));
});

const check = (access: ServerAccess, onCheck: (checks: readonly Check[]) => void = () => undefined) =>
  exchange.checkConnection(access, probe, onCheck);

/** Another stand-in, and an exchange of its own that trusts it. */
async function checkOther(options: Options, trusts = true, changes: Partial<ServerAccess> = {}) {
  const standIn = await startExchange(options);
  others.push(standIn);
  const own = createExchange({ allowList, deadlineMs: 10_000, ...(trusts ? { extraCa: standIn.caCertificate } : {}) });
  try {
    return { standIn, report: await own.checkConnection(accessTo(standIn, changes), probe, () => undefined) };
  } finally {
    await own.close();
  }
}

const outline = ({ checks }: ConnectionReport): string[] =>
  checks.map(({ name, fault }) => (fault === null ? name : `${name}: ${fault.code}`));

describe('a server in order', () => {
  test('passes six checks with one sign-in, and each is told as it ends', async () => {
    good.resetLog();
    const told: number[] = [];
    const report = await check(accessTo(good), (checks) => told.push(checks.length));
    expect(outline(report)).toEqual(['address', 'connect', 'tls', 'authentication', 'version', 'impersonation']);
    expect(report.fault).toBeNull();
    expect(report.server).toMatchObject({ product: '2019', supported: true });
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
    expect(good.signIns().filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    const seen = Object.fromEntries(report.checks.map((each) => [each.name, each.seen]));
    expect(seen['address']).toMatchObject({ address: '127.0.0.1' });
    expect(seen['connect']).toMatchObject({ port: good.port });
    expect(seen['tls']).toMatchObject({
      protocol: 'TLSv1.3',
      subject: 'mail.contoso.test',
      issuer: 'Contoso Test Root CA',
      expiresInDays: 364,
    });
    expect(seen['authentication']).toEqual({ schemes: 'Basic' });
    expect(seen['version']).toMatchObject({ product: '2019' });
  });

  test('is found by name as well', async () => {
    const report = await check(accessTo(good, { serverLocation: `https://localhost:${good.port}/EWS/Exchange.asmx` }));
    expect(report.fault).toBeNull();
  });

  test.each([
    ['2016', '2016'],
    ['se', 'SE'],
    ['2013sp1', '2013'],
  ] as const)('%s is recognised', async (product, expected) => {
    const { report } = await checkOther({ product });
    expect(report.server).toMatchObject({ product: expected, supported: true });
    expect(report.fault).toBeNull();
  });
});

describe('ends at the first fault', () => {
  test('a wrong password: one sign-in', async () => {
    good.resetLog();
    const report = await check(accessTo(good, { authentication: basic(good.serviceAccount.userName, 'Wrong!Pass1') }));
    expect(outline(report)).toEqual(['address', 'connect', 'tls', 'authentication: CredentialRefused']);
    expect(report.checks.at(-1)?.seen).toEqual({ schemes: 'Basic' });
    expect(report.fault?.code).toBe('CredentialRefused');
    expect(good.signIns().filter(({ userName }) => userName !== null)).toHaveLength(1);
  });

  test.each([
    ['expired', 'TlsExpired', true],
    ['wrong-name', 'TlsNameMismatch', true],
    ['untrusted', 'TlsUntrusted', true],
    ['self-signed', 'TlsUntrusted', false],
    ['good', 'TlsUntrusted', false],
    ['weak', 'TlsWeak', true],
  ] as const)('a certificate that is %s: %s, and nobody signs in', async (certificate, code, trusts) => {
    const { report, standIn } = await checkOther({ certificate }, trusts);
    expect(outline(report)).toEqual(['address', 'connect', `tls: ${code}`]);
    expect(report.checks.at(-1)?.seen).toHaveProperty('subject');
    expect(standIn.signIns()).toEqual([]);
    expect(standIn.requests()).toEqual([]);
  });

  test('an expired certificate says since when', async () => {
    const { report } = await checkOther({ certificate: 'expired' });
    expect(report.checks.at(-1)?.seen).toMatchObject({ expiresInDays: -3 });
    if (report.fault === null) throw new Error('no fault');
    const { cause } = faultText('en', report.fault);
    expect(cause).toMatch(/^The certificate of \S+ \(\S+\) expired on \w+ \d+, \d{4}\.$/);
  });

  test('Basic not offered: the password is not sent', async () => {
    const { report, standIn } = await checkOther({ schemes: ['Negotiate', 'NTLM'] });
    expect(outline(report)).toEqual(['address', 'connect', 'tls', 'authentication: BasicNotOffered']);
    expect(report.fault?.params).toMatchObject({ schemes: 'Negotiate, NTLM' });
    expect(standIn.signIns()).toEqual([]);
  });

  test('impersonation refused: the version is known all the same', async () => {
    const { report } = await checkOther({ impersonationScope: 'none' });
    expect(outline(report).slice(3)).toEqual([
      'authentication',
      'version',
      'impersonation: ErrorImpersonateUserDenied',
    ]);
    expect(report.server?.product).toBe('2019');
  });

  test('a port where nobody listens', async () => {
    const closed = await freePort();
    const report = await check(accessTo(good, { serverLocation: `https://127.0.0.1:${closed}/EWS/Exchange.asmx` }));
    expect(outline(report)).toEqual(['address', 'connect: ConnectionRefused']);
  });

  test('a server that speaks no TLS', async () => {
    const plain = createServer((socket) => socket.on('error', () => undefined).end('220 mail ESMTP\r\n'));
    await new Promise<void>((resolve) => void plain.listen(0, '127.0.0.1', resolve));
    const address = plain.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const report = await check(accessTo(good, { serverLocation: `https://127.0.0.1:${port}/EWS/Exchange.asmx` }));
    plain.close();
    expect(outline(report).slice(0, 2)).toEqual(['address', 'connect']);
    expect(report.fault?.code).toMatch(/^(TlsFailure|ConnectionReset)$/);
  });

  test.each([
    ['https://169.254.169.254/latest', 'AddressLinkLocal'],
    ['https://10.1.2.3/EWS/Exchange.asmx', 'AddressNotAllowed'],
    ['https://0x0a010203/EWS/Exchange.asmx', 'AddressNotAllowed'],
    ['https://[::1]/EWS/Exchange.asmx', 'AddressLoopback'],
    ['https://no-such-host.invalid/EWS/Exchange.asmx', 'DnsNotFound'],
  ])('%s: %s', async (serverLocation, code) => {
    const report = await check(accessTo(good, { serverLocation }));
    // Without a network the resolver itself may be out of reach.
    const codes = code === 'DnsNotFound' ? ['DnsNotFound', 'DnsFailure'] : [code];
    expect(codes).toContain(report.fault?.code);
    expect(report.checks).toHaveLength(1);
  });
});

describe('other servers', () => {
  const sentCredentials: string[] = [];
  /** Answers like a server that challenges only what it would read. */
  const serve = async (build: string): Promise<ConnectionReport> => {
    const [major, minor, number, revision] = build.split('.');
    const server = await startFakeServer((request, response) => {
      request.resume();
      if (request.method === 'GET') {
        response.statusCode = 405;
        response.end();
      } else if (request.headers.authorization === undefined) {
        response.statusCode = 401;
        response.setHeader('WWW-Authenticate', ['Negotiate', 'Basic realm="x"']);
        response.end();
      } else {
        sentCredentials.push(request.headers.authorization);
        const version = `MajorVersion="${major}" MinorVersion="${minor}" MajorBuildNumber="${number}" MinorBuildNumber="${revision}"`;
        response.end(findFolderAnswer.replace(/MajorVersion=.*?MinorBuildNumber="17"/, version));
      }
    });
    const own = createExchange({ allowList, deadlineMs: 10_000, extraCa: server.ca });
    const access = accessTo(good, { serverLocation: `${server.origin}/EWS/Exchange.asmx` });
    try {
      return await own.checkConnection(access, probe, () => undefined);
    } finally {
      await own.close();
      await server.close();
    }
  };

  test('one that minds the method before the caller is asked by POST as well', async () => {
    const report = await serve('15.1.2507.6');
    expect(report.fault).toBeNull();
    expect(report.checks[3]?.seen).toEqual({ schemes: 'Negotiate, Basic', warning: 'NtlmAndBasic' });
    expect(sentCredentials).toHaveLength(1);
  });

  test('one before 2013 SP1 is too old', async () => {
    const report = await serve('15.0.775.38');
    expect(outline(report).slice(3)).toEqual(['authentication', 'version: ServerTooOld']);
    expect(report.server).toEqual({ product: '2013', build: '15.0.775.38', supported: false });
  });
});

test('a resolver that hangs is left behind at the deadline', async () => {
  const policy = parseAllowList([]);
  const tlsContext = createTlsContext();
  const report = await diagnose({
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    scheme: 'basic',
    token: null,
    proxy: null,
    policy,
    tlsContext,
    transport: createTransport({ policy, tlsContext }),
    deadlineMs: 20,
    signal: new AbortController().signal,
    openSession: () => Promise.reject(new Error('not reached')),
    onCheck: () => undefined,
    resolve: () => new Promise(() => undefined),
  });
  expect(outline(report)).toEqual(['address: DnsFailure']);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
