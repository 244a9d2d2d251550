import tls from 'node:tls';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ScriptedRefusal } from '../../../sandbox/entra/scripted-refusals.ts';
import { startEntra, type Entra } from '../../../sandbox/entra/start-entra.ts';
import type { Application } from '../../../sandbox/entra/token-endpoint.ts';

const app: Application = { clientId: 'hma', secret: 'right', roles: ['full_access_as_app'] };
const resource = 'https://mail.contoso.test';
let entra: Entra;

const trusted = tls.getCACertificates('default');

beforeAll(async () => {
  entra = await startEntra({ tenantId: 'contoso.test', applications: [app], resources: [resource] });
  tls.setDefaultCACertificates([...trusted, entra.caPem]);
});
afterEach(() => {
  delete app.refusal;
  entra.setClockOffset(0);
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await entra.close();
});

async function ask(scope = `${resource}/.default`) {
  const response = await fetch(`${entra.url}/contoso.test/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'hma', client_secret: 'right', scope }),
  });
  const body = (await response.json()) as { access_token: string; error: string; error_codes: number[] };
  return { status: response.status, date: response.headers.get('date') ?? '', body };
}

describe('an Entra for Hybrid Modern Authentication', () => {
  it('gives the roles of the application, and none where it has none', async () => {
    const { body } = await ask();
    expect(decodeJwt(body.access_token)['roles']).toEqual(['full_access_as_app']);
    expect((await entra.verifyToken(body.access_token, resource)).roles).toEqual(['full_access_as_app']);
    delete app.roles;
    expect(decodeJwt((await ask()).body.access_token)['roles']).toBeUndefined();
  });

  it('knows only the resources of its tenant', async () => {
    const { status, body } = await ask('https://other.test/.default');
    expect([status, body.error, body.error_codes]).toEqual([400, 'invalid_resource', [500011]]);
  });

  it.each<[ScriptedRefusal, number, number]>([
    ['wrong-secret', 401, 7000215],
    ['clock-skew', 401, 700024],
    ['app-not-found', 400, 700016],
    ['consent-missing', 400, 65001],
    ['throttled', 429, 90024],
    ['unavailable', 503, 90033],
  ])('says %s when it is told to', async (refusal, status, code) => {
    app.refusal = refusal;
    const answer = await ask();
    expect([answer.status, answer.body.error_codes]).toEqual([status, [code]]);
    expect(entra.tokenRequests.at(-1)).toMatchObject({ clientId: 'hma', status });
  });

  it('has a clock of its own, in the header and in the tokens', async () => {
    entra.setClockOffset(86_400_000);
    const { date, body } = await ask();
    expect(Date.parse(date) - Date.now()).toBeGreaterThan(86_000_000);
    expect((decodeJwt(body.access_token).iat ?? 0) * 1000 - Date.now()).toBeGreaterThan(86_000_000);
  });
});
