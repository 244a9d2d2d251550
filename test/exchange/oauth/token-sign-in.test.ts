import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  startExchange,
  type ExchangeOptions as StandInOptions,
  type ExchangeStandIn,
} from '../../../sandbox/exchange/index.ts';
import { createExchange, type ExchangeOptions, type GatedExchange } from '../../../services/exchange/exchange.ts';
import type { ConnectionReport, ExchangeCall, ServerAccess } from '../../../services/exchange/exchange-port.ts';
import type { ModernAuthentication } from '../../../services/model/modern-authentication.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { accessTo, allowList, codesOf, requestFor } from '../access.ts';
import { startFakeServer } from '../fake-server.ts';
import { findFolderAnswer } from '../soap-samples.ts';
import { makeCertificate } from './certificate-samples.ts';
import { day, hmaApp, resource, startStage, tenantId, vaultApp, vaultSecret, type Stage } from './oauth-stage.ts';

const user = 'user1@contoso.test';
let stage: Stage;
let server: ExchangeStandIn;
let exchange: GatedExchange;
let tlsDir = '';
const others: ExchangeStandIn[] = [];

beforeAll(async () => {
  stage = await startStage();
  tlsDir = await mkdtemp(join(tmpdir(), 'mailroom-tls-'));
  server = await startOther();
  exchange = exchangeOf();
});
afterAll(async () => {
  await exchange.close();
  await Promise.all(others.map((standIn) => standIn.close()));
  await stage.close();
  await rm(tlsDir, { recursive: true });
});
beforeEach(() => {
  calls.length = 0;
  stage.reset();
  server.resetLog();
});

/** A stand-in that takes tokens unless told otherwise; all of them have the same authority. */
async function startOther(options: StandInOptions = {}): Promise<ExchangeStandIn> {
  const standIn = await startExchange({
    tlsDir,
    schemes: ['Bearer'],
    audience: resource,
    verifyBearer: (token) => stage.entra.verifyToken(token, resource),
    ...options,
  });
  others.push(standIn);
  return standIn;
}

const calls: ExchangeCall[] = [];

function exchangeOf(changes: Partial<ExchangeOptions> = {}): GatedExchange {
  return createExchange({
    allowList,
    onCall: (call) => void calls.push(call),
    extraCa: `${stage.entra.caPem}\n${server.caCertificate}`,
    deadlineMs: 5000,
    loginUrl: stage.entra.url,
    vaultStandIn: { host: stage.vault.host, resource: stage.vault.resource },
    proxy: null,
    ...changes,
  });
}

const file: ModernAuthentication = { tenant: tenantId, clientId: hmaApp, resource, certificate: { source: 'file' } };
const inVault = (vaultUrl = stage.vault.url): ModernAuthentication => ({
  ...file,
  certificate: { source: 'key-vault', vaultUrl, certificateName: 'hma', clientId: vaultApp },
});

/** Access with a credential of its own; by the certificate in a file unless the test says otherwise. */
function access(
  app: Partial<ModernAuthentication> = {},
  secret = stage.own.withKey,
  changes: Partial<ServerAccess> = {},
): ServerAccess {
  return accessTo(server, {
    account: hmaApp,
    authentication: { scheme: 'oauth', app: { ...file, ...app }, secret: new Secret(secret) },
    ...changes,
  });
}

const check = (profile: ServerAccess): Promise<ConnectionReport> =>
  exchange.checkConnection(profile, user, () => undefined);
const outline = ({ checks }: ConnectionReport): string[] =>
  checks.map(({ name, fault }) => (fault === null ? name : `${name}: ${fault.code}`));
const all = (code: string) => [code, code, code];

describe('a mailbox', () => {
  test('is tested with a token that the certificate of a file got, and the next one with the same token', async () => {
    const profile = access();
    for (const address of [user, 'user2@contoso.test']) {
      expect(codesOf(await exchange.testMailbox(profile, requestFor(address)))).toEqual([null, null, null]);
    }
    expect(stage.asked(hmaApp)).toBe(1);
    expect(calls.filter(({ operation }) => operation === 'Token')).toMatchObject([
      { server: new URL(stage.entra.url).host, code: 'NoError', mailbox: null, marker: null, requestId: null },
    ]);
    const senders = server.requests().map(({ account }) => account);
    expect(new Set(senders)).toEqual(new Set([`${hmaApp}@${tenantId}`]));
  });

  test('is tested with a token that the certificate of a Key Vault got', async () => {
    const profile = access(inVault(), vaultSecret);
    expect(codesOf(await exchange.testMailbox(profile, requestFor(user)))).toEqual([null, null, null]);
    expect([stage.asked(vaultApp), stage.asked(hmaApp)]).toEqual([1, 1]);
  });

  test.each([
    ['whose app lacks the role', () => (stage.app.roles = []), access, 'OAuthRoleMissing'],
    ['whose app is unknown', () => (stage.app.refusal = 'app-not-found'), access, 'OAuthAppNotFound'],
    [
      'whose certificate is not in the vault',
      () => stage.secrets.clear(),
      () => access(inVault(), vaultSecret),
      'KeyVaultSecretNotFound',
    ],
    [
      'whose vault is nobody’s',
      () => undefined,
      () => access(inVault('https://vault.invalid'), vaultSecret),
      'KeyVaultOther',
    ],
    ['whose secret is no certificate', () => undefined, () => access({}, 'not PEM'), 'CredentialMissing'],
  ])('%s is not asked for at the server', async (_, prepare, profile, code) => {
    prepare();
    const report = await exchange.testMailbox(profile(), requestFor(user));
    expect(codesOf(report)).toEqual(all(code));
    expect(report).toMatchObject({ calls: 0, circuitOpen: false });
    expect(server.requests()).toEqual([]);
  });

  test('with a certificate that has ended costs no question at all', async () => {
    const old = await makeCertificate(new Date(Date.now() - 20 * day), new Date(Date.now() - day));
    const report = await exchange.testMailbox(access({}, old.withKey), requestFor(user));
    expect(codesOf(report)).toEqual(all('OAuthCertificateExpired'));
    expect(stage.asked(hmaApp)).toBe(0);
  });

  test('gets no token from a sign-in service that is not https, and a password does not need one', async () => {
    const passwords = await startExchange({ tlsDir });
    others.push(passwords);
    const own = exchangeOf({ loginUrl: 'http://localhost:1' });
    try {
      const report = await own.testMailbox(access(), requestFor(user));
      expect(report.phases[0]?.fault).toMatchObject({
        code: 'OAuthOther',
        params: { responseCode: 'login-url-not-https' },
      });
      expect(codesOf(await own.testMailbox(accessTo(passwords), requestFor(user)))).toEqual([null, null, null]);
    } finally {
      await own.close();
    }
  });
});

describe('a token that Exchange refuses', () => {
  const elsewhere = { resource: 'https://vault.azure.net' };

  test('is replaced once; the credential is not held, and later mailboxes do not ask for another one', async () => {
    const profile = access(elsewhere);
    const report = await exchange.testMailbox(profile, requestFor(user));
    expect(report.phases[0]?.fault).toMatchObject({ code: 'OAuthTokenRefused', params: { host: '127.0.0.1' } });
    expect(codesOf(report)).toEqual(all('OAuthTokenRefused'));
    expect(report.calls).toBe(2);
    expect(stage.asked(hmaApp)).toBe(2);
    for (const name of ['user2', 'user3', 'user4']) {
      const next = await exchange.testMailbox(profile, requestFor(`${name}@contoso.test`));
      expect(codesOf(next)).toEqual(all('OAuthTokenRefused'));
    }
    expect(stage.asked(hmaApp)).toBe(2);
  });

  test('was good until the key was rolled over: the fresh one serves, and nothing is sent twice', async () => {
    let refuse = false;
    const own = await startOther({
      verifyBearer: async (token) => {
        if (refuse) {
          refuse = false;
          throw new Error('unknown key');
        }
        return stage.entra.verifyToken(token, resource);
      },
    });
    const profile = access({}, undefined, { serverLocation: own.ews });
    await exchange.testMailbox(profile, requestFor(user));
    refuse = true;
    const report = await exchange.testMailbox(profile, requestFor('user2@contoso.test'));
    expect(codesOf(report)).toEqual([null, null, null]);
    expect(stage.asked(hmaApp)).toBe(2);
    expect(own.mail()).toHaveLength(2);
  });

  test('between two calls is the mailbox’s fault, and what was sent is not sent again', async () => {
    let left = 2;
    const own = await startOther({
      verifyBearer: async (token) => {
        left -= 1;
        if (left < 0) throw new Error('it ended');
        return stage.entra.verifyToken(token, resource);
      },
    });
    const report = await exchange.testMailbox(access({}, undefined, { serverLocation: own.ews }), requestFor(user));
    expect(codesOf(report)).toEqual([null, 'OAuthTokenRefused', 'OAuthTokenRefused']);
    expect(own.mail()).toHaveLength(1);
    expect(stage.asked(hmaApp)).toBe(1);
  });
});

describe('an Entra that gives no tokens', () => {
  test('is asked once for 500 waiting mailboxes, and the circuit of Exchange stays closed', async () => {
    stage.app.refusal = 'unavailable';
    const profile = access();
    const addresses = Array.from({ length: 500 }, (_, index) => `m${index}@contoso.test`);
    const reports = await Promise.all(addresses.map((address) => exchange.testMailbox(profile, requestFor(address))));
    expect(new Set(reports.flatMap(codesOf))).toEqual(new Set(['OAuthUnreachable']));
    expect(reports.some(({ circuitOpen }) => circuitOpen)).toBe(false);
    expect(stage.asked(hmaApp)).toBe(1);
    expect(server.requests()).toEqual([]);
    // One after the other, as a run sends them, asks no more often either.
    for (const address of addresses.slice(0, 20)) await exchange.testMailbox(profile, requestFor(address));
    expect(stage.asked(hmaApp)).toBe(1);
  });
});

describe('the check of a connection', () => {
  test('tells of the token between TLS and sign-in, without a word of it', async () => {
    const report = await check(access());
    expect(outline(report)).toEqual([
      'address',
      'connect',
      'tls',
      'token',
      'authentication',
      'version',
      'impersonation',
    ]);
    expect(report.checks[3]?.seen).toEqual({ tenant: tenantId, app: hmaApp, expiresInMinutes: 60 });
    expect(report.checks[4]?.seen).toEqual({ schemes: 'Bearer' });
    expect(JSON.stringify(report)).not.toMatch(/eyJ|PRIVATE KEY/);
  });

  test('passes with a certificate of Key Vault', async () => {
    expect((await check(access(inVault(), vaultSecret))).fault).toBeNull();
  });

  test('ends at the token where there is none, and the next one asks again at once', async () => {
    stage.app.roles = [];
    const profile = access();
    const report = await check(profile);
    expect(outline(report)).toEqual(['address', 'connect', 'tls', 'token: OAuthRoleMissing']);
    expect(report.fault).toMatchObject({ code: 'OAuthRoleMissing', params: { account: hmaApp } });
    expect(server.signIns()).toEqual([]);
    stage.app.roles = ['full_access_as_app'];
    expect((await check(profile)).fault).toBeNull();
  });

  test('after a repair at the app of the vault asks at once as well', async () => {
    stage.vaultApp.refusal = 'app-disabled';
    const profile = access(inVault(), vaultSecret);
    expect(outline(await check(profile)).at(-1)).toBe('token: OAuthAppNotFound');
    delete stage.vaultApp.refusal;
    expect((await check(profile)).fault).toBeNull();
  });

  test('says that the server cannot be reached before it says anything of a token', async () => {
    stage.app.refusal = 'unavailable';
    const report = await check({
      ...access(),
      serverLocation: 'https://127.0.0.1:1/EWS/Exchange.asmx'.replace(':1/', ':1024/'),
    });
    expect(outline(report).at(-1)).toMatch(/^connect: /);
  });

  test('meets a wrong audience at the sign-in', async () => {
    const report = await check(access({ resource: 'https://vault.azure.net' }));
    expect(outline(report).at(-1)).toBe('authentication: OAuthTokenRefused');
    expect(stage.asked(hmaApp)).toBe(2);
  });

  test.each([
    ['2013sp1', 'HmaNotSupported'],
    ['2019', 'BearerNotOffered'],
  ] as const)('tells of Exchange %s without Modern Authentication: %s', async (product, code) => {
    const own = await startExchange({ tlsDir, product, schemes: ['NTLM', 'Basic'] });
    others.push(own);
    const report = await check(access({}, undefined, { serverLocation: own.ews }));
    expect(outline(report).at(-1)).toBe(`authentication: ${code}`);
    expect(own.signIns().filter(({ outcome }) => outcome === 'accepted')).toEqual([]);
  });

  test('tells of a build that offers tokens and cannot take them', async () => {
    const old = await startFakeServer((request, response) => {
      request.resume();
      response.setHeader('WWW-Authenticate', 'Bearer client_id="x"');
      response.statusCode = request.headers.authorization === 'Bearer' ? 401 : 200;
      response.end(
        findFolderAnswer.replace(
          /MinorVersion="2" MajorBuildNumber="2562"/,
          'MinorVersion="0" MajorBuildNumber="1347"',
        ),
      );
    });
    const own = exchangeOf({ extraCa: `${stage.entra.caPem}\n${old.ca}` });
    try {
      const profile = access({}, undefined, { serverLocation: `${old.origin}/EWS/Exchange.asmx` });
      const report = await own.checkConnection(profile, user, () => undefined);
      expect(outline(report).slice(4)).toEqual(['authentication', 'version: HmaNotSupported']);
      expect(report.fault).toMatchObject({ params: { host: '127.0.0.1', build: '15.0.1347.17' } });
    } finally {
      await own.close();
      await old.close();
    }
  });
});
