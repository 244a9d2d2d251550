import { describe, expect, it } from 'vitest';
import { nameOfCopy, startDraft } from '../../../services/profiles/start-draft.ts';
import { saveProfile } from '../../../services/profiles/save-profile.ts';
import { answerDraft } from '../../../services/profiles/answer-draft.ts';
import { advancedFields } from '../../../services/model/draft.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { DraftJourney, goodDetails } from '../../support/draft-journey.ts';
import { ada, adaChat, env, hybridApp, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';

const advanced = {
  description: 'Old site',
  minPollingIntervalMinutes: 30,
  maxConcurrentConnections: 20,
  timeoutMailboxConnectionAfterAmount: 15_000,
  processEmailsReceivedAfter: '2025-01-31',
  moveUndeliveredEmails: true,
  sendEmailAlert: true,
} as const;

const copy = async (stage: MailroomStage, id: string) => (await startDraft(stage, env, ada, adaChat, null, id)).draft;

describe('a copy of a profile', () => {
  it('begins with its values, as another profile that is not the default, and without its secret', async () => {
    const stage = await MailroomStage.open();
    const { name, serverLocation, userName } = await stage.profile('p1', { authenticationProtocol: 2, ...advanced });
    const credentials = await stage.all('credential');
    const draft = await copy(stage, 'p1');
    expect(draft).toMatchObject({
      step: 'details',
      editsProfileId: null,
      copiesProfileId: 'p1',
      credential: 'none',
      credentialId: null,
      values: {
        name: `${name} copy`,
        isDefault: false,
        serverLocation,
        userName,
        authentication: 'ntlm',
        minPollingIntervalMinutes: '30',
        processEmailsReceivedAfter: '2025-01-31',
        sendEmailAlert: true,
      },
    });
    expect(await stage.all('credential')).toEqual(credentials);
  });

  it('of an app has its tenant and ids', async () => {
    const stage = await MailroomStage.open();
    await stage.oauthProfile('p1');
    const { tenant, clientId } = hybridApp;
    expect((await copy(stage, 'p1')).values).toMatchObject({ authentication: 'oauth', tenant, clientId });
  });

  it('asks for the secret anew, and is saved beside the other with a secret of its own', async () => {
    const stage = await MailroomStage.open();
    const original = await stage.profile('p1', advanced);
    const { id } = await copy(stage, 'p1');
    const journey = DraftJourney.resume(stage, id);
    expect(await journey.details({ ...goodDetails, name: 'The copy', isDefault: 'false' })).toMatchObject({
      step: 'credential',
      credential: 'none',
    });
    await journey.handIn('another password');
    const { profileId } = await journey.save();
    const saved = await stage.get('profile', profileId ?? '');
    expect(saved).toMatchObject({ ...advanced, name: 'The copy', state: 'active' });
    expect(saved.credentialId).not.toBe(original.credentialId);
    expect(await stage.get('profile', 'p1')).toEqual(original);
    expect(await stage.all('credential')).toHaveLength(2);
    expect(await stage.audit('profile.created')).toMatchObject([{ subjects: [profileId], details: { copyOf: 'p1' } }]);
  });

  it('is a draft of its own: it is gone on with by the same command, and by no other', async () => {
    const stage = await MailroomStage.open();
    await stage.profile('p1');
    await stage.profile('p2');
    const { id } = await copy(stage, 'p1');
    expect((await copy(stage, 'p1')).id).toBe(id);
    const others = [
      (await startDraft(stage, env, ada, adaChat)).draft.id,
      (await startDraft(stage, env, ada, adaChat, 'p1')).draft.id,
      (await copy(stage, 'p2')).id,
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it('is for admins, and of profiles that are there', async () => {
    const stage = await MailroomStage.open();
    await stage.profile('p1');
    expect(await refusal(startDraft(stage, env, pia, 'c', null, 'p1'))).toBe('access.denied');
    expect(await refusal(startDraft(stage, env, ada, 'c', null, 'p9'))).toBe('profile.unknown');
    expect(await stage.all('draft')).toEqual([]);
  });
});

it.each<[name: string, taken: readonly string[], copied: string]>([
  ['Contoso', [], 'Contoso copy'],
  ['Contoso', ['contoso COPY', 'Contoso copy 2'], 'Contoso copy 3'],
  ['x'.repeat(100), [], `${'x'.repeat(95)} copy`],
  ['x'.repeat(100), [`${'x'.repeat(95)} copy`], `${'x'.repeat(93)} copy 2`],
  [`${'x'.repeat(94)} yyyyy`, [], `${'x'.repeat(94)} copy`],
  // Not half of a character.
  [`${'x'.repeat(94)}👍👍👍`, [], `${'x'.repeat(94)} copy`],
])('names the copy of %s so that the name is free and fits: %s', (name, taken, copied) => {
  expect(nameOfCopy(name, taken)).toBe(copied);
  expect(copied.length).toBeLessThanOrEqual(100);
});

describe('the advanced settings', () => {
  const typed = { ...advanced, moveUndeliveredEmails: 'true', sendEmailAlert: 'true' };

  it('are those of the platform for whoever never opens their card', async () => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await journey.toReview();
    const { profileId } = await journey.save();
    expect(await stage.get('profile', profileId ?? '')).toMatchObject({
      description: '',
      minPollingIntervalMinutes: 0,
      maxConcurrentConnections: 10,
      timeoutMailboxConnectionAfterAmount: 100_000,
      processEmailsReceivedAfter: null,
      moveUndeliveredEmails: false,
      sendEmailAlert: false,
    });
  });

  it('are saved with the profile, asked of nobody again by an edit, and told by the trail when they change', async () => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await journey.toReview();
    await journey.say({ kind: 'advanced' });
    await journey.say({ kind: 'values', inputs: typed });
    const { profileId } = await journey.save();
    const id = profileId ?? '';
    expect(await stage.get('profile', id)).toMatchObject(advanced);

    const edit = await DraftJourney.edit(stage, id);
    await edit.toReview();
    await edit.save();
    expect(await stage.get('profile', id)).toMatchObject(advanced);

    const second = await DraftJourney.edit(stage, id);
    await second.toReview();
    await second.say({ kind: 'advanced' });
    await second.say({ kind: 'values', inputs: { maxConcurrentConnections: '5' } });
    await second.save();
    const changes = await stage.audit('profile.changed');
    expect(changes[0]?.details).not.toHaveProperty('maxConcurrentConnections');
    expect(changes[1]?.details).toMatchObject({
      maxConcurrentConnections: '5',
      'maxConcurrentConnections.before': '20',
    });
  });

  it('cannot be left with a wrong value: there is no Save there, and Back forgets it', async () => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await journey.toReview();
    await journey.say({ kind: 'advanced' });
    const wrong = await journey.say({ kind: 'values', inputs: { maxConcurrentConnections: '301' } });
    expect(await saveProfile(stage, env, ada, journey.id, wrong.revision)).toMatchObject({ stale: true });
    expect(await stage.all('profile')).toEqual([]);
    await journey.say({ kind: 'back' });
    const { profileId } = await journey.save();
    expect((await stage.get('profile', profileId ?? '')).maxConcurrentConnections).toBe(10);
  });

  it('are opened by the review that was shown, and by no card of before', async () => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    const { revision } = await journey.toReview();
    expect(await answerDraft(stage, env, ada, journey.id, { kind: 'advanced' }, revision - 1)).toMatchObject({
      stale: true,
      draft: { step: 'review' },
    });
  });

  it.each([
    [15_000, 15_000],
    [100_000, 100_000],
    [0, undefined],
  ])('limit the wait of a test: of %s ms to %s', async (timeoutMailboxConnectionAfterAmount, timeoutMs) => {
    const stage = await MailroomStage.open();
    await stage.profile('p1', { timeoutMailboxConnectionAfterAmount, maxConcurrentConnections: 7 });
    const mailboxes = await stage.mailboxes(['kim@contoso.test']);
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, mailboxes);
    await stage.work();
    const [call] = stage.exchange.tests;
    expect(call?.access.maxConnections).toBe(7);
    expect(call?.access.timeoutMs).toBe(timeoutMs);
  });

  it('are values of a draft and columns of a profile under the same names', async () => {
    const stage = await MailroomStage.open();
    const profile = await stage.profile('p1');
    for (const field of advancedFields) expect(profile).toHaveProperty(field);
  });
});
