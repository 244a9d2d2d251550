import { expect, it, onTestFinished } from 'vitest';
import { answerDraft } from '../../../services/profiles/answer-draft.ts';
import { checkDraft } from '../../../services/profiles/check-draft.ts';
import { findProfileByName, listProfiles } from '../../../services/profiles/profile-names.ts';
import { saveProfile } from '../../../services/profiles/save-profile.ts';
import { startDraft } from '../../../services/profiles/start-draft.ts';
import { openAccess } from '../../../services/secrets/credential-access.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { DraftJourney, goodDetails } from '../../support/draft-journey.ts';
import {
  abe,
  account,
  ada,
  adaChat,
  env,
  location,
  MailroomStage,
  password,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';
import { passwordOf, refusedPassword, storeUnavailable } from '../../support/scripted-exchange.ts';

it('starts a draft for an admin alone', async () => {
  const stage = await MailroomStage.open();
  expect(await refusal(startDraft(stage, env, pia, 'c1'))).toBe('access.denied');
  expect(await stage.all('draft')).toEqual([]);
  expect(await stage.all('intent')).toEqual([]);
});

it('goes on with the draft that this person left in this conversation, and with no other', async () => {
  const stage = await MailroomStage.open();
  const first = await startDraft(stage, env, ada, 'c1');
  expect(first.resumed).toBe(false);
  await stage.reopen();
  expect(await startDraft(stage, env, ada, 'c1')).toEqual({ draft: first.draft, resumed: true });
  expect((await startDraft(stage, env, ada, 'c2')).resumed).toBe(false);
  expect((await startDraft(stage, env, abe, 'c1')).resumed).toBe(false);
  expect((await stage.all('intent')).every((intent) => intent.placement === 'repost')).toBe(true);
  stage.clock.advance(24 * 60 * 60 * 1000);
  expect((await startDraft(stage, env, ada, 'c1')).resumed).toBe(false);
});

it('proposes the first profile of an environment as its default, and no later one', async () => {
  const stage = await MailroomStage.open();
  expect((await startDraft(stage, env, ada, 'c1')).draft.values.isDefault).toBe(true);
  await stage.profile();
  expect((await startDraft(stage, env, ada, 'c2')).draft.values.isDefault).toBe(false);
});

it('checks what the server shows and leads to the review', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const draft = await journey.toReview();
  expect(draft).toMatchObject({ step: 'review', server: { product: '2019', supported: true } });
  expect(draft.checks.map(({ name }) => name)).toEqual(['address', 'authentication']);
  expect(stage.exchange.connections).toHaveLength(1);
  expect(stage.exchange.connections[0]).toMatchObject({
    probeAddress: 'user0001@contoso.test',
    access: { serverLocation: location, account, access: 'impersonation', maxConnections: 1 },
  });
  expect(await stage.all('task')).toEqual([]);
});

it('shows each step of the check as it comes', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const seen: number[] = [];
  stage.store.onCommit((collections) => {
    if (collections.has('draft')) void journey.draft().then((draft) => seen.push(draft.checks.length));
  });
  await journey.toReview();
  expect(seen).toContain(1);
  expect(seen.at(-1)).toBe(2);
});

it('lets a failed check be repeated with the same password', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  stage.exchange.connection = storeUnavailable;
  expect(await journey.toReview()).toMatchObject({ step: 'checking', credential: 'confirmed' });
  stage.exchange.connection = null;
  await journey.say({ kind: 'check-again' });
  await stage.work();
  expect((await journey.draft()).step).toBe('review');
  expect(stage.exchange.connections.map(({ access }) => passwordOf(access))).toEqual([password, password]);
});

it('tries a wrong password once, destroys it and asks for another (law 6)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  stage.exchange.connection = refusedPassword;
  expect(await journey.toReview()).toMatchObject({ step: 'credential', credential: 'refused', credentialId: null });
  expect(await stage.all('credential')).toEqual([]);
  expect(await stage.audit('credential.refused')).toMatchObject([
    { actorId: 'system', subjects: [journey.id], details: { host: 'mail.contoso.test', account } },
  ]);
  await journey.say({ kind: 'check-again' });
  await journey.say({ kind: 'back' });
  await journey.details();
  await stage.work();
  expect(stage.exchange.connections).toHaveLength(1);
  stage.exchange.connection = null;
  await journey.confirm(await journey.post('the right one'));
  await stage.work();
  expect(await journey.draft()).toMatchObject({ step: 'review', credential: 'confirmed' });
  expect(passwordOf(stage.exchange.connections[1]?.access)).toBe('the right one');
});

it('does not try a wrong password again when the person went back before the answer came (law 6)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  stage.exchange.connection = refusedPassword;
  stage.exchange.duringCheck = async () => void (await journey.say({ kind: 'back' }));
  expect(await journey.toReview()).toMatchObject({ step: 'details', credential: 'refused', credentialId: null });
  stage.exchange.duringCheck = () => Promise.resolve();
  await journey.details();
  await stage.work();
  expect(stage.exchange.connections).toHaveLength(1);
  expect(await stage.all('credential')).toEqual([]);
});

it('ends a check in order when its progress cannot be stored: no rejection is left for nobody to catch', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details();
  await journey.confirm(await journey.post());
  const task = await stage.stored('task', 'check-draft', journey.id);
  const unhandled: unknown[] = [];
  const remember = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', remember);
  onTestFinished(() => void process.off('unhandledRejection', remember));
  stage.exchange.duringCheck = async () => {
    await stage.store.close();
    await new Promise((resolve) => void setImmediate(resolve));
  };
  expect(await refusal(checkDraft(stage, task, new AbortController().signal))).toBe('store.closed');
  expect(unhandled).toEqual([]);
});

it('drops the result of a check whose draft was cancelled or has a new password meanwhile', async () => {
  for (const kind of ['cancel', 'new-link'] as const) {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    stage.exchange.duringCheck = async () => void (await journey.say({ kind }));
    const draft = await journey.toReview();
    expect(draft).toMatchObject({ step: kind === 'cancel' ? 'cancelled' : 'credential', server: null });
    expect(await stage.all('task')).toEqual([]);
    expect(await stage.all('credential')).toEqual([]);
  }
});

it('asks for a new password when the server changes together with a mistake elsewhere (law 3)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.toReview();
  await journey.say({ kind: 'back' });
  const elsewhere = { serverLocation: 'https://evil.test/EWS/Exchange.asmx' };
  await journey.details({ ...elsewhere, name: '' });
  expect(await stage.all('credential')).toEqual([]);
  expect(await journey.details(elsewhere)).toMatchObject({ step: 'credential', credential: 'none' });
  await stage.work();
  expect(stage.exchange.connections.map(({ access }) => access.serverLocation)).toEqual([location]);
});

it('answers a click on an old card with the draft as it is now (law 1)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const before = await journey.draft();
  const now = await journey.details();
  const stale = await answerDraft(stage, env, ada, journey.id, { kind: 'cancel' }, before.revision);
  expect(stale).toEqual({ draft: now, stale: true });
  expect((await journey.draft()).step).toBe('credential');
});

it('gives a draft to nobody but its owner, and to nobody after a day', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  expect(await refusalOf(answerDraft(stage, env, abe, journey.id, { kind: 'cancel' }))).toEqual({
    code: 'draft.not-yours',
    params: { owner: 'Ada Admin' },
  });
  expect(await refusal(answerDraft(stage, env, pia, journey.id, { kind: 'cancel' }))).toBe('access.denied');
  expect(await refusal(answerDraft(stage, env, ada, 'forged', { kind: 'cancel' }))).toBe('draft.unknown');
  expect(await refusal(answerDraft(stage, 'other', ada, journey.id, { kind: 'cancel' }))).toBe('access.denied');
  stage.clock.advance(24 * 60 * 60 * 1000);
  expect(await refusal(journey.say({ kind: 'back' }))).toBe('draft.expired');
});

it('says beside the name that it is taken, whatever its case', async () => {
  const stage = await MailroomStage.open();
  const profile = await stage.profile();
  const journey = await DraftJourney.begin(stage);
  expect((await journey.details({ name: ` ${profile.name.toUpperCase()} ` })).errors).toEqual({
    name: 'profile.name-taken',
  });
});

it('saves profile, password, default, audit and card in one commit', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.toReview();
  await stage.sendAll();
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  const draft = await journey.save();
  expect(commits).toBe(1);
  expect(draft.step).toBe('saved');
  const [profile] = await listProfiles(stage.store, env);
  expect(profile).toMatchObject({
    id: draft.profileId,
    name: 'Contoso',
    serverLocation: location,
    userName: account,
    serverType: 2,
    authenticationProtocol: 3,
    state: 'active',
    ownerId: 'ada',
  });
  expect((await stage.get('environment')).settings.defaultProfileId).toBe(profile?.id);
  expect(await stage.audit('profile.created')).toMatchObject([
    {
      actorId: 'ada',
      subjects: [profile?.id],
      details: { name: 'Contoso', serverLocation: location, userName: account, default: true },
    },
  ]);
  expect(await stage.wishes()).toEqual([`${adaChat} draft`]);
  expect(await journey.request()).toMatchObject({ state: 'void' });
});

it('binds the password anew to the profile: no longer to the draft, and to no other host (law 3)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.toReview();
  const { profileId } = await journey.save();
  const [credential] = await stage.all('credential');
  if (credential === undefined || profileId === null) throw new Error('nothing was saved');
  const target = {
    ownerRecord: keyOf(env, profileId),
    secret: { host: 'mail.contoso.test', account, scheme: 'basic', parties: [] },
    serverLocation: location,
    modernAuthentication: null,
    access: 'impersonation',
    maxConnections: 1,
  } as const;
  expect(passwordOf(openAccess(stage.keys, credential, target))).toBe(password);
  for (const wrong of [
    { ownerRecord: keyOf(env, journey.id) },
    { secret: { ...target.secret, host: 'evil.test' } },
    { secret: { ...target.secret, account: 'other@contoso.test' } },
  ])
    expect(() => openAccess(stage.keys, credential, { ...target, ...wrong })).toThrow(
      expect.objectContaining({ code: 'secret.unreadable' }),
    );
});

it('saves once, however often and however fast it is clicked (law 7)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const { revision } = await journey.toReview();
  const save = () => saveProfile(stage, env, ada, journey.id, revision);
  const both = await Promise.all([save(), save()]);
  expect(new Set(both.map(({ draft }) => draft.profileId)).size).toBe(1);
  expect(await save()).toEqual({ draft: await journey.draft(), stale: false });
  expect(await listProfiles(stage.store, env)).toHaveLength(1);
  expect(await stage.audit('profile.created')).toHaveLength(1);
});

it('saves nothing from an old card or before the review', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const early = await journey.details();
  expect(await saveProfile(stage, env, ada, journey.id, early.revision)).toEqual({ draft: early, stale: true });
  await journey.confirm(await journey.post());
  await stage.work();
  expect(await saveProfile(stage, env, ada, journey.id, early.revision)).toMatchObject({ stale: true });
  expect(await refusal(saveProfile(stage, env, abe, journey.id, (await journey.draft()).revision))).toBe(
    'draft.not-yours',
  );
  expect(await listProfiles(stage.store, env)).toEqual([]);
});

it('tells one of two admins who save the same name at the same instant', async () => {
  const stage = await MailroomStage.open();
  const first = await DraftJourney.begin(stage);
  const second = await DraftJourney.begin(stage, abe, 'chat-abe');
  await first.toReview();
  await second.toReview({ name: 'CONTOSO' });
  const results = await Promise.allSettled([first.save(), second.save()]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'profile.name-taken' } });
  expect(await listProfiles(stage.store, env)).toHaveLength(1);
});

it('finds a profile by the name a person types', async () => {
  const stage = await MailroomStage.open();
  const { id, name } = await stage.profile();
  expect((await findProfileByName(stage.store, env, ` "${name.toUpperCase()}" `)).id).toBe(id);
  expect(await refusal(findProfileByName(stage.store, env, ''))).toBe('profile.unknown');
  expect((await refusalOf(findProfileByName(stage.store, env, 'x'.repeat(1000)))).params['name']).toHaveLength(100);
});

it('changes a profile with a new password, and destroys the old one', async () => {
  const stage = await MailroomStage.open();
  const profile = await stage.profile();
  const { draft } = await startDraft(stage, env, ada, adaChat, profile.id);
  expect(draft.values).toMatchObject({ name: profile.name, isDefault: true, serverLocation: location });
  const journey = await DraftJourney.begin(stage, ada, 'unrelated');
  Object.assign(journey, { id: draft.id });
  await journey.toReview({ name: profile.name });
  const saved = await journey.save();
  expect(saved.profileId).toBe(profile.id);
  const changed = await stage.get('profile', profile.id);
  expect(changed).toMatchObject({ revision: 2, createdAt: profile.createdAt, name: profile.name });
  expect((await stage.all('credential')).map(({ id }) => id)).toEqual([changed.credentialId]);
  expect(changed.credentialId).not.toBe(profile.credentialId);
  expect(await stage.audit('profile.created')).toEqual([]);
  expect(await stage.audit('profile.changed')).toMatchObject([{ actorId: 'ada', subjects: [profile.id] }]);
});

it('keeps what a hostile card sends out of the draft', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const inputs = JSON.parse(
    `{"__proto__":{"step":"saved"},"name":{"a":1},"serverLocation":[1],"userName":null,"extra":"x","isDefault":"yes"}`,
  ) as Record<string, unknown>;
  const draft = await journey.say({ kind: 'values', inputs: { ...goodDetails, ...inputs } });
  expect(draft).toMatchObject({ step: 'details', values: { name: '', serverLocation: '', isDefault: false } });
  expect(JSON.stringify(draft)).not.toContain('extra');
});

it('asks for the password again when the stored one cannot be opened, instead of checking for ever', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details();
  await journey.confirm(await journey.post());
  const [credential] = await stage.store.query('credential', { limit: 1 });
  if (credential === undefined) throw new Error('there is no credential');
  const envelope = { ...credential.value.envelope, keyId: 'a key that is gone' };
  await stage.store.commit([
    { kind: 'put', collection: 'credential', key: credential.key, value: { ...credential.value, envelope } },
  ]);
  await stage.work();
  expect(stage.exchange.connections).toEqual([]);
  expect(await journey.draft()).toMatchObject({ step: 'credential', credential: 'none' });
  expect(await stage.all('task')).toEqual([]);
});
