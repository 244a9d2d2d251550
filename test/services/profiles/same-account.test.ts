import { describe, expect, it } from 'vitest';
import { mostShared } from '../../../services/model/draft.ts';
import type { EmailServerProfile } from '../../../services/model/profile.ts';
import { secretTargetOfProfile } from '../../../services/model/secret-target.ts';
import { profilesOfSameAccount } from '../../../services/profiles/same-account.ts';
import { saveProfile } from '../../../services/profiles/save-profile.ts';
import { openSecret } from '../../../services/secrets/credential-access.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { DraftJourney, oauthDetails } from '../../support/draft-journey.ts';
import { abe, account, ada, adaChat, env, hybridApp, MailroomStage, password } from '../../support/mailroom-stage.ts';
import { passwordOf } from '../../support/scripted-exchange.ts';

const fresh = 'Rotated!Pass2';

/** A profile whose password is entered anew, and others: of the same account, and not quite. */
async function rotated(others: readonly (readonly [string, Partial<EmailServerProfile>])[]) {
  const stage = await MailroomStage.open();
  await stage.profile('p1');
  for (const [id, changes] of others) await stage.profile(id, changes);
  const journey = await DraftJourney.edit(stage, 'p1');
  await journey.details({ isDefault: 'false' });
  await journey.handIn(fresh);
  return { stage, journey };
}

const same = ['p2', { userName: account.toUpperCase(), state: 'inactive' }] as const;
const similar = [
  ['other-account', { userName: 'svc-other@contoso.test' }],
  ['other-host', { serverLocation: 'https://mail2.contoso.test/EWS/Exchange.asmx' }],
  ['other-port', { serverLocation: 'https://mail.contoso.test:8443/EWS/Exchange.asmx' }],
  ['other-scheme', { authenticationProtocol: 2 }],
] as const;

async function secretOf(stage: MailroomStage, id: string): Promise<string> {
  const profile = await stage.get('profile', id);
  const credential = await stage.get('credential', profile.credentialId);
  return openSecret(stage.keys, credential, keyOf(env, id), secretTargetOfProfile(profile)).reveal();
}

const save = async (stage: MailroomStage, journey: DraftJourney, shareWith: readonly string[], actor = ada) =>
  saveProfile(stage, env, actor, journey.id, (await journey.draft()).revision, shareWith);

describe('a new secret of an account that several profiles use', () => {
  it('is offered to the profiles with the same server, account and scheme, and to no other', async () => {
    const { stage, journey } = await rotated([same, ...similar]);
    const found = await profilesOfSameAccount(stage.store, await journey.draft());
    expect(found.map(({ value }) => value.id)).toEqual(['p2']);
  });

  it('stays with the one profile unless somebody chooses otherwise', async () => {
    const { stage, journey } = await rotated([same]);
    expect((await journey.save()).sharedWith).toBe(0);
    expect([await secretOf(stage, 'p1'), await secretOf(stage, 'p2')]).toEqual([fresh, password]);
    expect(await stage.audit('credential.shared')).toEqual([]);
  });

  it('goes to the chosen ones in the same commit, sealed for each alone; what they had is destroyed', async () => {
    const { stage, journey } = await rotated([same, ['p3', {}], ...similar]);
    let commits = 0;
    const stop = stage.store.onCommit(() => (commits += 1));
    const { draft } = await save(stage, journey, ['p2', 'p3']);
    stop();
    expect(commits).toBe(1);
    expect(draft).toMatchObject({ step: 'saved', sharedWith: 2 });
    for (const id of ['p1', 'p2', 'p3']) expect(await secretOf(stage, id)).toBe(fresh);
    for (const [id] of similar) expect(await secretOf(stage, id)).toBe(password);
    const credentials = await stage.all('credential');
    expect(credentials).toHaveLength(3 + similar.length);
    expect(new Set(credentials.map(({ envelope }) => JSON.stringify(envelope))).size).toBe(credentials.length);
    expect(new Set(credentials.map(({ id }) => id)).size).toBe(credentials.length);
    // The secret of one opens for no other.
    const { credentialId } = await stage.get('profile', 'p2');
    const stolen = await stage.get('credential', credentialId);
    const target = secretTargetOfProfile(await stage.get('profile', 'p3'));
    expect(() => openSecret(stage.keys, stolen, keyOf(env, 'p3'), target)).toThrow('secret.unreadable');
    expect((await stage.audit('credential.shared')).map(({ subjects }) => subjects)).toEqual([['p2'], ['p3']]);
    expect(JSON.stringify([await stage.audit(), await stage.all('draft'), stage.lines])).not.toContain(fresh);
  });

  it('changes nothing else of them: they stay active or not, with their revision one up', async () => {
    const { stage, journey } = await rotated([same]);
    const before = await stage.get('profile', 'p2');
    await save(stage, journey, ['p2']);
    const { credentialId, ...after } = await stage.get('profile', 'p2');
    expect(credentialId).not.toBe(before.credentialId);
    expect({ ...after, credentialId: before.credentialId }).toEqual({ ...before, revision: before.revision + 1 });
  });

  it('is what their tests sign in with, also where the old one was refused', async () => {
    const { stage, journey } = await rotated([['p2', {}]]);
    const old = await stage.stored('credential', 'credential-p2');
    await stage.store.commit([
      { kind: 'put', collection: 'credential', key: old.key, value: { ...old.value, refused: true } },
    ]);
    await save(stage, journey, ['p2']);
    const mailboxes = await stage.mailboxes(['kim@contoso.test'], { profileId: 'p2' });
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, mailboxes);
    await stage.work();
    expect(stage.exchange.tests.map(({ access }) => passwordOf(access))).toEqual([fresh]);
  });

  it('goes to none that a forged choice names, nor to one that has another account by now', async () => {
    const { stage, journey } = await rotated([same, ...similar]);
    await stage.changeProfile('p2', { userName: 'svc-new@contoso.test' });
    const forged = ['p2', 'p1', '', '../p2', '__proto__', 'false', ...similar.map(([id]) => id)];
    expect((await save(stage, journey, forged)).draft.sharedWith).toBe(0);
    for (const [id] of similar) expect(await secretOf(stage, id)).toBe(password);
    expect(await secretOf(stage, 'p1')).toBe(fresh);
    expect(await stage.all('credential')).toHaveLength(2 + similar.length);
  });

  it('does not come with a profile that is created or copied', async () => {
    const stage = await MailroomStage.open();
    await stage.profile('p1');
    const journey = await DraftJourney.begin(stage);
    await journey.details({ name: 'Another', isDefault: 'false' });
    await journey.handIn(fresh);
    await save(stage, journey, ['p1']);
    expect(await secretOf(stage, 'p1')).toBe(password);
  });

  it('leaves one consistent secret each when two admins rotate the same account at once', async () => {
    const { stage, journey } = await rotated([['p2', {}]]);
    const draft = await DraftJourney.edit(stage, 'p2', abe);
    await draft.details({ name: 'Contoso p2', isDefault: 'false' });
    await draft.handIn('Other!Pass3');
    const revision = (await draft.draft()).revision;
    await Promise.all([save(stage, journey, ['p2']), saveProfile(stage, env, abe, draft.id, revision, ['p1'])]);
    // Whoever came last has given its secret to both.
    const [one, two] = [await secretOf(stage, 'p1'), await secretOf(stage, 'p2')];
    expect(one).toBe(two);
    expect(await stage.all('credential')).toHaveLength(2);
  });

  it('is never given to more profiles than the card can name', async () => {
    const many = Array.from({ length: mostShared + 5 }, (_, index) => [`q${index}`, {}] as const);
    const { stage, journey } = await rotated(many);
    expect(await profilesOfSameAccount(stage.store, await journey.draft())).toHaveLength(mostShared);
  });
});

it('the certificate of an app goes to the profiles with the same app, tenant and resource', async () => {
  const stage = await MailroomStage.open();
  await stage.oauthProfile('p1');
  await stage.oauthProfile('p2');
  await stage.oauthProfile('other-tenant', { ...hybridApp, tenant: 'fabrikam.test' });
  await stage.oauthProfile('other-resource', { ...hybridApp, resource: 'https://mail.contoso.test' });
  const journey = await DraftJourney.edit(stage, 'p1');
  await journey.details({ ...oauthDetails, isDefault: 'false' });
  await journey.modernAuth();
  await journey.handIn();
  const found = await profilesOfSameAccount(stage.store, await journey.draft());
  expect(found.map(({ value }) => value.id)).toEqual(['p2']);
  await save(stage, journey, ['p2']);
  expect(await secretOf(stage, 'p2')).toBe(await secretOf(stage, 'p1'));
  const { credentialId } = await stage.get('profile', 'p2');
  expect((await stage.get('credential', credentialId)).certificate).not.toBeNull();
});
