import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProfileDraft } from '../../../services/model/draft.ts';
import { secretTargetOfProfile } from '../../../services/model/secret-target.ts';
import { profilesOfSameAccount } from '../../../services/profiles/same-account.ts';
import { startDraft } from '../../../services/profiles/start-draft.ts';
import { createKeyRing } from '../../../services/secrets/key-ring.ts';
import { openSecret } from '../../../services/secrets/credential-access.ts';
import { resealCredentials } from '../../../services/secrets/reseal-credentials.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { DraftJourney, goodModernAuth, oauthDetails } from '../../support/draft-journey.ts';
import { ada, adaChat, env, location, MailroomStage, password } from '../../support/mailroom-stage.ts';
import { passwordOf, refusedPassword } from '../../support/scripted-exchange.ts';

const outgoing = 'https://send.contoso.test:8443/EWS/Exchange.asmx';
const apart = { useSameSettingsForOutgoing: 'false', outgoingServerLocation: outgoing };

async function begun(): Promise<{ stage: MailroomStage; journey: DraftJourney }> {
  const stage = await MailroomStage.open();
  return { stage, journey: await DraftJourney.begin(stage) };
}

const visits = ({ exchange }: MailroomStage): (string | undefined)[][] =>
  exchange.connections.map(({ access }) => [access.serverLocation, passwordOf(access)]);

const outline = ({ checks }: ProfileDraft): string[] =>
  checks.map(({ name, at, fault }) => [at ?? 'incoming', name, fault?.code ?? 'ok'].join(' '));

/** Resolves when the draft shows this check as its newest; every change of it is a commit. */
function shows(stage: MailroomStage, journey: DraftJourney, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void =>
      void journey.draft().then((draft) => (outline(draft).at(-1) === line ? resolve() : undefined), reject);
    onTestFinished(stage.store.onCommit(look));
    look();
  });
}

describe('a profile that sends by another server', () => {
  it('is tried at both, the incoming one first, and saved with both addresses', async () => {
    const { stage, journey } = await begun();
    expect(await journey.toReview(apart)).toMatchObject({ step: 'review', server: { product: '2019' } });
    expect(visits(stage)).toEqual([
      [location, password],
      [outgoing, password],
    ]);
    expect(outline(await journey.draft())).toEqual([
      'incoming address ok',
      'incoming authentication ok',
      'outgoing address ok',
      'outgoing authentication ok',
    ]);
    const { profileId } = await journey.save();
    const profile = await stage.get('profile', profileId ?? '');
    expect(profile).toMatchObject({ serverLocation: location, outgoingServerLocation: outgoing });
    expect(secretTargetOfProfile(profile).parties).toEqual(['send.contoso.test:8443']);
    expect(await stage.audit('profile.created')).toMatchObject([{ details: { outgoingServerLocation: outgoing } }]);
  });

  it('shows the checks of the outgoing server as they happen, beside those of the first', async () => {
    const { stage, journey } = await begun();
    stage.exchange.duringCheck = () =>
      stage.exchange.connections.length < 2 ? Promise.resolve() : shows(stage, journey, 'outgoing address ok');
    await journey.details(apart);
    await journey.confirm(await journey.post());
    await journey.work();
    expect(outline(await journey.draft()).slice(0, 3)).toEqual([
      'incoming address ok',
      'incoming authentication ok',
      'outgoing address ok',
    ]);
  });

  it('with a token is tried at both as well', async () => {
    const { stage, journey } = await begun();
    await journey.details({ ...oauthDetails, ...apart });
    await journey.modernAuth(goodModernAuth);
    expect(await journey.handIn()).toMatchObject({ step: 'review' });
    expect(stage.exchange.connections.map(({ access }) => access.serverLocation)).toEqual([location, outgoing]);
    const { profileId } = await journey.save();
    expect(await stage.get('profile', profileId ?? '')).toMatchObject({ outgoingServerLocation: outgoing });
  });

  it('does not take its password to the second server when the first refuses it (law 6)', async () => {
    const { stage, journey } = await begun();
    stage.exchange.connection = refusedPassword;
    expect(await journey.toReview(apart)).toMatchObject({ step: 'credential', credential: 'refused' });
    expect(visits(stage)).toEqual([[location, password]]);
    expect(await stage.audit('credential.refused')).toMatchObject([{ details: { host: 'mail.contoso.test' } }]);
  });

  it('asks for another password when the second refuses it, and says where', async () => {
    const { stage, journey } = await begun();
    stage.exchange.connectionAt = ({ serverLocation }) => (serverLocation === outgoing ? refusedPassword : null);
    expect(await journey.toReview(apart)).toMatchObject({ step: 'credential', credential: 'refused' });
    expect(await stage.audit('credential.refused')).toMatchObject([{ details: { host: 'send.contoso.test:8443' } }]);
    expect(await journey.credentials()).toEqual([]);
  });

  it('is not reviewed while the outgoing server does not answer; Back leads to its field', async () => {
    const { stage, journey } = await begun();
    const fault = { code: 'ConnectionTimedOut', params: {} } as const;
    stage.exchange.connectionAt = ({ serverLocation }) => (serverLocation === outgoing ? fault : null);
    const stopped = await journey.toReview(apart);
    expect(stopped).toMatchObject({ step: 'checking' });
    expect(outline(stopped).at(-1)).toBe('outgoing authentication ConnectionTimedOut');
    expect(await journey.say({ kind: 'back' })).toMatchObject({ step: 'details', credential: 'confirmed' });
    // Another path at the same host: the password is still for it.
    const repaired = { ...apart, outgoingServerLocation: 'https://send.contoso.test:8443/other' };
    stage.exchange.connectionAt = () => null;
    expect(await journey.details(repaired)).toMatchObject({ step: 'checking', credential: 'confirmed' });
    expect(await journey.work()).toMatchObject({ step: 'review' });
  });
});

describe('the secret of two servers (law 3)', () => {
  it.each([
    ['the outgoing host changes', { ...apart, outgoingServerLocation: 'https://evil.test/EWS/Exchange.asmx' }],
    ['the incoming host changes', { ...apart, serverLocation: 'https://evil.test/EWS/Exchange.asmx' }],
    ['the outgoing server goes', { useSameSettingsForOutgoing: 'true' }],
  ])('is asked for again when %s, and the old one is destroyed', async (_what, changes) => {
    const { stage, journey } = await begun();
    await journey.toReview(apart);
    const before = await journey.credentials();
    await journey.say({ kind: 'back' });
    expect(await journey.details(changes)).toMatchObject({
      step: 'credential',
      credential: 'none',
      credentialId: null,
    });
    expect(before).toHaveLength(1);
    expect(await journey.credentials()).toEqual([]);
    expect(stage.exchange.connections).toHaveLength(2);
  });

  it('is asked for when a second server appears: the first one’s was for that alone', async () => {
    const { stage, journey } = await begun();
    await journey.toReview();
    await journey.say({ kind: 'back' });
    expect(await journey.details(apart)).toMatchObject({ step: 'credential', credential: 'none' });
    expect((await journey.request()).target).toMatchObject({
      host: 'mail.contoso.test',
      parties: ['send.contoso.test:8443'],
    });
    expect(visits(stage)).toEqual([[location, password]]);
  });

  it('opens for no profile whose record leads elsewhere than it was entered for', async () => {
    const stage = await MailroomStage.open();
    await stage.profile('p1', { outgoingServerLocation: outgoing });
    await stage.changeProfile('p1', { outgoingServerLocation: 'https://evil.test/EWS/Exchange.asmx' });
    const profile = await stage.get('profile', 'p1');
    const credential = await stage.get('credential', profile.credentialId);
    expect(() => openSecret(stage.keys, credential, keyOf(env, 'p1'), secretTargetOfProfile(profile))).toThrow(
      'secret.unreadable',
    );
  });

  it('survives a rotation of the keys for both hosts', async () => {
    const stage = await MailroomStage.open();
    const profile = await stage.profile('p1', { outgoingServerLocation: outgoing });
    const [newest, old] = [Buffer.alloc(32, 9), Buffer.alloc(32, 7)].map((key) => key.toString('base64'));
    const keys = createKeyRing([newest ?? '', old ?? '']);
    expect(await resealCredentials({ store: stage.store, keys })).toMatchObject({ resealed: 1, unreadable: [] });
    const credential = await stage.get('credential', profile.credentialId);
    const onlyNew = createKeyRing([newest ?? '']);
    expect(openSecret(onlyNew, credential, keyOf(env, 'p1'), secretTargetOfProfile(profile)).reveal()).toBe(password);
  });
});

describe('two servers later on', () => {
  it.each(['edit', 'copy'] as const)('are what an %s begins with, without the secret', async (deed) => {
    const stage = await MailroomStage.open();
    await stage.profile('p1', { outgoingServerLocation: outgoing });
    const [edits, copies] = deed === 'edit' ? (['p1', null] as const) : ([null, 'p1'] as const);
    const { draft } = await startDraft(stage, env, ada, adaChat, edits, copies);
    expect(draft.values).toMatchObject({ useSameSettingsForOutgoing: false, outgoingServerLocation: outgoing });
    expect(draft.credentialId).toBeNull();
  });

  it('become one by an edit, which is in the trail', async () => {
    const stage = await MailroomStage.open();
    await stage.profile('p1', { outgoingServerLocation: outgoing });
    const journey = await DraftJourney.edit(stage, 'p1');
    await journey.toReview({ useSameSettingsForOutgoing: 'true' });
    await journey.save();
    expect(await stage.get('profile', 'p1')).toMatchObject({ outgoingServerLocation: null });
    expect(await stage.audit('profile.changed')).toMatchObject([
      { details: { outgoingServerLocation: 'null', 'outgoingServerLocation.before': outgoing } },
    ]);
  });

  it('share a new secret only with a profile of the same two', async () => {
    const stage = await MailroomStage.open();
    for (const id of ['p1', 'p2']) await stage.profile(id, { outgoingServerLocation: outgoing });
    await stage.profile('p3');
    await stage.profile('p4', { outgoingServerLocation: 'https://other.test/EWS/Exchange.asmx' });
    const journey = await DraftJourney.edit(stage, 'p1');
    await journey.toReview(apart);
    const same = await profilesOfSameAccount(stage.store, await journey.draft());
    expect(same.map(({ value }) => value.id)).toEqual(['p2']);
  });
});
