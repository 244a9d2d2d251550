import { describe, expect, it } from 'vitest';
import type { Check, CheckName } from '../../services/model/draft.ts';
import { reduceDraft } from '../../services/model/draft-reducer.ts';
import { secretTargetOfDraft } from '../../services/model/secret-target.ts';
import {
  after,
  app,
  atApp,
  checkingApp,
  details,
  fresh,
  good,
  goodApp,
  goodVault,
  oauthDetails,
  park,
  refusedCheck,
  rules,
  wellChecked,
  withSecret,
} from './draft-states.ts';

const back = { kind: 'back' } as const;
const review = after(checkingApp, wellChecked);
const vaultReview = after(withSecret(after(atApp, app(goodVault))), wellChecked);

describe('a profile with Hybrid Modern Authentication', () => {
  it('goes back from a check without a token to the card of the app, else to the details', () => {
    const failedAt = (name: CheckName) => {
      const fault = { code: 'OAuthOther', params: {} } as const;
      const checks: readonly Check[] = [{ name, fault, seen: {}, durationMs: 1 }];
      return after(checkingApp, { kind: 'checked', checks, server: null, fault }, back);
    };
    expect(failedAt('token')).toMatchObject({ step: 'modern-auth', checks: [{ name: 'token' }] });
    expect(failedAt('connect')).toMatchObject({ step: 'details' });
    expect(after(failedAt('token'), back)).toMatchObject({ step: 'details' });
  });

  it('asks for the app on a second card, and for no user name', () => {
    expect(atApp).toMatchObject({ step: 'modern-auth', errors: {}, values: { authentication: 'oauth', userName: '' } });
    expect(after(fresh, oauthDetails({ userName: 'svc@contoso.test' })).values.userName).toBe('');
    expect(reduceDraft(atApp, app(), rules)).toMatchObject({ effect: 'ask-secret', draft: { step: 'credential' } });
  });

  it.each([
    ['autodiscover', { autodiscover: 'active' }, 'profile.oauth-no-autodiscover'],
    ['access', { access: 'delegate' }, 'profile.oauth-needs-impersonation'],
    ['serverLocation', { serverLocation: '' }, 'profile.location-missing'],
  ])('refuses what the platform does not offer with it: %s', (field, change, code) => {
    const { draft } = reduceDraft(fresh, oauthDetails(change), rules);
    expect(draft).toMatchObject({ step: 'details', errors: { [field]: code } });
  });

  it.each([
    ['tenant', { tenant: '' }, 'profile.tenant-missing'],
    ['tenant', { tenant: 'common' }, 'profile.tenant-invalid'],
    ['tenant', { tenant: 'contoso.test/oauth2?x=' }, 'profile.tenant-invalid'],
    ['clientId', { clientId: '' }, 'profile.client-id-missing'],
    ['clientId', { clientId: 'my app' }, 'profile.client-id-invalid'],
    ['resource', { resource: 'https://mail.contoso.test https://graph.test' }, 'profile.resource-invalid'],
    ['resource', { resource: 'https://me:pass@mail.contoso.test' }, 'profile.resource-invalid'],
    ['vaultUrl', { ...goodVault, vaultUrl: '' }, 'profile.vault-missing'],
    ['vaultUrl', { ...goodVault, vaultUrl: 'https://vault.evil.test' }, 'profile.vault-invalid'],
    ['certificateName', { ...goodVault, certificateName: '' }, 'profile.certificate-name-missing'],
    ['certificateName', { ...goodVault, certificateName: '../secrets/other' }, 'profile.certificate-name-invalid'],
    ['vaultClientId', { ...goodVault, vaultClientId: '' }, 'profile.client-id-missing'],
    ['vaultClientId', { ...goodVault, vaultClientId: 'x' }, 'profile.client-id-invalid'],
  ])('names what is wrong with %s: %j', (field, change, code) => {
    const { draft, effect } = reduceDraft(atApp, app(change), rules);
    expect(draft).toMatchObject({ step: 'modern-auth', credential: 'none' });
    expect(draft.errors).toEqual({ [field]: code });
    expect(effect).toBe('none');
  });

  it('asks for nothing of a vault when the certificate is handed in as a file', () => {
    expect(after(atApp, app({ vaultUrl: 'x', certificateName: '', vaultClientId: '' })).errors).toEqual({});
  });

  it('binds the secret to server, app, tenant and resource, and with a vault to it, its certificate and its app', () => {
    expect(secretTargetOfDraft(review.values)).toEqual({
      host: 'mail.contoso.test',
      account: goodApp.clientId,
      scheme: 'certificate',
      parties: ['contoso.test', ''],
    });
    expect(secretTargetOfDraft(vaultReview.values)).toEqual({
      host: 'mail.contoso.test',
      account: goodApp.clientId,
      scheme: 'key-vault',
      parties: ['contoso.test', '', goodVault.vaultUrl, 'hma', goodVault.vaultClientId],
    });
  });

  it.each([
    ['the server', { serverLocation: 'https://evil.test/EWS/Exchange.asmx' }, {}],
    ['the tenant', {}, { tenant: 'evil.test' }],
    ['the app', {}, { clientId: '44444444-4444-4444-8444-444444444444' }],
    ['the resource', {}, { resource: 'https://other.contoso.test' }],
    ['the source of the certificate', {}, { certificateSource: 'file' }],
    ['the vault', {}, { vaultUrl: 'https://evil.vault.azure.net' }],
    ['the certificate in the vault', {}, { certificateName: 'other' }],
    ["the vault's app", {}, { vaultClientId: '55555555-5555-4555-8555-555555555555' }],
  ])('drops the secret when %s changes (law 3)', (_, first, second) => {
    const moved = after(vaultReview, back, oauthDetails(first));
    const result = reduceDraft(moved, app({ ...goodVault, ...second }), rules);
    expect(result).toMatchObject({
      effect: 'ask-secret',
      draft: { step: 'credential', credential: 'none', credentialId: null, checks: [] },
    });
  });

  it('keeps the secret when nothing changes that it is for, confirmed or parked', () => {
    const again = after(review, back, oauthDetails({ name: 'New', probeAddress: 'other@fabrikam.test' }));
    expect(again).toMatchObject({ step: 'modern-auth', credentialId: 'k1' });
    expect(reduceDraft(again, app(), rules)).toMatchObject({ effect: 'start-check', draft: { credentialId: 'k1' } });
    const parked = after(park(after(atApp, app())), back, oauthDetails(), app());
    expect(parked).toMatchObject({ step: 'credential', credential: 'parked' });
  });

  it('drops a parked secret on the way, so that its code opens nothing for another tenant (law 3)', () => {
    const moved = after(park(after(atApp, app())), back, oauthDetails(), app({ tenant: 'evil.test' }));
    expect(moved).toMatchObject({ step: 'credential', credential: 'none' });
    expect(reduceDraft(moved, { kind: 'confirmed', credentialId: 'k1' }, rules).draft).toBe(moved);
  });

  it('drops the secret with the scheme, there and back again (law 3)', () => {
    const asBasic = after(review, back, details());
    expect(asBasic).toMatchObject({ step: 'credential', credentialId: null });
    const again = after(asBasic, back, oauthDetails(), app());
    expect(again).toMatchObject({ step: 'credential', credential: 'none', credentialId: null });
  });

  it('marks a secret that is refused after the person went back to the second card (law 6)', () => {
    const gone = after(checkingApp, back, oauthDetails());
    expect(gone).toMatchObject({ step: 'modern-auth', credential: 'confirmed' });
    expect(after(gone, refusedCheck)).toMatchObject({ step: 'modern-auth', credential: 'refused', credentialId: null });
  });
});

describe('hostile inputs of the second card', () => {
  it('ignores what is no text, and keeps what was answered before', () => {
    const kept = after(review, back, oauthDetails());
    const junk = Object.fromEntries(
      ['tenant', 'clientId', 'resource', 'certificateSource', 'vaultUrl'].map((field, index) => [
        field,
        [7, null, ['x'], { toString: 'x' }, () => 'x'][index],
      ]),
    );
    expect(reduceDraft(kept, { kind: 'values', inputs: junk }, rules).draft.values).toEqual(kept.values);
  });

  it('keeps nothing of a megabyte, whatever the choices are: not where it is read, and not where it is not', () => {
    const huge = 'x'.repeat(1024 * 1024);
    const inputs = { ...good, userName: huge, tenant: huge, clientId: huge, resource: huge, vaultUrl: huge };
    for (const certificateSource of ['file', 'key-vault']) {
      const first = after(fresh, { kind: 'values', inputs: { ...inputs, authentication: 'oauth' } });
      expect(first.step).toBe('modern-auth');
      const rest = { certificateName: huge, vaultClientId: huge, certificateSource };
      const second = after(first, { kind: 'values', inputs: { ...inputs, ...rest } });
      expect(second.step).toBe('modern-auth');
      expect(JSON.stringify(second).length).toBeLessThan(6_000);
    }
  });

  it('neither keeps nor shows a password that was typed into an address (law 3)', () => {
    const inputs = {
      ...goodApp,
      ...goodVault,
      vaultUrl: 'https://me:Hunter2@x.test',
      resource: 'https://me:Hunter2@x y',
    };
    expect(JSON.stringify(after(atApp, { kind: 'values', inputs }))).not.toContain('Hunter2');
    const asFile = after(atApp, { kind: 'values', inputs: { ...inputs, certificateSource: 'file', resource: '' } });
    expect(asFile.step).toBe('credential');
    expect(JSON.stringify(asFile)).not.toContain('Hunter2');
  });
});
