import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { VaultMisbehaviour } from '../../../sandbox/entra/key-vault.ts';
import type { TokenSource } from '../../../services/exchange/oauth/token-source.ts';
import type { FaultCode } from '../../../services/model/fault-catalogue.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { bytesOf, makeCertificate } from './certificate-samples.ts';
import { clockOfNow, day, hmaApp, startStage, vaultApp, vaultSecret, type Stage } from './oauth-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
beforeEach(() => {
  stage.reset();
  visits = stage.vault.requests.length;
});
afterAll(() => stage.close());

let visits = 0;
const fetched = (): number => stage.vault.requests.length - visits;
const source = (settings = {}): TokenSource => stage.source({ certificate: stage.vaultCertificate }, settings);

async function faultOf(tokens = source()) {
  const { fault } = await tokens.get();
  return fault === null ? null : [fault.code, fault.raw];
}

describe('a certificate from Key Vault', () => {
  it('gives a token, and is fetched once', async () => {
    const clock = await clockOfNow();
    const tokens = source({ clock });
    await Promise.all(Array.from({ length: 50 }, () => tokens.get()));
    await clock.advance(56 * 60_000);
    expect(await faultOf(tokens)).toBeNull();
    expect([fetched(), stage.asked(hmaApp), stage.asked(vaultApp)]).toEqual([1, 2, 1]);
    expect(stage.vault.requests.at(-1)).toMatchObject({ path: '/secrets/hma', clientId: vaultApp, status: 200 });
  });

  it('may be a PFX without a password, as the vault exports it', async () => {
    stage.secrets.set('hma', {
      value: bytesOf('key-vault.pfx').toString('base64'),
      contentType: 'application/x-pkcs12',
    });
    const [code] = (await faultOf()) ?? [];
    // Readable, so Entra is asked, which does not know it.
    expect(code).toMatch(/^OAuth/);
    expect(fetched()).toBeGreaterThan(0);
  });

  it('that the vault has renewed is fetched after Entra’s refusal, once', async () => {
    const clock = await clockOfNow();
    const tokens = source({ clock });
    await tokens.get();
    const next = await makeCertificate(new Date(Date.now() - day), new Date(Date.now() + 90 * day));
    stage.secrets.set('hma', { value: next.withKey });
    stage.app.certificatePem = next.pem;
    await clock.advance(56 * 60_000);
    expect(await faultOf(tokens)).toBeNull();
    expect([fetched(), stage.asked(hmaApp)]).toEqual([2, 3]);
  });

  it('that is still the same after a refusal is not tried again', async () => {
    stage.app.refusal = 'unknown-certificate';
    const tokens = source();
    for (let mailbox = 0; mailbox < 20; mailbox += 1) {
      expect(await faultOf(tokens)).toEqual(['OAuthInvalidClient', 'AADSTS700027']);
    }
    expect([fetched(), stage.asked(hmaApp)]).toEqual([2, 1]);
  });

  it('that has ended is looked for again before anything is said', async () => {
    const clock = await clockOfNow();
    const tokens = source({ clock });
    await tokens.get();
    const next = await makeCertificate(new Date(Date.now() - day), new Date(Date.now() + 90 * day));
    stage.secrets.set('hma', { value: next.withKey });
    stage.app.certificatePem = next.pem;
    await clock.advance(31 * day);
    // Only the clock of the test has moved on: for Entra the new certificate is the one it knows.
    expect(await faultOf(tokens)).toBeNull();
    stage.secrets.set('hma', { value: stage.own.withKey });
    expect(await faultOf(source({ clock }))).toEqual(['OAuthCertificateExpired', undefined]);
  });
});

describe('a vault that gives none', () => {
  it.each<[VaultMisbehaviour, FaultCode, string]>([
    ['firewall', 'KeyVaultForbidden', 'ForbiddenByFirewall'],
    ['throttled', 'KeyVaultUnreachable', 'Throttled'],
    ['unavailable', 'KeyVaultUnreachable', 'ServiceUnavailable'],
    ['redirect', 'KeyVaultOther', 'HTTP 302'],
    ['html', 'KeyVaultOther', 'answer-malformed'],
    ['empty', 'KeyVaultOther', 'answer-malformed'],
  ])('%s is %s', async (how, code, raw) => {
    stage.vault.misbehave(how);
    expect(await faultOf()).toEqual([code, raw]);
    expect([fetched(), stage.asked(hmaApp)]).toEqual([1, 0]);
  });

  it('says that there is no such secret, that it is disabled, or that it is no certificate', async () => {
    stage.secrets.set('hma', { value: stage.own.withKey, disabled: true });
    expect(await faultOf()).toEqual(['KeyVaultForbidden', 'SecretDisabled']);
    stage.secrets.set('hma', { value: 'just a word' });
    expect(await faultOf()).toEqual(['KeyVaultOther', 'certificate.unreadable']);
    stage.secrets.set('hma', { value: stage.own.pem });
    expect(await faultOf()).toEqual(['KeyVaultOther', 'certificate.no-key']);
    stage.secrets.delete('hma');
    const { fault } = await source().get();
    expect(fault).toMatchObject({
      code: 'KeyVaultSecretNotFound',
      params: { location: `${stage.vault.url}/secrets/hma`, account: vaultApp, host: stage.vault.host },
    });
  });

  it('does not get asked for a name that is a path', async () => {
    const certificate = { ...stage.vaultCertificate, certificateName: '../keys/hma' };
    expect(await faultOf(stage.source({ certificate }))).toEqual(['KeyVaultSecretNotFound', undefined]);
    expect(fetched()).toBe(0);
  });

  it('is not asked when Entra refuses the KV app, and the fault names that app', async () => {
    stage.vaultApp.secret = 'another';
    const { fault } = await source().get();
    expect(fault).toMatchObject({
      code: 'OAuthInvalidClient',
      raw: 'AADSTS7000215',
      params: { account: vaultApp, scheme: 'clientSecret' },
    });
    expect(JSON.stringify(fault)).not.toContain(vaultSecret);
    expect(fetched()).toBe(0);
  });

  it('may refuse the app, or its token, and the next try brings another token', async () => {
    const other = stage.source({
      certificate: { ...stage.vaultCertificate, clientId: hmaApp, clientSecret: new Secret('x') } as never,
    });
    Object.assign(stage.app, { secret: 'x' });
    expect(await faultOf(other)).toEqual(['KeyVaultForbidden', 'ForbiddenByPolicy']);
  });

  it('is given up at the deadline', async () => {
    stage.vault.misbehave('silent');
    const clock = await clockOfNow();
    const asked = faultOf(source({ clock }));
    await vi.waitFor(() => expect(fetched()).toBe(1), { interval: 5 });
    await clock.advance(10_000);
    expect(await asked).toEqual(['KeyVaultUnreachable', 'DeadlineExceeded']);
  });

  it('on another host is refused before anything is sent', () => {
    const certificate = { ...stage.vaultCertificate, vaultUrl: 'https://contoso.vault.azure.net.evil.test' };
    expect(() => stage.source({ certificate })).toThrow('profile.vault-invalid');
  });
});
