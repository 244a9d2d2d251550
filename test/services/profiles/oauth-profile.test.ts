import { expect, it } from 'vitest';
import { DraftJourney, certificateForTests, goodVault, oauthDetails } from '../../support/draft-journey.ts';
import { account, env, hybridApp, location, MailroomStage, password, refusal } from '../../support/mailroom-stage.ts';
import { passwordOf, secretOf } from '../../support/scripted-exchange.ts';
import { listProfiles } from '../../../services/profiles/profile-names.ts';

const privateKey = 'BEGIN PRIVATE KEY';

it('checks with the app and its certificate, and saves the numbers of the platform without a user name', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  expect(await journey.toOAuthReview()).toMatchObject({ step: 'review', credential: 'confirmed' });
  const [connection] = stage.exchange.connections;
  expect(connection).toMatchObject({
    access: {
      serverLocation: location,
      account: hybridApp.clientId,
      access: 'impersonation',
      authentication: { scheme: 'oauth', app: hybridApp },
    },
  });
  if (connection === undefined) throw new Error('nothing was checked');
  expect(secretOf(connection.access)).toContain(privateKey);
  expect(passwordOf(connection.access)).toBeUndefined();

  const { profileId } = await journey.save();
  expect(await stage.get('profile', profileId ?? '')).toMatchObject({
    authenticationProtocol: 4,
    credentialRetrieval: 6,
    useImpersonation: true,
    userName: '',
    autodiscover: null,
    modernAuthentication: hybridApp,
  });
  const { certificate } = await certificateForTests();
  expect(await stage.all('credential')).toMatchObject([
    {
      binding: { ownerRecord: `${env}/${profileId}`, scheme: 'certificate', account: hybridApp.clientId },
      certificate: { thumbprint: certificate.thumbprint },
    },
  ]);
  expect(await stage.audit('profile.created')).toMatchObject([
    {
      details: { userName: '', authentication: 'oauth', tenant: hybridApp.tenant, clientId: hybridApp.clientId },
    },
  ]);
  expect(JSON.stringify([await stage.all('draft'), await stage.audit(), stage.lines])).not.toContain(privateKey);
});

it("asks for the client secret of the vault's app when the certificate is in a vault", async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.toOAuthReview(goodVault);
  const [connection] = stage.exchange.connections;
  if (connection === undefined) throw new Error('nothing was checked');
  expect(secretOf(connection.access)).toBe(password);
  expect(connection.access.authentication).toMatchObject({
    app: {
      certificate: {
        source: 'key-vault',
        vaultUrl: goodVault.vaultUrl,
        certificateName: goodVault.certificateName,
        clientId: goodVault.vaultClientId,
      },
    },
  });
});

it('takes no vault outside the clouds that have them', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details(oauthDetails);
  const { step, errors } = await journey.modernAuth({ ...goodVault, vaultUrl: 'https://vault.azure.net.evil.test' });
  expect({ step, errors }).toEqual({ step: 'modern-auth', errors: { vaultUrl: 'profile.vault-invalid' } });
});

it('destroys a parked certificate whose tenant was changed before its code was given (law 3)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details(oauthDetails);
  await journey.modernAuth();
  const code = await journey.post();
  await journey.say({ kind: 'back' });
  await journey.details(oauthDetails);
  expect(await journey.credentials()).toHaveLength(1);
  expect(await journey.modernAuth({ tenant: 'not a tenant' })).toMatchObject({ credential: 'none' });
  expect(await journey.credentials()).toEqual([]);
  await journey.modernAuth({ tenant: 'evil.test' });
  expect(await refusal(journey.confirm(code))).toBe('secret.nothing-parked');
  expect((await journey.request()).target.parties).toEqual(['evil.test', '']);
});

it('keeps a parked certificate when the person goes back and changes nothing that it is for', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details(oauthDetails);
  await journey.modernAuth();
  const code = await journey.post();
  await journey.say({ kind: 'back' });
  await journey.details({ ...oauthDetails, name: 'New' });
  await journey.modernAuth();
  await journey.confirm(code);
  expect(await journey.work()).toMatchObject({ step: 'review', values: { name: 'New' } });
});

it('needs the certificate anew when the profile is changed, and a password when it signs in with one again', async () => {
  const stage = await MailroomStage.open();
  const profile = await stage.oauthProfile();
  const journey = await DraftJourney.edit(stage, profile.id);
  expect((await journey.draft()).values).toMatchObject({
    authentication: 'oauth',
    tenant: hybridApp.tenant,
    clientId: hybridApp.clientId,
    certificateSource: 'file',
  });
  await journey.details({ ...oauthDetails, name: profile.name });
  expect(await journey.modernAuth()).toMatchObject({ step: 'credential', credential: 'none' });
  expect((await journey.request()).target.scheme).toBe('certificate');
  await journey.say({ kind: 'back' });
  await journey.toReview({ name: profile.name });
  await journey.save();
  expect(await stage.get('profile', profile.id)).toMatchObject({
    revision: 2,
    authenticationProtocol: 3,
    credentialRetrieval: 1,
    userName: account,
    modernAuthentication: null,
  });
  expect(await stage.all('credential')).toMatchObject([
    { certificate: null, binding: { scheme: 'basic', parties: [] } },
  ]);
});

it('changes a profile from a password to the app, and nothing of the old account stays', async () => {
  const stage = await MailroomStage.open();
  const profile = await stage.profile();
  const journey = await DraftJourney.edit(stage, profile.id);
  await journey.details({ ...oauthDetails, name: profile.name });
  await journey.modernAuth(goodVault);
  await journey.handIn();
  await journey.save();
  expect(await stage.get('profile', profile.id)).toMatchObject({
    authenticationProtocol: 4,
    credentialRetrieval: 6,
    userName: '',
    modernAuthentication: { certificate: { source: 'key-vault', clientId: goodVault.vaultClientId } },
  });
  expect(await stage.all('credential')).toMatchObject([{ binding: { scheme: 'key-vault' } }]);
  expect(await listProfiles(stage.store, env)).toHaveLength(1);
});

it('lets a token that was refused be asked for again: that is no wrong password', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  stage.exchange.connection = { code: 'OAuthTokenRefused', params: {} };
  expect(await journey.toOAuthReview()).toMatchObject({ step: 'checking', credential: 'confirmed' });
  stage.exchange.connection = null;
  await journey.say({ kind: 'check-again' });
  expect(await journey.work()).toMatchObject({ step: 'review' });
  expect(await stage.audit('credential.refused')).toEqual([]);
});
