import { generateKeyPairSync } from 'node:crypto';
import tls from 'node:tls';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { decodeJwt } from 'jose';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSigningKey, startEntra } from '../../../sandbox/entra/start-entra.ts';
import type { Entra } from '../../../sandbox/entra/start-entra.ts';

const tenantId = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
const clientId = '3a11f00a-0000-4b07-8b07-3a1120030001';
const secret = 'right';
const SCOPE = 'https://api.botframework.com/.default';
const serviceUrl = 'http://127.0.0.1:3/amer/';

let entra: Entra;
let certificate: { cert: string; private: string };

beforeAll(async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  certificate = await generate([{ name: 'commonName', value: 'bot' }], {
    algorithm: 'sha256',
    keyPair: {
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
  });
  entra = await startEntra({
    tenantId,
    applications: [
      { clientId, secret, certificatePem: certificate.cert },
      { clientId: 'old', secret, secretExpired: true },
    ],
  });
  // What NODE_EXTRA_CA_CERTS does for a process of its own.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), entra.caPem]);
});

afterAll(() => entra.close());

async function askToken(form: Record<string, string>, tenant = tenantId) {
  const response = await fetch(`${entra.url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE, ...form }),
  });
  return {
    status: response.status,
    body: (await response.json()) as {
      access_token: string;
      expires_in: number;
      error: string;
      error_description: string;
      error_codes: number[];
    },
  };
}

describe('the token endpoint', () => {
  it('issues a token for the Bot Framework that names the application', async () => {
    const { status, body } = await askToken({ client_id: clientId, client_secret: secret });
    expect(status).toBe(200);
    expect(body.expires_in).toBe(3600);
    expect(await entra.verifyBotToken(body.access_token)).toEqual({
      appId: clientId,
      tenantId,
      audience: 'https://api.botframework.com',
    });
    expect(decodeJwt(body.access_token)).toMatchObject({ iss: `https://sts.windows.net/${tenantId}/`, ver: '1.0' });
  });

  it('issues tokens for other resources, which are no tokens for the Bot Framework', async () => {
    const scope = 'https://mail.contoso.test/.default';
    const { body } = await askToken({ client_id: clientId, client_secret: secret, scope });
    await expect(entra.verifyBotToken(body.access_token)).rejects.toThrow(/"aud"/);
    expect((await entra.verifyToken(body.access_token, 'https://mail.contoso.test')).appId).toBe(clientId);
  });

  it.each([
    ['a wrong secret', { client_id: clientId, client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['an expired secret', { client_id: 'old', client_secret: secret }, 401, 'invalid_client', 7000222],
    ['no credential', { client_id: clientId }, 401, 'invalid_client', 7000218],
    ['an unknown application', { client_id: 'x', client_secret: secret }, 400, 'unauthorized_client', 700016],
    ['a bare scope', { client_id: clientId, client_secret: secret, scope: 'a' }, 400, 'invalid_scope', 1002012],
  ])('refuses %s with the AADSTS error of Entra', async (_what, form, status, error, code) => {
    const answer = await askToken(form);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
    expect(answer.body.error_codes).toEqual([code]);
    expect(answer.body.error_description).toMatch(
      new RegExp(`^AADSTS${code}: .*Trace ID: .*Correlation ID: .*Timestamp: `),
    );
  });

  it('does not know other tenants', async () => {
    const { status, body } = await askToken({ client_id: clientId, client_secret: secret }, 'another.test');
    expect([status, body.error_codes]).toEqual([400, [90002]]);
  });

  it('keeps a record of the requests without the secrets', async () => {
    await askToken({ client_id: clientId, client_secret: 'hush-hush' });
    expect(entra.tokenRequests.at(-1)).toMatchObject({ clientId, status: 401, error: 'invalid_client' });
    expect(JSON.stringify(entra.tokenRequests)).not.toContain('hush-hush');
  });

  it.each(['secret', 'certificate'])('satisfies MSAL with a %s', async (kind) => {
    const thumbprintSha256 = new (await import('node:crypto')).X509Certificate(certificate.cert).fingerprint256;
    const credential =
      kind === 'secret'
        ? { clientSecret: secret }
        : {
            clientCertificate: {
              thumbprintSha256: thumbprintSha256.replaceAll(':', ''),
              privateKey: certificate.private,
            },
          };
    const client = new ConfidentialClientApplication({
      auth: {
        clientId,
        authority: entra.botEnvironment(clientId).ToChannelFromBotLoginUrl,
        knownAuthorities: [new URL(entra.url).host],
        ...credential,
      },
    });
    const token = await client.acquireTokenByClientCredential({ scopes: [SCOPE] });
    expect((await entra.verifyBotToken(token?.accessToken ?? '')).appId).toBe(clientId);
  });
});

describe('the tokens of the connector, as the Bot Framework SDK sees them', () => {
  const activity = { type: 'message', channelId: 'msteams', serviceUrl };

  async function authenticate(token: string, about: Record<string, unknown> = {}) {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const authentication = new ConfigurationBotFrameworkAuthentication({
        ...entra.botEnvironment(clientId),
        MicrosoftAppPassword: secret,
      });
      const request = { ...activity, ...about } as Parameters<typeof authentication.authenticateRequest>[0];
      return await authentication.authenticateRequest(request, `Bearer ${token}`);
    } finally {
      quiet.mockRestore();
    }
  }

  it('are accepted', async () => {
    const token = await entra.issueConnectorToken({ audience: clientId, serviceUrl });
    expect((await authenticate(token)).claimsIdentity.isAuthenticated).toBe(true);
  });

  it.each([
    ['another audience', { audience: 'another-app' }],
    ['another issuer', { issuer: 'https://evil.test' }],
    ['an end that is past', { expiresInS: -600 }],
    ['another service url', { serviceUrl: 'https://evil.test/' }],
    ['an unknown key', { kid: 'unknown' }],
  ])('are refused with %s', async (_what, wrong) => {
    const token = await entra.issueConnectorToken({ audience: clientId, serviceUrl, ...wrong });
    await expect(authenticate(token)).rejects.toThrow();
  });

  it('are refused with a wrong signature under the right key id', async () => {
    const token = await entra.issueConnectorToken({ audience: clientId, serviceUrl, signWith: createSigningKey() });
    const keys = (await fetch(`${entra.url}/v1/.well-known/keys`).then((answer) => answer.json())) as {
      keys: { kid: string }[];
    };
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      kid: keys.keys[0]?.kid,
    });
    await expect(authenticate(token)).rejects.toThrow(/invalid signature/);
  });

  it('are refused for a channel that the key is not endorsed for', async () => {
    const token = await entra.issueConnectorToken({ audience: clientId, serviceUrl });
    await expect(authenticate(token, { channelId: 'slack' })).rejects.toThrow(/endorsement/);
  });
});
