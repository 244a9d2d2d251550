import { randomUUID } from 'node:crypto';
import tls from 'node:tls';
import type { TurnContext } from 'botbuilder';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter, MailroomAdapter } from '../../bot/adapter.ts';
import { readConfig, type Config } from '../../bot/config.ts';
import { createLog, routeConsole } from '../../bot/log.ts';
import { createWebServer, type WebServer } from '../../bot/web/server.ts';
import { createSigningKey, startEntra, type Entra } from '../../sandbox/entra/start-entra.ts';
import { systemClock } from '../../services/model/clock.ts';
import { personalMessage, tenantId } from './activity-samples.ts';

const clientId = '3a11f00a-0000-4b07-8b07-3a1120030001';
const { serviceUrl } = personalMessage();
const emulatorIssuers = [
  'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/',
  'https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0',
];

let entra: Entra;
let trusted: string[];
let config: Config;
let server: WebServer;
let base: string;
let turns: string[];
let lines: string[];
let restoreConsole: () => void;

beforeAll(async () => {
  entra = await startEntra({ tenantId, applications: [{ clientId, secret: 'right' }] });
  trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, entra.caPem]);
  config = readConfig({
    ...entra.botEnvironment(clientId),
    MicrosoftAppPassword: 'right',
    MAILROOM_KEY: Buffer.alloc(32).toString('base64'),
    MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.test',
    PORT: '0',
  });
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await entra.close();
});

beforeEach(async () => {
  turns = [];
  lines = [];
  await serve(config);
});
afterEach(async () => {
  restoreConsole();
  await server.close(0);
});

async function serve(settings: Config): Promise<void> {
  const log = createLog({ level: 'trace' }, { write: (line) => void lines.push(line) });
  restoreConsole = routeConsole(log);
  const adapter = createAdapter(settings, log);
  const logic = async (context: TurnContext): Promise<void> => void turns.push(context.activity.text);
  server = createWebServer({
    config: settings,
    log,
    processActivity: (activity, authorization) => adapter.receive(activity, authorization, logic),
    secretForm: { clock: systemClock, store: null as never, keys: null as never },
    isReady: () => true,
  });
  base = `http://127.0.0.1:${(await server.listen()).port}`;
}

async function send(authorization: string | null, changes: Record<string, unknown> = {}): Promise<[number, string]> {
  const response = await fetch(`${base}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) },
    body: JSON.stringify(personalMessage(changes)),
  });
  return [response.status, await response.text()];
}

const issue = async (changes: Partial<Parameters<Entra['issueConnectorToken']>[0]> = {}) =>
  `Bearer ${await entra.issueConnectorToken({ audience: clientId, serviceUrl, ...changes })}`;

/** A token with any claims, signed with a key that nobody publishes. */
const forge = async (claims: Record<string, unknown>, issuer: string) => {
  const key = createSigningKey();
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .setIssuer(issuer)
    .setExpirationTime('1h')
    .sign(key.privateKey);
  return `Bearer ${token}`;
};

async function ownAppToken(): Promise<string> {
  const response = await fetch(`${entra.url}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: 'right',
      scope: 'https://api.botframework.com/.default',
    }),
  });
  return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
}

test('a token of the channel for this bot and this service address runs the turn', async () => {
  expect(await send(await issue())).toEqual([200, '']);
  expect(turns).toEqual(['help']);
});

describe('no other token runs a turn', () => {
  const unsigned = [{ alg: 'none' }, { iss: 'https://api.botframework.com', aud: clientId, serviceurl: serviceUrl }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const cases: [string, () => Promise<string | null>][] = [
    ['no token', () => Promise.resolve(null)],
    ['an empty header', () => Promise.resolve('')],
    ['another scheme', async () => (await issue()).replace('Bearer', 'Basic')],
    ['something that is no token', () => Promise.resolve('Bearer abc')],
    ['a token cut short', async () => (await issue()).slice(0, -8)],
    ['an unsigned token', () => Promise.resolve(`Bearer ${unsigned}.`)],
    ['a token signed with another key', () => issue({ signWith: createSigningKey() })],
    [
      'a signature under the published key id',
      async () => {
        const kid = JSON.parse(Buffer.from((await issue()).slice(7).split('.')[0] ?? '', 'base64url').toString()) as {
          kid: string;
        };
        return issue({ signWith: createSigningKey(), kid: kid.kid });
      },
    ],
    ['a token for another bot', () => issue({ audience: randomUUID() })],
    ['a token of another issuer', () => issue({ issuer: 'https://evil.test' })],
    ['a token that has expired', () => issue({ expiresInS: -600 })],
    ['a token for another service address', () => issue({ serviceUrl: 'https://evil.test/' })],
    ['a token for an address that only begins alike', () => issue({ serviceUrl: serviceUrl.slice(0, -1) })],
    [
      'a token without a service address',
      async () => `Bearer ${await entra.issueConnectorToken({ audience: clientId })}`,
    ],
    ['a token of the emulator', () => issue({ issuer: emulatorIssuers[0] ?? '' })],
    ['a newer token of the emulator', () => issue({ issuer: emulatorIssuers[1] ?? '' })],
    ['a token that Entra gave to this very app', ownAppToken],
    [
      'a token of a skill',
      () => forge({ ver: '1.0', aud: clientId, appid: randomUUID(), serviceurl: serviceUrl }, emulatorIssuers[0] ?? ''),
    ],
    [
      'a skill that calls itself the channel',
      () =>
        forge(
          { ver: '1.0', aud: clientId, appid: randomUUID(), serviceurl: serviceUrl },
          'https://api.botframework.com',
        ),
    ],
    [
      'an anonymous skill',
      () =>
        forge(
          { ver: '1.0', aud: clientId, appid: 'AnonymousSkill', serviceurl: serviceUrl },
          'https://api.botframework.com',
        ),
    ],
  ];
  test.each(cases)('%s', async (_name, token) => {
    const header = await token();
    expect(await send(header)).toEqual([401, '']);
    expect(turns).toEqual([]);
    expect(lines.join('')).toContain('activity refused');
    if (header !== null && header.length > 20) expect(lines.join('')).not.toContain(header.slice(7, 60));
  });

  test('a good token with the activity of another channel', async () => {
    for (const channelId of ['emulator', 'AseChannel', 'webchat']) {
      expect((await send(await issue(), { channelId }))[0]).toBe(400);
    }
    expect(turns).toEqual([]);
  });

  test('a key that is not endorsed for Teams', async () => {
    const other = await startEntra({
      tenantId,
      applications: [],
      authority: entra.authority,
      endorsements: ['webchat'],
    });
    await server.close(0);
    restoreConsole();
    await serve(
      readConfig({
        ...other.botEnvironment(clientId),
        MicrosoftAppPassword: 'right',
        MAILROOM_KEY: Buffer.alloc(32).toString('base64'),
        MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.test',
        PORT: '0',
      }),
    );
    const token = await other.issueConnectorToken({ audience: clientId, serviceUrl });
    expect(await send(`Bearer ${token}`)).toEqual([401, '']);
    await other.close();
  });
});

test('an activity of another tenant is refused even with a good token', async () => {
  const tenant = randomUUID();
  const changes = {
    conversation: { id: 'a:1', conversationType: 'personal', tenantId: tenant },
    channelData: { tenant: { id: tenant } },
  };
  expect(await send(await issue(), changes)).toEqual([403, '']);
  expect(turns).toEqual([]);
});

test('when the keys of the channel cannot be had the channel is asked to come again, and nothing runs', async () => {
  await server.close(0);
  restoreConsole();
  await serve({
    ...config,
    botFramework: { ...config.botFramework, channelOpenIdMetadataUrl: 'https://localhost:1/openid' },
  });
  expect(await send(await issue())).toEqual([503, '']);
  expect(turns).toEqual([]);
});

test('keys that never come hold no request for ever', async () => {
  const log = createLog({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const authentication = { authenticateRequest: () => new Promise<never>(() => undefined) };
  const adapter = new MailroomAdapter({
    authentication: authentication as never,
    deliveryClients: null as never,
    tenants: [],
    log,
    authenticationDeadlineMs: 10,
  });
  const logic = () => Promise.reject(new Error('must not run'));
  expect(await adapter.receive(personalMessage(), await issue(), logic)).toEqual({ status: 503 });
});

test('a turn that throws is a bare 500, and its text stays in the log', async () => {
  const log = createLog({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const adapter = createAdapter(config, log);
  const failing = () => Promise.reject(new Error('inner detail'));
  expect(await adapter.receive(personalMessage(), await issue(), failing)).toEqual({ status: 500 });
  expect(lines.join('')).toContain('inner detail');
});
