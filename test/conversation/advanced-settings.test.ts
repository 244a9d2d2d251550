import { expect, onTestFinished, test } from 'vitest';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { normal, profile as sample } from '../cards/card-fixtures.ts';
import { ScriptedExchange } from '../support/scripted-exchange.ts';
import { ProfileChat } from './profile-chat.ts';
import { ada, openStage, type Stage } from './stage.ts';

const serverLocation = 'https://mail.contoso.test/EWS/Exchange.asmx';
const userName = 'svc-mailroom@contoso.test';
const password = 'Rotated!Pass2';

async function opened(): Promise<{ stage: Stage; chat: ProfileChat }> {
  const stage = await openStage(undefined, new ScriptedExchange());
  onTestFinished(() => stage.dispose());
  return { stage, chat: new ProfileChat(stage, stage.talk(ada)) };
}

async function put({ services, environmentId }: Stage, id: string, name: string): Promise<void> {
  const own = { environmentId, id, name, serverLocation, userName, credentialId: `credential-${id}` };
  const value: EmailServerProfile = { ...sample(normal), ...own, revision: 1 };
  await services.store.commit([{ kind: 'put', collection: 'profile', key: keyOf(environmentId, id), value }]);
}

const details = { name: 'Contoso', serverLocation, userName, probeAddress: 'kim@contoso.test' };

async function toReview(stage: Stage, chat: ProfileChat): Promise<string> {
  await chat.click('profile.answer', details);
  await chat.handIn(new Secret(password));
  await stage.work();
  return chat.card();
}

test('the advanced settings are a card beside the review: refused beside the field, left by Back, saved with the rest', async () => {
  const { stage, chat } = await opened();
  await chat.say('create profile');
  expect(await toReview(stage, chat)).toContain('At the default interval');

  expect(await chat.click('profile.advanced')).toContain('Kept for Dynamics 365; no effect in Mailroom');
  const wrong = await chat.click('profile.answer', {
    minPollingIntervalMinutes: '1441',
    maxConcurrentConnections: '20',
  });
  expect(wrong).toContain('enter a whole number from 0 to 1440');
  expect(wrong).not.toContain('enter a whole number from 1 to 300');
  expect(await chat.say('what now?')).toContain('leave these settings as they were');
  await chat.say('back');
  expect((await chat.draft()).step).toBe('review');

  await chat.click('profile.advanced');
  const review = await chat.click('profile.answer', {
    minPollingIntervalMinutes: '30',
    maxConcurrentConnections: '20',
    timeoutMailboxConnectionAfterAmount: '15000',
    processEmailsReceivedAfter: '2025-01-31',
    sendEmailAlert: 'true',
  });
  for (const part of ['At least 30 minutes apart', '20', '15,000 ms', '2025-01-31 (kept for Dynamics 365)'])
    expect(review).toContain(part);
  await chat.click('profile.save');
  const [saved] = await stage.services.store.query('profile', { limit: 10 });
  expect(saved?.value).toMatchObject({
    minPollingIntervalMinutes: 30,
    sendEmailAlert: true,
    moveUndeliveredEmails: false,
  });
  expect(await chat.say('profile Contoso')).toContain('2025-01-31 (kept for Dynamics 365)');
});

test('an edit offers its new password to the other profiles of the account, and gives it to those that were shown', async () => {
  const { stage, chat } = await opened();
  await put(stage, 'one', 'Contoso');
  await put(stage, 'two', 'Branch');
  await chat.say('edit profile Contoso');
  expect(await toReview(stage, chat)).toContain('Give what is secret to the other profile too: Branch');
  // A third one comes to the account after the card was shown: nobody has seen it.
  await put(stage, 'three', 'Late');
  const saved = await chat.click('profile.save', { shareWith: 'two' });
  expect(saved).toContain('One other profile of the same account has the new secret too');
  const owners = (await stage.services.store.query('credential', { limit: 10 })).map(
    ({ value }) => value.binding.ownerRecord,
  );
  expect(owners.toSorted()).toEqual([keyOf(stage.environmentId, 'one'), keyOf(stage.environmentId, 'two')]);
});

test('a new profile is not offered to others, and a toggle that nobody touched shares nothing', async () => {
  const { stage, chat } = await opened();
  await put(stage, 'two', 'Branch');
  await chat.say('create profile');
  expect(await toReview(stage, chat)).not.toContain('Branch');
  expect(await chat.click('profile.save', { shareWith: 'false' })).not.toContain('new secret too');
});
