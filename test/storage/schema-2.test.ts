import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reduceDraft } from '../../services/model/draft-reducer.ts';
import { emptyValues } from '../../services/model/draft-values.ts';
import { initialEmailSettings } from '../../services/model/environment.ts';
import { secretTargetOfDraft, secretTargetOfProfile } from '../../services/model/secret-target.ts';
import { openAccess, openSecret } from '../../services/secrets/credential-access.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import { findOpenRequest, formToken, parkSecret } from '../../services/secrets/secret-form.ts';
import { rebindCredential } from '../../services/secrets/rebind-credential.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { keyOf, type Change, type Collection, type Store } from '../../services/storage/store.ts';
import { makeTempFolder } from './open-temp-store.ts';

/*
 * Records as the versions with schema 1 wrote them, the older of two shapes where there were two. What is written here is
 * on disks and does not change with the model.
 */

const keys = createKeyRing([Buffer.alloc(32, 9).toString('base64')]);
const host = 'mail.contoso.test:8443';
const account = 'CONTOSO\\Svc-Mailroom';
const serverLocation = 'https://MAIL.contoso.test:8443/EWS/Exchange.asmx';
const password = 'Sync!Pass1';

/** Sealed as schema 1 did it, whatever is done now. */
function credential(id: string, ownerRecord: string, scheme: string): object {
  const bound = JSON.stringify([ownerRecord, host.toLowerCase(), account.toLowerCase(), scheme]);
  return {
    environmentId: 'main',
    id,
    binding: { ownerRecord, host, account, scheme },
    envelope: keys.seal(new Secret(password), bound),
    setBy: 'ada',
    setAt: 5,
    refused: false,
    revision: 1,
  };
}

function profile(id: string, authenticationProtocol: number): object {
  return {
    environmentId: 'main',
    id,
    name: `Contoso ${id}`,
    serverType: 2,
    serverLocation,
    authenticationProtocol,
    credentialRetrieval: 1,
    useImpersonation: true,
    userName: account,
    credentialId: `c-${id}`,
    maxConcurrentConnections: 10,
    state: 'active',
    server: null,
    ownerId: 'ada',
    createdAt: 1,
    createdBy: 'ada',
    revision: 3,
  };
}

const answered = {
  name: 'New',
  isDefault: true,
  serverLocation,
  userName: account,
  probeAddress: 'user1@contoso.test',
};

function draft(id: string, changes: object): object {
  return {
    environmentId: 'main',
    id,
    ownerId: 'ada',
    ownerName: 'Ada Admin',
    ownerTenantId: 't1',
    conversationId: 'chat',
    step: 'credential',
    values: answered,
    errors: {},
    secretRequestId: null,
    credential: 'none',
    credentialId: null,
    checks: [],
    server: null,
    profileId: null,
    createdAt: 1,
    expiresAt: 86_400_001,
    revision: 4,
    ...changes,
  };
}

const {
  organizationStamp: _stamp,
  allowAdBasedAuthenticationProtocols: _ntlm,
  ...firstSettings
} = initialEmailSettings;
const laterSettings = { ...firstSettings, allowAdBasedAuthenticationProtocols: true, requireApprovalForUsers: false };
const hashOfToken = (id: string): string =>
  createHash('sha256')
    .update(formToken(keys, { environmentId: 'main', id }))
    .digest('base64url');

const role = { environmentId: 'main', aadObjectId: 'ada', roles: ['admin'] };
const run = { environmentId: 'main', id: 'RUN', state: 'completed', total: 2, done: 2, succeeded: 1, failed: 1 };
const mailbox = { environmentId: 'main', id: 'm', address: 'user1@contoso.test', profileId: 'basic' };

function recordsOfSchema1(): (readonly [Collection, string, object])[] {
  const request = {
    environmentId: 'main',
    id: 'r',
    tokenHash: hashOfToken('r'),
    draftId: 'open',
    ownerId: 'ada',
    ownerName: 'Ada Admin',
    host,
    userName: account,
    createdAt: 0,
    expiresAt: 600_000,
    state: 'open',
    code: null,
    wrongCodes: 0,
    credentialId: null,
    revision: 1,
  };
  return [
    [
      'environment',
      'main',
      { environmentId: 'main', name: 'Main', platform: 'local', settings: firstSettings, revision: 2 },
    ],
    ['settingsProposal', 'main/p', { environmentId: 'main', id: 'p', settings: laterSettings, state: 'waiting' }],
    ['profile', 'main/basic', profile('basic', 3)],
    ['credential', 'main/c-basic', credential('c-basic', 'main/basic', 'basic')],
    ['profile', 'main/ntlm', profile('ntlm', 2)],
    ['credential', 'main/c-ntlm', credential('c-ntlm', 'main/ntlm', 'ntlm')],
    ['draft', 'main/open', draft('open', { secretRequestId: 'r' })],
    ['secretRequest', 'main/r', request],
    ['draft', 'main/ready', draft('ready', { step: 'review', credential: 'confirmed', credentialId: 'c-ready' })],
    ['credential', 'main/c-ready', credential('c-ready', 'main/ready', 'basic')],
    ['secretRequest', 'main/r2', { ...request, id: 'r2', tokenHash: 'x', scheme: 'ntlm', state: 'void' }],
    ['mailbox', 'main/m', mailbox],
    ['run', 'main/RUN', run],
    ['role', 'main/ada', role],
  ];
}

let folder: string;
let store: Store;
let roleVersion: number | undefined;

beforeEach(async () => {
  folder = await makeTempFolder();
  const old = await openJournalStore({ folder, migrations: [] });
  const records = recordsOfSchema1();
  await old.commit(records.map(([collection, key, value]) => ({ kind: 'put', collection, key, value }) as Change));
  roleVersion = (await old.get('role', 'main/ada'))?.version;
  await old.close();
  store = await openJournalStore({ folder });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const credentialOf = async (id: string) => {
  const found = await store.get('credential', keyOf('main', id));
  if (found === undefined) throw new Error(`the credential ${id} is gone`);
  return found.value;
};

test.each(['basic', 'ntlm'])('a %s profile of schema 1 signs in with the password that it had', async (id) => {
  const value = (await store.get('profile', keyOf('main', id)))?.value;
  expect(value).toEqual({
    ...profile(id, id === 'basic' ? 3 : 2),
    autodiscover: null,
    outgoingServerLocation: null,
    modernAuthentication: null,
    minPollingIntervalMinutes: 0,
    timeoutMailboxConnectionAfterAmount: 100_000,
    description: '',
    processEmailsReceivedAfter: null,
    moveUndeliveredEmails: false,
    sendEmailAlert: false,
  });
  if (value === undefined) return;
  const access = openAccess(keys, await credentialOf(`c-${id}`), {
    ownerRecord: keyOf('main', id),
    secret: secretTargetOfProfile(value),
    serverLocation: value.serverLocation,
    modernAuthentication: value.modernAuthentication,
    access: 'impersonation',
    maxConnections: 10,
  });
  const { authentication } = access;
  expect(authentication.scheme).toBe(id);
  expect(authentication.scheme === 'oauth' ? null : authentication.password.reveal()).toBe(password);
});

test('a secret of schema 1 still opens for nothing but what it was bound to, and can be bound anew', async () => {
  const old = await credentialOf('c-basic');
  expect(old).toMatchObject({ certificate: null, binding: { host, account, scheme: 'basic', parties: [] } });
  const { ownerRecord, ...target } = old.binding;
  for (const [owner, other] of [
    ['main/other', target],
    [ownerRecord, { ...target, host: 'mail.contoso.test' }],
    [ownerRecord, { ...target, account: 'other' }],
    [ownerRecord, { ...target, scheme: 'ntlm' }],
    [ownerRecord, { ...target, parties: [''] }],
  ] as const)
    expect(() => openSecret(keys, old, owner, other)).toThrow('secret.unreadable');
  const anew = rebindCredential(keys, old, { ...old.binding, ownerRecord: 'main/other' });
  expect(openSecret(keys, anew, 'main/other', target).reveal()).toBe(password);
});

test('a draft of schema 1 has every value of today, is for the same server, and goes on where it stood', async () => {
  const ready = (await store.get('draft', 'main/ready'))?.value;
  expect(Object.keys(ready?.values ?? {}).sort()).toEqual(Object.keys(emptyValues).sort());
  expect(ready).toMatchObject({
    editsProfileId: null,
    copiesProfileId: null,
    advancedBefore: null,
    sharedWith: 0,
    discovery: null,
    values: { ...emptyValues, ...answered, authentication: 'basic', access: 'impersonation' },
  });
  if (ready === undefined) return;
  const secret = openSecret(keys, await credentialOf('c-ready'), 'main/ready', secretTargetOfDraft(ready.values));
  expect(secret.reveal()).toBe(password);
  const rules = {
    checkServerLocation: () => null,
    checkVaultUrl: () => null,
    nameTaken: () => false,
    ntlmAllowed: true,
  };
  const back = reduceDraft(ready, { kind: 'back' }, rules).draft;
  // The same server and account: the password is kept, and the check begins.
  const on = reduceDraft(back, { kind: 'values', inputs: { name: 'Renamed' } }, rules);
  expect(on).toMatchObject({ effect: 'start-check', draft: { step: 'checking', credentialId: 'c-ready' } });
});

test('a form that was open takes the password', async () => {
  const context = { store, keys, clock: { now: () => 1, after: () => () => undefined } };
  const token = formToken(keys, { environmentId: 'main', id: 'r' });
  const request = (await findOpenRequest(context, token)).value;
  expect(request.target).toEqual({ host, account, scheme: 'basic', parties: [] });
  expect(request).not.toHaveProperty('host');
  expect((await store.get('secretRequest', 'main/r2'))?.value.target.scheme).toBe('ntlm');
  const { code } = await parkSecret(context, token, new Secret(password));
  expect(code).toMatch(/^\d{4}$/);
  expect((await store.get('draft', 'main/open'))?.value.credential).toBe('parked');
});

test('an environment and a proposal of settings have the switches that came later, as they were or off', async () => {
  expect((await store.get('environment', 'main'))?.value).toEqual({
    environmentId: 'main',
    name: 'Main',
    platform: 'local',
    organizationId: null,
    settings: initialEmailSettings,
    revision: 2,
  });
  const proposal = (await store.get('settingsProposal', 'main/p'))?.value;
  expect(proposal?.settings).toEqual({ ...laterSettings, organizationStamp: false });
});

test('a run and a mailbox have what came later: nobody left out, nothing measured, nothing seen', async () => {
  expect((await store.get('run', 'main/RUN'))?.value).toEqual({
    ...run,
    leftOut: { notApproved: 0, withoutProfile: 0, nothingToTest: 0, alreadyInRun: 0 },
    samples: [],
    results: 'kept',
  });
  expect((await store.get('mailbox', 'main/m'))?.value).toMatchObject({ ...mailbox, lastTest: null });
});

test('what does not change keeps its version, and a second start changes nothing', async () => {
  expect(await store.get('role', 'main/ada')).toMatchObject({ value: role, version: roleVersion });
  const before = await store.get('profile', 'main/basic');
  await store.close();
  store = await openJournalStore({ folder });
  expect(await store.get('profile', 'main/basic')).toEqual(before);
});
