import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthenticationConstants } from 'botframework-connector';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../bot/config-error.ts';
import { readConfig } from '../../bot/config.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';

const appId = '0A1B2C3D-0000-4000-8000-000000000001';
const tenantId = '0a1b2c3d-0000-4000-8000-000000000002';
const key = Buffer.alloc(32, 7).toString('base64');
const olderKey = Buffer.alloc(32, 8).toString('base64');

const production = {
  MicrosoftAppId: appId,
  MicrosoftAppPassword: 'Planted-Passw0rd',
  MicrosoftAppTenantId: tenantId,
  MAILROOM_KEY: key,
  MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.test/',
};
const development = { MAILROOM_UNAUTHENTICATED: '1', MAILROOM_KEY: key };

function refusal(env: Record<string, string | undefined>): ConfigError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

const service = 'https://ad.contoso.test/autodiscover/autodiscover.xml';

describe('a good environment', () => {
  test('gives the defaults of the interface', () => {
    const config = readConfig(production);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3978,
      metricsPort: 9464,
      publicUrl: 'https://mailroom.contoso.test',
      tenants: [tenantId],
      admins: [],
      exchange: { allowList: [], loginUrl: 'https://login.microsoftonline.com', vaultStandIn: null },
      retry: { attempts: 10, delayMs: 300_000 },
      pollIntervalMs: null,
      logLevel: 'info',
    });
    expect(config.app?.id).toBe(appId.toLowerCase());
    expect(config.app?.password.reveal()).toBe('Planted-Passw0rd');
    expect(config.dataDir).toMatch(/\/data$/);
    expect(config.retention).toEqual({ outcomeDays: 90, historyDays: null });
  });

  test('points at the public cloud, with the login of the own tenant', () => {
    const { botFramework } = readConfig(production);
    expect(botFramework).toEqual({
      channelOpenIdMetadataUrl: AuthenticationConstants.ToBotFromChannelOpenIdMetadataUrl,
      channelTokenIssuer: AuthenticationConstants.ToBotFromChannelTokenIssuer,
      emulatorOpenIdMetadataUrl: AuthenticationConstants.ToBotFromEmulatorOpenIdMetadataUrl,
      loginUrl: `${AuthenticationConstants.ToChannelFromBotLoginUrlPrefix}${tenantId}`,
      oauthScope: AuthenticationConstants.ToChannelFromBotOAuthScope,
      oauthUrl: AuthenticationConstants.OAuthUrl,
      validateAuthority: true,
    });
  });

  test('follows the settings of the SDK one by one', () => {
    const { botFramework } = readConfig({
      ...production,
      ToChannelFromBotLoginUrl: 'https://localhost:9443/tenant',
      ValidateAuthority: 'false',
    });
    expect(botFramework.loginUrl).toBe('https://localhost:9443/tenant');
    expect(botFramework.validateAuthority).toBe(false);
    expect(botFramework.channelTokenIssuer).toBe('https://api.botframework.com');
  });

  test('reads lists, fractions and several keys', () => {
    const config = readConfig({
      ...production,
      MAILROOM_ADMINS: `${appId}, ${tenantId}`,
      MAILROOM_EXCHANGE_HOSTS: '*.contoso.test,10.0.0.0/8,fd00::/8,mail',
      MAILROOM_RETRY_MINUTES: '0.05',
      MAILROOM_POLL_MINUTES: '0.1',
      MAILROOM_KEEP_OUTCOMES_DAYS: '30',
      MAILROOM_KEEP_HISTORY_DAYS: '3650',
      MAILROOM_KEY: `${key},${olderKey}`,
    });
    expect(config.admins).toEqual([appId.toLowerCase(), tenantId]);
    expect(config.exchange.allowList).toEqual(['*.contoso.test', '10.0.0.0/8', 'fd00::/8', 'mail']);
    expect(config.retry.delayMs).toBe(3000);
    expect(config.pollIntervalMs).toBe(6000);
    expect(config.retention).toEqual({ outcomeDays: 30, historyDays: 3650 });
    expect(config.keys.map((secret) => secret.reveal())).toEqual([key, olderKey]);
    expect(() => createKeyRing(config.keys.map((secret) => secret.reveal()))).not.toThrow();
  });

  test('reads the keys from a file, one a line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailroom-config-'));
    const file = join(folder, 'keys');
    writeFileSync(file, `${key}\n${olderKey}\n`);
    const { MAILROOM_KEY: _unused, ...rest } = production;
    expect(readConfig({ ...rest, MAILROOM_KEY_FILE: file }).keys).toHaveLength(2);
    rmSync(folder, { recursive: true });
  });

  test('reads where the Autodiscover of a domain is, and a vault that the operator vouches for', () => {
    const { exchange } = readConfig({
      ...production,
      MAILROOM_AUTODISCOVER: `Contoso.test=${service}, bücher.test=https://127.0.0.1:8443/Autodiscover/Autodiscover.xml`,
      MAILROOM_KEY_VAULT: 'LOCALHOST:8444',
      ToChannelFromBotLoginUrl: 'https://login.microsoftonline.us/tenant',
    });
    expect([...exchange.autodiscoverAddresses]).toEqual([
      ['contoso.test', service],
      ['xn--bcher-kva.test', 'https://127.0.0.1:8443/Autodiscover/Autodiscover.xml'],
    ]);
    expect(exchange.vaultStandIn).toEqual({ host: 'localhost:8444', resource: 'https://vault.azure.net' });
    expect(exchange.loginUrl).toBe('https://login.microsoftonline.us');
    expect(readConfig({ ...production, MAILROOM_KEY_VAULT: 'vault.test:443' }).exchange.vaultStandIn?.host).toBe(
      'vault.test',
    );
  });

  test('takes files from a stand-in on this machine, and from nowhere else by a setting', () => {
    expect(readConfig(production).fileStandIn).toBeNull();
    for (const text of ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'])
      expect(readConfig({ ...production, MAILROOM_FILES: text }).fileStandIn).toBe('http://127.0.0.1:8080');
  });

  test('reads the port of the metrics, which may be switched off', () => {
    const metricsPort = (METRICS_PORT: string) => readConfig({ ...production, METRICS_PORT }).metricsPort;
    expect(['0', ' 9100 ', '65535', 'off', 'OFF'].map(metricsPort)).toEqual([0, 9100, 65_535, null, null]);
  });

  test('never shows a secret when it is printed', () => {
    const printed = JSON.stringify(readConfig(production));
    expect(printed).not.toContain('Planted-Passw0rd');
    expect(printed).not.toContain(key);
  });

  test('without an app serves this machine only, to any tenant', () => {
    const config = readConfig(development);
    expect(config.app).toBeNull();
    expect(config.tenants).toEqual([]);
    expect(config.publicUrl).toBe('http://127.0.0.1:3978');
  });
});

describe('a wrong or missing value ends the start with one line that names it', () => {
  const cases: [string, Record<string, string | undefined>, string][] = [
    ['no app and no flag', { MAILROOM_KEY: key }, 'MicrosoftAppId'],
    ['an app id that is no GUID', { ...production, MicrosoftAppId: 'mailroom' }, 'MicrosoftAppId'],
    ['no password', { ...production, MicrosoftAppPassword: '' }, 'MicrosoftAppPassword'],
    ['no tenant', { ...production, MicrosoftAppTenantId: undefined }, 'MicrosoftAppTenantId'],
    ['a multi-tenant bot', { ...production, MicrosoftAppType: 'MultiTenant' }, 'MicrosoftAppType'],
    ['the flag beside an app', { ...production, MAILROOM_UNAUTHENTICATED: '1' }, 'MAILROOM_UNAUTHENTICATED'],
    ['the flag on an open address', { ...development, HOST: '0.0.0.0' }, 'HOST'],
    ['an odd flag', { ...development, MAILROOM_UNAUTHENTICATED: 'yes' }, 'MAILROOM_UNAUTHENTICATED'],
    ['a port that is none', { ...production, PORT: '65536' }, 'PORT'],
    ['a metrics port that is none', { ...production, METRICS_PORT: '65536' }, 'METRICS_PORT'],
    ['a metrics address', { ...production, METRICS_PORT: '127.0.0.1:9464' }, 'METRICS_PORT'],
    ['a port with words', { ...production, PORT: '80; rm' }, 'PORT'],
    ['no key', { ...production, MAILROOM_KEY: undefined }, 'MAILROOM_KEY'],
    ['a short key', { ...production, MAILROOM_KEY: Buffer.alloc(16).toString('base64') }, 'MAILROOM_KEY'],
    [
      'a key file that is not there',
      { ...production, MAILROOM_KEY: '', MAILROOM_KEY_FILE: '/no/such' },
      'MAILROOM_KEY_FILE',
    ],
    ['key and key file', { ...production, MAILROOM_KEY_FILE: '/no/such' }, 'MAILROOM_KEY_FILE'],
    ['no public address', { ...production, MAILROOM_PUBLIC_URL: undefined }, 'MAILROOM_PUBLIC_URL'],
    [
      'a public address in the clear',
      { ...production, MAILROOM_PUBLIC_URL: 'http://mail.contoso.test' },
      'MAILROOM_PUBLIC_URL',
    ],
    [
      'a public address with a query',
      { ...production, MAILROOM_PUBLIC_URL: 'https://a.test/?x=1' },
      'MAILROOM_PUBLIC_URL',
    ],
    ['an admin by name', { ...production, MAILROOM_ADMINS: 'ada@contoso.test' }, 'MAILROOM_ADMINS'],
    ['a network that is none', { ...production, MAILROOM_EXCHANGE_HOSTS: '10.0.0.0/33' }, 'MAILROOM_EXCHANGE_HOSTS'],
    [
      'a URL for a host',
      { ...production, MAILROOM_EXCHANGE_HOSTS: 'https://mail.contoso.test/EWS' },
      'MAILROOM_EXCHANGE_HOSTS',
    ],
    ['Autodiscover without a domain', { ...production, MAILROOM_AUTODISCOVER: service }, 'MAILROOM_AUTODISCOVER'],
    ...[
      'contoso.test=http://ad.contoso.test/autodiscover/autodiscover.xml',
      'contoso.test=https://ad.contoso.test/EWS/Exchange.asmx',
      'contoso.test=https://u:p@ad.contoso.test/autodiscover/autodiscover.xml',
      'contoso.test=https://ad.contoso.test/autodiscover/autodiscover.xml?to=other',
      'contoso.test=https://ad.contoso.test:22/autodiscover/autodiscover.xml',
      `10.0.0.1=${service}`,
      `*.test=${service}`,
      `__proto__=${service}`,
      `contoso.test=${service},CONTOSO.test=${service}`,
    ].map((text): [string, Record<string, string | undefined>, string] => [
      `Autodiscover as ${text}`,
      { ...production, MAILROOM_AUTODISCOVER: text },
      'MAILROOM_AUTODISCOVER',
    ]),
    ...['https://vault.test', 'vault.test/x', 'a b', 'u@vault.test', 'vault.test:22', 'vault.test:99999'].map(
      (text): [string, Record<string, string | undefined>, string] => [
        `a vault as ${text}`,
        { ...production, MAILROOM_KEY_VAULT: text },
        'MAILROOM_KEY_VAULT',
      ],
    ),
    ...['https://files.contoso.test', 'http://169.254.169.254', 'http://127.0.0.1/a', 'http://u@127.0.0.1', 'x'].map(
      (text): [string, Record<string, string | undefined>, string] => [
        `files from ${text}`,
        { ...production, MAILROOM_FILES: text },
        'MAILROOM_FILES',
      ],
    ),
    ['no tries', { ...production, MAILROOM_RETRY_ATTEMPTS: '0' }, 'MAILROOM_RETRY_ATTEMPTS'],
    ['half a try', { ...production, MAILROOM_RETRY_ATTEMPTS: '1.5' }, 'MAILROOM_RETRY_ATTEMPTS'],
    ['a negative wait', { ...production, MAILROOM_RETRY_MINUTES: '-1' }, 'MAILROOM_RETRY_MINUTES'],
    ['outcomes of no day', { ...production, MAILROOM_KEEP_OUTCOMES_DAYS: '0' }, 'MAILROOM_KEEP_OUTCOMES_DAYS'],
    ['history of half a day', { ...production, MAILROOM_KEEP_HISTORY_DAYS: '0.5' }, 'MAILROOM_KEEP_HISTORY_DAYS'],
    ['checks without a pause', { ...production, MAILROOM_POLL_MINUTES: '0' }, 'MAILROOM_POLL_MINUTES'],
    ['an unknown level', { ...production, LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [
      'keys of the channel in the clear',
      { ...production, ToBotFromChannelOpenIdMetadataUrl: 'http://a.test/x' },
      'ToBotFromChannelOpenIdMetadataUrl',
    ],
    [
      'a login in the clear',
      { ...production, ToChannelFromBotLoginUrl: 'http://a.test/x' },
      'ToChannelFromBotLoginUrl',
    ],
    ['PostgreSQL', { ...production, DATABASE_URL: 'postgres://u:hunter2@db/x' }, 'DATABASE_URL'],
  ];
  test.each(cases)('%s', (_name, env, variable) => {
    const error = refusal(env);
    expect(error.variable).toBe(variable);
    expect(error.message.startsWith(`${variable} `)).toBe(true);
    expect(error.message).not.toContain('\n');
    expect(error.message).not.toContain('undefined');
    for (const name of ['MicrosoftAppPassword', 'MAILROOM_KEY', 'DATABASE_URL']) {
      const value = env[name];
      if (value) expect(error.message).not.toContain(value);
    }
  });
});
