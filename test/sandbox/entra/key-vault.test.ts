import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeyVault, type KeyVault } from '../../../sandbox/entra/key-vault.ts';
import { startEntra, type Entra } from '../../../sandbox/entra/start-entra.ts';

let entra: Entra;
let vault: KeyVault;

const trusted = tls.getCACertificates('default');

beforeAll(async () => {
  entra = await startEntra({
    tenantId: 'contoso.test',
    applications: [
      { clientId: 'reader', secret: 'right' },
      { clientId: 'stranger', secret: 'right' },
    ],
  });
  tls.setDefaultCACertificates([...trusted, entra.caPem]);
  const secrets = new Map([
    ['hma', { value: 'MIIB', contentType: 'application/x-pkcs12' }],
    ['off', { value: 'x', disabled: true }],
  ]);
  vault = await startKeyVault({ entra, secrets, readers: ['reader'] });
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await vault.close();
  await entra.close();
});

async function tokenOf(clientId: string, resource = vault.resource): Promise<string> {
  const response = await fetch(`${entra.url}/contoso.test/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: 'right',
      scope: `${resource}/.default`,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function get(path: string, token: string | null) {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(vault.url + path, { headers, redirect: 'manual' });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

const codes = (body: string): unknown[] => {
  const { error } = JSON.parse(body) as { error: { code: string; innererror?: { code: string } } };
  return [error.code, error.innererror?.code];
};

describe('the Key Vault', () => {
  it('gives a secret to a reader, and keeps no token in its record', async () => {
    const token = await tokenOf('reader');
    const { status, body } = await get('/secrets/hma?api-version=7.4', token);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ value: 'MIIB', contentType: 'application/x-pkcs12' });
    expect(vault.requests.at(-1)).toEqual({ path: '/secrets/hma', clientId: 'reader', status: 200 });
    expect(JSON.stringify(vault.requests)).not.toContain(token.slice(-10));
  });

  it('challenges who brings no token, or one for somebody else', async () => {
    for (const token of [null, 'x', await tokenOf('reader', 'https://mail.contoso.test')]) {
      const { status, headers } = await get('/secrets/hma?api-version=7.4', token);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toContain('resource="https://vault.azure.net"');
    }
  });

  it('refuses as the real one does', async () => {
    const reader = await tokenOf('reader');
    const answers = [
      await get('/secrets/hma?api-version=7.4', await tokenOf('stranger')),
      await get('/secrets/none?api-version=7.4', reader),
      await get('/secrets/off?api-version=7.4', reader),
      await get('/secrets/hma', reader),
      await get('/keys/hma?api-version=7.4', reader),
    ];
    expect(answers.map(({ status, body }) => [status, ...codes(body)])).toEqual([
      [403, 'Forbidden', 'ForbiddenByPolicy'],
      [404, 'SecretNotFound', undefined],
      [403, 'Forbidden', 'SecretDisabled'],
      [400, 'MissingApiVersionParameter', undefined],
      [404, 'NotFound', undefined],
    ]);
  });

  it('misbehaves when told to', async () => {
    const token = await tokenOf('reader');
    const seen: number[] = [];
    for (const how of ['firewall', 'throttled', 'unavailable', 'redirect', 'html', 'empty'] as const) {
      vault.misbehave(how);
      seen.push((await get('/secrets/hma?api-version=7.4', token)).status);
    }
    vault.misbehave(null);
    expect(seen).toEqual([403, 429, 503, 302, 200, 200]);
  });
});
