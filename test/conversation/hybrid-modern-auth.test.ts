import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { makeCertificate } from '../exchange/oauth/certificate-samples.ts';
import { ScriptedExchange, secretOf } from '../support/scripted-exchange.ts';
import { ProfileChat } from './profile-chat.ts';
import { ada, cleo, openStage, type Stage } from './stage.ts';

const day = 24 * 60 * 60 * 1000;
const details = {
  name: 'Contoso hybrid',
  isDefault: 'true',
  autodiscover: 'inactive',
  serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
  authentication: 'oauth',
  access: 'impersonation',
  userName: '',
  probeAddress: 'ada@contoso.test',
};
const clientId = '22222222-2222-4222-8222-222222222222';
const app = { tenant: 'contoso.test', clientId, resource: '', certificateSource: 'file' };
const vault = {
  ...app,
  certificateSource: 'key-vault',
  vaultUrl: 'https://contoso-hma.vault.azure.net',
  certificateName: 'mailroom-hma',
  vaultClientId: '33333333-3333-4333-8333-333333333333',
};
const now = Date.now();
const own = await makeCertificate(new Date(now - day), new Date(now + 12 * day));
const file = { content: new Secret(own.withKey), password: null };

let exchange: ScriptedExchange;
let stage: Stage;
let chat: ProfileChat;

beforeEach(async () => {
  exchange = new ScriptedExchange();
  stage = await openStage(undefined, exchange);
  chat = new ProfileChat(stage, stage.talk(ada));
  await chat.say('create profile');
});

afterEach(() => stage.dispose());

const secrets = async (): Promise<unknown[]> => stage.services.store.query('credential', { limit: 5 });

test('with a certificate file: the app, the form, the check, and a review that shows what may be shown', async () => {
  expect(await chat.click('profile.answer', details)).toContain('App of Hybrid Modern Authentication');
  expect(await chat.click('profile.answer', app)).toContain('Certificate of the app');
  await chat.handIn(file);
  expect(await chat.card()).toContain(`Get a token for the app ${clientId}`);
  await stage.work();
  const access = exchange.connections[0]?.access;
  if (access === undefined) throw new Error('nothing was checked');
  expect(access).toMatchObject({
    account: clientId,
    authentication: { scheme: 'oauth', app: { tenant: 'contoso.test' } },
  });
  expect(secretOf(access)).toContain('PRIVATE KEY');

  const review = await chat.card();
  for (const part of [clientId, own.certificate.thumbprint, 'ends in 12 days', 'Private key\nSet, not shown'])
    expect(review).toContain(part);
  expect(review).not.toContain('PRIVATE KEY');
  await chat.click('profile.save');
  const [profile] = await stage.services.store.query('profile', { limit: 2 });
  expect(profile?.value).toMatchObject({ userName: '', authenticationProtocol: 4, modernAuthentication: { clientId } });
  // The card of the saved profile knows the certificate, too.
  const card = await chat.say(`profile ${details.name}`);
  expect(card).toContain(own.certificate.thumbprint);
  expect(card).toContain('⚠ The certificate of the app ends in 12 days');
});

test('with Key Vault: the client secret of the app that reads it, and the vault in the review', async () => {
  await chat.click('profile.answer', details);
  expect(await chat.click('profile.answer', vault)).toContain('Client secret of the vault’s app');
  await chat.handIn(new Secret('kv~secret'));
  await stage.work();
  expect(exchange.connections[0]?.access.authentication).toMatchObject({
    app: { certificate: { source: 'key-vault', vaultUrl: vault.vaultUrl, certificateName: 'mailroom-hma' } },
  });
  const review = await chat.card();
  expect(review).toContain('mailroom-hma in contoso-hma.vault.azure.net');
  expect(review).not.toContain('kv~secret');
});

test('what is wrong with the app is said under each field, and nothing is asked for yet', async () => {
  await chat.click('profile.answer', details);
  const wrong = {
    ...vault,
    tenant: 'common',
    clientId: 'kv~secret',
    vaultUrl: 'https://evil.example',
    vaultClientId: '',
  };
  const card = await chat.click('profile.answer', wrong);
  for (const part of [
    'not a tenant',
    'not an App (client) ID',
    'not the address of a Key Vault',
    '4 values to correct',
  ])
    expect(card).toContain(part);
  expect(await chat.draft()).toMatchObject({ step: 'modern-auth', secretRequestId: null });
});

test('Autodiscover and delegate access are refused with OAuth, where they stand', async () => {
  const card = await chat.click('profile.answer', { ...details, autodiscover: 'active', access: 'delegate' });
  expect(card).toContain('set Autodiscover to Inactive');
  expect(card).toContain('Choose Impersonation');
  expect((await chat.draft()).step).toBe('details');
});

test('what is typed at the app is answered with what it waits for, and a pasted key is not repeated', async () => {
  await chat.click('profile.answer', details);
  const answer = await chat.say('-----BEGIN PRIVATE KEY----- MIIE');
  expect(answer).toContain('never goes into a chat');
  expect(answer).not.toContain('MIIE');
  await chat.say('back');
  expect((await chat.draft()).step).toBe('details');
});

test('back from the app and on again keeps its values; cancel leaves nothing', async () => {
  await chat.click('profile.answer', details);
  await chat.click('profile.answer', app);
  await chat.handIn(file);
  await chat.click('profile.back');
  await chat.click('profile.answer', details);
  expect((await chat.draft()).values).toMatchObject(app);
  // The same app at the same server: the certificate that was handed in is good for it.
  expect(await chat.click('profile.answer', app)).toContain('Checking the connection');
  await chat.click('profile.cancel');
  expect(await secrets()).toEqual([]);
});

test('another app, tenant or server needs another certificate', async () => {
  await chat.click('profile.answer', details);
  await chat.click('profile.answer', app);
  await chat.handIn(file);
  await chat.click('profile.back');
  await chat.click('profile.answer', details);
  expect(await chat.click('profile.answer', { ...app, tenant: 'fabrikam.test' })).toContain('Certificate of the app');
  expect(await secrets()).toEqual([]);
});

test('answers are for the card that was shown: a late or a second click on the app changes nothing', async () => {
  await chat.click('profile.answer', details);
  const { revision } = await chat.draft();
  await chat.click('profile.answer', app, revision);
  const { secretRequestId } = await chat.draft();
  await chat.click('profile.answer', { ...app, tenant: 'fabrikam.test' }, revision);
  expect(await chat.draft()).toMatchObject({ secretRequestId, values: { tenant: 'contoso.test' } });
});

test('a certificate that Entra does not know is replaced from the failed check', async () => {
  exchange.connection = { code: 'OAuthInvalidClient', params: {} };
  await chat.click('profile.answer', details);
  await chat.click('profile.answer', app);
  await chat.handIn(file);
  await stage.work();
  expect(await chat.card()).toContain('Entra did not accept');
  expect(await chat.click('profile.new-link')).toContain('Certificate of the app');
  expect(await secrets()).toEqual([]);
  exchange.connection = null;
  await chat.handIn(file);
  await stage.work();
  expect(await chat.card()).toContain('Review the profile');
});

test('the app of another admin’s draft cannot be answered, nor by whoever is no admin', async () => {
  await chat.click('profile.answer', details);
  const before = await chat.draft();
  expect(await new ProfileChat(stage, stage.talk(cleo)).click('profile.answer', app)).toContain(
    'You do not have the role',
  );
  const { services, environmentId } = stage;
  const role = {
    environmentId,
    aadObjectId: cleo.aadObjectId,
    roles: ['admin'],
    name: '',
    grantedBy: '',
    grantedAt: 0,
  } as const;
  const key = keyOf(environmentId, cleo.aadObjectId);
  await services.store.commit([{ kind: 'put', collection: 'role', key, value: { ...role, roles: ['admin'] } }]);
  expect(await new ProfileChat(stage, stage.talk(cleo)).click('profile.answer', app)).toContain(
    'Ada Admin is creating',
  );
  expect(await chat.draft()).toEqual(before);
});
