import { inspect } from 'node:util';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScriptedRefusal } from '../../../sandbox/entra/scripted-refusals.ts';
import type { SecureRequests } from '../../../services/exchange/oauth/secure-requests.ts';
import type { TokenCall, TokenResult } from '../../../services/exchange/oauth/token-request.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import type { FaultCode } from '../../../services/model/fault-catalogue.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { settle } from '../fake-clock.ts';
import { makeCertificate } from './certificate-samples.ts';
import { clockOfNow, day, hmaApp, resource, startStage, tenantId, type Stage } from './oauth-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage.close());

const codeOf = (result: TokenResult): string => result.fault?.code ?? 'token';
const tokenOf = (result: TokenResult): string => result.token?.token.reveal() ?? '';

describe('a token for Exchange', () => {
  it('comes by certificate, for the host of the EWS address, with its end', async () => {
    const clock = await clockOfNow();
    const result = await stage.source({}, { clock }).get();
    expect(codeOf(result)).toBe('token');
    expect(await stage.entra.verifyToken(tokenOf(result), resource)).toMatchObject({
      appId: hmaApp,
      roles: ['full_access_as_app'],
    });
    expect(result.token?.expiresAt).toBe(clock.now() + 3_600_000);
    expect(stage.entra.tokenRequests.at(-1)).toMatchObject({
      tenant: tenantId,
      scope: expect.stringContaining(resource),
    });
  });

  it('is a call that ends, for whoever counts: once for many who want it, and with its code where it is refused', async () => {
    const calls: TokenCall[] = [];
    const source = stage.source({}, { onToken: (call) => void calls.push(call) });
    await Promise.all([source.get(), source.get(), source.get()]);
    expect(calls).toMatchObject([{ server: new URL(stage.entra.url).host, code: 'NoError' }]);
    expect(calls[0]?.durationMs).toBeGreaterThan(0);
    const refused = stage.source({ tenant: 'elsewhere.test' }, { onToken: (call) => void calls.push(call) });
    const code = codeOf(await refused.get());
    expect(calls[1]?.code).toBe(code);
    // Nothing is sent for a tenant that is none, so nothing is counted.
    await stage.source({ tenant: 'no tenant' }, { onToken: (call) => void calls.push(call) }).get();
    expect(calls).toHaveLength(2);
    expect(JSON.stringify(calls)).not.toContain(hmaApp);
  });

  it('never prints itself', async () => {
    const result = await stage.source().get();
    expect(inspect(result, { depth: 9 }) + JSON.stringify(result)).not.toContain(tokenOf(result).slice(-20));
  });

  it.each([[false], [true]])(
    'is asked for with an assertion as Entra wants it; with the chain: %s',
    async (sendChain) => {
      const sent: { url: string; body: URLSearchParams }[] = [];
      const requests: SecureRequests = {
        send: ({ url, body = '' }) => {
          sent.push({ url, body: new URLSearchParams(body) });
          return Promise.resolve({ answer: { status: 503, headers: {}, body: '{}' }, fault: null });
        },
      };
      // Microsoft's own hosts are known to msal: the token is the only thing that is asked for.
      await stage.source({ sendChain }, { requests, loginUrl: 'https://login.microsoftonline.com' }).get();
      expect(sent.map(({ url }) => url.split('?')[0])).toEqual([
        `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
      ]);
      const assertion = sent[0]?.body.get('client_assertion') ?? '';
      const header = decodeProtectedHeader(assertion);
      expect(header).toMatchObject({ alg: 'PS256', 'x5t#S256': stage.own.certificate.x5tS256 });
      expect(header.x5c?.length).toBe(sendChain ? 1 : undefined);
      expect(decodeJwt(assertion)).toMatchObject({ iss: hmaApp, sub: hmaApp });
      expect(sent[0]?.body.get('scope')).toContain(`${resource}/.default`);
    },
  );

  it('costs one request under concurrency, and none while it is fresh', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    const results = await Promise.all(Array.from({ length: 300 }, () => source.get()));
    expect(new Set(results.map(tokenOf)).size).toBe(1);
    await clock.advance(54 * 60_000);
    await source.get();
    expect(stage.asked(hmaApp)).toBe(1);
  });

  it('is renewed five minutes before its end, once for all who wait', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    const first = await source.get();
    await clock.advance(55 * 60_000);
    const renewed = await Promise.all([source.get(), source.get()]);
    expect(stage.asked(hmaApp)).toBe(2);
    expect(tokenOf(renewed[0])).not.toBe(tokenOf(first));
  });

  it('serves on until its end while a new one cannot be had, and then says why', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    const first = await source.get();
    stage.app.refusal = 'unavailable';
    await clock.advance(56 * 60_000);
    expect(tokenOf(await source.get())).toBe(tokenOf(first));
    await source.get();
    expect(stage.asked(hmaApp)).toBe(2);
    await clock.advance(4 * 60_000);
    expect(codeOf(await source.get())).toBe('OAuthUnreachable');
  });

  it('that Exchange refused is replaced once, however many calls report it', async () => {
    const source = stage.source();
    const token = (await source.get()).token?.token ?? new Secret('');
    for (let call = 0; call < 27; call += 1) source.discard(token);
    const next = await source.get();
    source.discard(token);
    expect(tokenOf(await source.get())).toBe(tokenOf(next));
    expect(stage.asked(hmaApp)).toBe(2);
  });

  it('whose successor was refused too is replaced once a minute, or when a person asks', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    const refuse = async (): Promise<void> => source.discard((await source.get()).token?.token ?? new Secret(''));
    for (let call = 0; call < 5; call += 1) await refuse();
    await source.get();
    expect(stage.asked(hmaApp)).toBe(2);
    await clock.advance(60_000);
    await refuse();
    await refuse();
    expect(stage.asked(hmaApp)).toBe(3);
    source.retryNow();
    await refuse();
    await source.get();
    expect(stage.asked(hmaApp)).toBe(4);
  });

  it('is asked for anew when the clock was set back: nobody knows how old it is', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    await source.get();
    clock.jump(-day);
    await source.get();
    await source.get();
    expect(stage.asked(hmaApp)).toBe(2);
  });
});

describe('a refusal', () => {
  it('does not last a day because the clock was set back by one', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    stage.app.refusal = 'unavailable';
    expect(codeOf(await source.get())).toBe('OAuthUnreachable');
    delete stage.app.refusal;
    clock.jump(-day);
    expect(codeOf(await source.get())).toBe('token');
  });

  const scripted: readonly (readonly [ScriptedRefusal, FaultCode, string])[] = [
    ['wrong-secret', 'OAuthInvalidClient', 'AADSTS7000215'],
    ['expired-secret', 'OAuthInvalidClient', 'AADSTS7000222'],
    ['unknown-certificate', 'OAuthInvalidClient', 'AADSTS700027'],
    ['clock-skew', 'OAuthClockSkew', 'AADSTS700024'],
    ['app-not-found', 'OAuthAppNotFound', 'AADSTS700016'],
    ['app-disabled', 'OAuthAppNotFound', 'AADSTS7000112'],
    ['tenant-not-found', 'OAuthTenantNotFound', 'AADSTS90002'],
    ['resource-not-found', 'OAuthResourceNotFound', 'AADSTS500011'],
    ['consent-missing', 'OAuthConsentMissing', 'AADSTS65001'],
    ['role-missing', 'OAuthRoleMissing', 'AADSTS501051'],
    ['conditional-access', 'OAuthOther', 'AADSTS53003'],
    ['throttled', 'OAuthUnreachable', 'AADSTS90024'],
    ['unavailable', 'OAuthUnreachable', 'AADSTS90033'],
  ];

  it.each(scripted)('%s is %s', async (refusal, code, raw) => {
    stage.app.refusal = refusal;
    expect((await stage.source().get()).fault).toMatchObject({ code, raw, params: { account: hmaApp } });
  });

  it('comes for an app, a tenant and a resource that Entra itself does not know', async () => {
    const codes = await Promise.all([
      stage.source({ clientId: 'unknown' }).get(),
      stage.source({ tenant: 'another.test' }).get(),
      stage.source({ resource: 'other.contoso.test' }).get(),
    ]);
    expect(codes.map(codeOf)).toEqual(['OAuthAppNotFound', 'OAuthTenantNotFound', 'OAuthResourceNotFound']);
  });

  it('comes without a request for a tenant or resource that would be part of another address', async () => {
    expect(codeOf(await stage.source({ tenant: '../x' }).get())).toBe('OAuthTenantNotFound');
    expect(codeOf(await stage.source({ resource: 'a b' }).get())).toBe('OAuthResourceNotFound');
    expect(stage.asked(hmaApp)).toBe(0);
  });

  it('comes for a certificate that Entra has not got', async () => {
    stage.app.certificatePem = (await makeCertificate(new Date(Date.now() - day), new Date(Date.now() + day))).pem;
    expect((await stage.source().get()).fault).toMatchObject({ code: 'OAuthInvalidClient', raw: 'AADSTS700027' });
  });

  it.each([[-600_000], [600_000]])('comes for a clock that is off by %i ms', async (offsetMs) => {
    stage.entra.setClockOffset(offsetMs);
    // An assertion begins now and lasts ten minutes; Entra forgives five.
    if (offsetMs > 0) stage.entra.setClockOffset(offsetMs * 2);
    expect((await stage.source().get()).fault).toMatchObject({ code: 'OAuthClockSkew', raw: 'AADSTS700024' });
  });

  it('comes before any request when the certificate is over or not valid yet', async () => {
    const clock = await clockOfNow();
    await clock.advance(31 * day);
    expect(codeOf(await stage.source({}, { clock }).get())).toBe('OAuthCertificateExpired');
    const future = await makeCertificate(new Date(Date.now() + day), new Date(Date.now() + 2 * day));
    const early = stage.source({ certificate: { kind: 'own', certificate: future.certificate } });
    expect(codeOf(await early.get())).toBe('OAuthClockSkew');
    expect(stage.asked(hmaApp)).toBe(0);
  });

  it('speaks of the certificate’s end when only Entra’s clock says so', async () => {
    stage.entra.setClockOffset(31 * day);
    expect((await stage.source().get()).fault).toMatchObject({ code: 'OAuthCertificateExpired', raw: 'AADSTS700027' });
  });

  it.each([[undefined], [[]], [['Mail.Read']]])('comes for a token with the roles %j', async (roles) => {
    delete stage.app.roles;
    if (roles !== undefined) stage.app.roles = roles;
    expect(codeOf(await stage.source().get())).toBe('OAuthRoleMissing');
  });

  it('answers for the next callers without another request, until its pause ends or a person tries again', async () => {
    const clock = await clockOfNow();
    const source = stage.source({}, { clock });
    stage.app.refusal = 'unknown-certificate';
    for (let mailbox = 0; mailbox < 500; mailbox += 1) await source.get();
    expect(stage.asked(hmaApp)).toBe(1);
    await clock.advance(60_000);
    await source.get();
    expect(stage.asked(hmaApp)).toBe(2);
    delete stage.app.refusal;
    expect(codeOf(await source.get())).toBe('OAuthInvalidClient');
    source.retryNow();
    expect(codeOf(await source.get())).toBe('token');
  });
});

describe('the way to Entra', () => {
  it('is under a deadline, by the clock', async () => {
    const clock = await clockOfNow();
    const requests: SecureRequests = {
      send: (_request, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve({ answer: null, fault: { code: 'DeadlineExceeded', params: { host: 'x' } } });
          });
        }),
    };
    const asked = stage.source({}, { clock, requests }).get();
    await settle();
    await clock.advance(10_000);
    expect((await asked).fault).toMatchObject({ code: 'OAuthUnreachable', raw: 'DeadlineExceeded' });
    expect(clock.timers).toBe(0);
  });

  it('names what went wrong on it: refused, not trusted, not allowed', async () => {
    const nobody = stage.source({}, { loginUrl: 'https://localhost:1' });
    expect((await nobody.get()).fault).toMatchObject({ code: 'OAuthUnreachable', raw: 'AddressNotAllowed' });
    const closed = stage.source({}, { loginUrl: 'https://localhost:65000' });
    expect((await closed.get()).fault).toMatchObject({ code: 'OAuthUnreachable', raw: 'ConnectionRefused' });
    const strange = stage.source({}, { tlsContext: createTlsContext() });
    expect((await strange.get()).fault).toMatchObject({ code: 'OAuthUnreachable', raw: 'TlsUntrusted' });
    const forbidden = stage.source({}, { networks: [] });
    expect((await forbidden.get()).fault).toMatchObject({ code: 'OAuthUnreachable', raw: 'AddressLoopback' });
  });

  it('never rejects when the way itself breaks', async () => {
    const requests: SecureRequests = { send: () => Promise.reject(new Error('secret in here')) };
    const { fault } = await stage.source({}, { requests }).get();
    expect(fault?.code).toMatch(/^OAuth/);
    expect(JSON.stringify(fault)).not.toContain('secret in here');
  });
});
