import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createTokenSources,
  type TokenAccess,
  type TokenSources,
} from '../../../services/exchange/oauth/token-sources.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { hmaApp, resource, startStage, tenantId, type Stage } from './oauth-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.reset());

const sourcesOf = (most?: number): TokenSources =>
  createTokenSources(
    { loginUrl: stage.entra.url, networks: ['127.0.0.0/8'], tlsContext: createTlsContext(stage.entra.caPem) },
    most,
  );

/** The resource is left out: it is the host of the EWS address. */
const accessOf = (credentialId: string, host = resource): TokenAccess => ({
  serverLocation: `${host}/EWS/Exchange.asmx`,
  credentialId,
  authentication: {
    scheme: 'oauth',
    app: { tenant: tenantId, clientId: hmaApp, resource: '', certificate: { source: 'file' } },
    secret: new Secret(stage.own.withKey),
  },
});

it('a credential keeps its token for all its commands, and shares it with no other', async () => {
  const sources = sourcesOf();
  const first = await sources(accessOf('one')).get();
  expect(first.fault).toBeNull();
  expect((await sources(accessOf('one')).get()).token?.token).toBe(first.token?.token);
  expect((await sources(accessOf('two')).get()).token?.token).not.toBe(first.token?.token);
  expect(stage.asked(hmaApp)).toBe(2);
});

it('a second server of a profile gets a token for itself, never the one that was made for the first', async () => {
  const sources = sourcesOf();
  const first = await sources(accessOf('one')).get();
  const second = await sources(accessOf('one', 'https://send.contoso.test')).get();
  expect(first.fault).toBeNull();
  expect(second.token).toBeNull();
  expect(second.fault?.params).toMatchObject({ location: 'https://send.contoso.test' });
  expect((await sources(accessOf('one')).get()).token?.token).toBe(first.token?.token);
});

it('the token of the credential that was used longest ago is forgotten first', async () => {
  const sources = sourcesOf(2);
  for (const credentialId of ['one', 'two', 'one', 'three']) await sources(accessOf(credentialId)).get();
  expect(stage.asked(hmaApp)).toBe(3);
  await sources(accessOf('one')).get();
  expect(stage.asked(hmaApp)).toBe(3);
  await sources(accessOf('two')).get();
  expect(stage.asked(hmaApp)).toBe(4);
});
