import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { createAuthority, createServerCertificate } from '../../../sandbox/exchange/tls/certificates.ts';
import { call, getFolder, send, texts, type WireAnswer } from './ews-client.ts';
import { authenticateValues } from './ntlm-client.ts';

const TENANT = '5a1e0e3c-2f1b-4c9e-9a55-0d5c6a7b8c9d';
const APP = 'aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb';
const AUDIENCE = 'https://mail.contoso.test';

interface TokenParts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresInS?: number;
  readonly notBeforeInS?: number;
  readonly key?: KeyObject;
  readonly kid?: string;
}

describe('Bearer at the Exchange stand-in', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let issuerServer: Server;
  let issuer: string;
  let exchange: ExchangeStandIn;
  let published = ['k1'];
  let keyRequests = 0;

  beforeAll(async () => {
    const authority = await createAuthority('ec');
    const { key: tlsKey, certificate } = await createServerCertificate('good', 'login.contoso.test', authority);
    issuerServer = createServer({ key: tlsKey, cert: certificate }, (request, response) => {
      response.setHeader('Content-Type', 'application/json');
      if (request.url === `/${TENANT}/v2.0/.well-known/openid-configuration`) {
        response.end(JSON.stringify({ issuer, jwks_uri: `${new URL(issuer).origin}/keys` }));
      } else if (request.url === '/keys') {
        keyRequests += 1;
        const jwk = key.publicKey.export({ format: 'jwk' });
        response.end(JSON.stringify({ keys: published.map((kid) => ({ ...jwk, kid, alg: 'RS256', use: 'sig' })) }));
      } else response.writeHead(404).end('{}');
    });
    await new Promise<void>((resolve) => {
      issuerServer.listen(0, '127.0.0.1', resolve);
    });
    const address = issuerServer.address();
    issuer = `https://localhost:${typeof address === 'object' ? address?.port : 0}/${TENANT}/v2.0`;
    exchange = await startExchange({
      mailboxes: 2,
      issuer,
      audience: AUDIENCE,
      issuerCa: authority.certificate,
      schemes: ['Negotiate', 'NTLM', 'Basic'],
    });
  });
  afterAll(async () => {
    await exchange.close();
    issuerServer.closeAllConnections();
    issuerServer.close();
  });
  beforeEach(() => {
    exchange.resetLog();
  });

  const token = ({
    claims = {},
    expiresInS = 3600,
    notBeforeInS = -10,
    ...parts
  }: TokenParts = {}): Promise<string> => {
    const nowS = Math.floor(Date.now() / 1000);
    return new SignJWT({ appid: APP, tid: TENANT, roles: ['full_access_as_app'], ver: '1.0', ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: parts.kid ?? 'k1' })
      .setIssuer(parts.issuer ?? `https://sts.windows.net/${TENANT}/`)
      .setAudience(parts.audience ?? `${AUDIENCE}/`)
      .setNotBefore(nowS + notBeforeInS)
      .setExpirationTime(nowS + expiresInS)
      .sign(parts.key ?? key.privateKey);
  };
  const ask = async (parts?: TokenParts, as: string | undefined = 'user1@contoso.test'): Promise<WireAnswer> =>
    call(exchange, getFolder(['inbox']), {
      authorization: `Bearer ${await token(parts)}`,
      ...(as === '' ? {} : { as }),
    });

  it('lets an application in that may act for everybody, of either form of issuer', async () => {
    expect(texts(await ask(), 'ResponseCode')).toEqual(['NoError']);
    expect(texts(await ask({ issuer }), 'ResponseCode')).toEqual(['NoError']);
    expect(exchange.signIns()[0]).toMatchObject({
      scheme: 'Bearer',
      userName: `${APP}@${TENANT}`,
      outcome: 'accepted',
    });
    expect(exchange.requests()[0]).toMatchObject({ account: `${APP}@${TENANT}`, mailbox: 'user1@contoso.test' });
  });

  it('wants it to say for whom it acts', async () => {
    const answer = await ask({}, '');
    expect(answer.status).toBe(500);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorImpersonationRequired']);
  });

  it('tells its terms in the 401, also to an empty token, which is no attempt', async () => {
    const plain = authenticateValues(await send(exchange, { method: 'GET' }));
    expect(plain.slice(0, 3)).toEqual(['Negotiate', 'NTLM', 'Basic realm="mail.contoso.test"']);
    expect(plain[3]).toBe(
      `Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@${TENANT}", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="${new URL(issuer).origin}/common/oauth2/authorize"`,
    );
    const probe = await send(exchange, { method: 'GET', headers: { Authorization: 'Bearer' } });
    expect(authenticateValues(probe)).toEqual(plain);
    expect(exchange.signIns()).toEqual([]);
  });

  it.each<[string, TokenParts, RegExp]>([
    ['expired', { expiresInS: -400 }, /^2000002;reason="The token has expired\.";error_category="token_expired"$/],
    ['not yet valid', { notBeforeInS: 900 }, /^2000001;reason="The token is not yet valid\."/],
    [
      'for somebody else',
      { audience: 'http://mail.contoso.test' },
      /^2000003;reason="The hostname component of the audience claim value is invalid\. Expected 'https:\/\/mail\.contoso\.test'\. Actual 'http:\/\/mail\.contoso\.test'\.";error_category="invalid_resource"$/,
    ],
    ['of another issuer', { issuer: 'https://sts.windows.net/other/' }, /^2000004;.*error_category="invalid_tenant"$/],
    ['signed by somebody else', { key: otherKey.privateKey }, /^2000000;.*error_category="invalid_signature"$/],
    ['without the role', { claims: { roles: ['Mail.Read'] } }, /^2000008;.*error_category="invalid_grant"$/],
    ['without roles', { claims: { roles: undefined } }, /^2000008;/],
    ['of no application', { claims: { appid: undefined } }, /^2000006;.*error_category="invalid_client"$/],
  ])('refuses a token that is %s and says why', async (_what, parts, diagnostics) => {
    const answer = await ask(parts);
    expect(answer.status).toBe(401);
    expect(authenticateValues(answer).at(-1)).toContain('error="invalid_token"');
    expect(answer.headers['x-ms-diagnostics']).toMatch(diagnostics);
    expect(exchange.signIns()).toMatchObject([{ outcome: 'invalid-token' }]);
  });

  it('tolerates clocks that differ by less than five minutes', async () => {
    expect((await ask({ expiresInS: -200 })).status).toBe(200);
    expect((await ask({ notBeforeInS: 200 })).status).toBe(200);
  });

  it.each(['rubbish', 'a.b.c', '..'])('refuses %s as no token', async (text) => {
    const answer = await call(exchange, getFolder(['inbox']), { authorization: `Bearer ${text}` });
    expect(answer.headers['x-ms-diagnostics']).toBe(
      '2000001;reason="OAuth token submitted with the request can not be parsed.";error_category="invalid_token"',
    );
  });

  it('fetches the keys once, and again for one it does not know', async () => {
    const before = keyRequests;
    await ask();
    expect(keyRequests).toBe(Math.max(before, 1));
    published = ['k1', 'k2'];
    expect((await ask({ kid: 'k2' })).status).toBe(200);
    expect(keyRequests).toBe(Math.max(before, 1) + 1);
  });
});

describe('Bearer with a verifier of the caller', () => {
  it('leaves the signature to it', async () => {
    const exchange = await startExchange({
      verifyBearer: (token) => (token.endsWith('.good') ? Promise.resolve() : Promise.reject(new Error('no'))),
    });
    const claims = { iss: 'x', aud: 'y', appid: 'app', tid: 't', roles: ['full_access_as_app'], exp: 2 ** 33 };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const status = async (token: string): Promise<number> =>
      (
        await call(exchange, getFolder(['inbox']), {
          authorization: `Bearer ${token}`,
          as: 'user1@contoso.test',
        })
      ).status;
    expect(await status(`h.${payload}.good`)).toBe(200);
    expect(await status(`h.${payload}.bad`)).toBe(401);
    await exchange.close();
  });

  it('is refused for a product that is too old for it', async () => {
    const start = startExchange({ product: '2013sp1', verifyBearer: () => Promise.resolve() });
    await expect(start).rejects.toThrow('no Hybrid Modern Authentication');
  });
});
