import { expect, onTestFinished, test } from 'vitest';
import { formPage } from '../../bot/web/secret-form-page.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ScriptedExchange } from '../support/scripted-exchange.ts';
import { ProfileChat } from './profile-chat.ts';
import { ada, openStage, type Stage } from './stage.ts';

const incoming = 'https://mail.contoso.test/EWS/Exchange.asmx';
const outgoing = 'https://send.contoso.test:8443/EWS/Exchange.asmx';
const details = {
  name: 'Contoso',
  autodiscover: 'inactive',
  serverLocation: incoming,
  userName: 'svc-mailroom@contoso.test',
  probeAddress: 'kim@contoso.test',
};
const apart = { ...details, useSameSettingsForOutgoing: 'false', outgoingServerLocation: outgoing };

async function opened(): Promise<{ stage: Stage; exchange: ScriptedExchange; chat: ProfileChat }> {
  const exchange = new ScriptedExchange();
  const stage = await openStage(undefined, exchange);
  onTestFinished(() => stage.dispose());
  const chat = new ProfileChat(stage, stage.talk(ada));
  await chat.say('create profile');
  return { stage, exchange, chat };
}

test('the guided creation asks for the outgoing server on its first card, and shows both up to the profile’s card', async () => {
  const { stage, chat } = await opened();
  const credential = await chat.click('profile.answer', apart);
  for (const host of ['mail.contoso.test', 'send.contoso.test:8443']) expect(credential).toContain(host);
  await chat.handIn(new Secret('Sync!Pass1'));
  await stage.work();
  const review = await chat.card();
  for (const part of [incoming, outgoing, 'Incoming port', '443', 'Outgoing port', '8443'])
    expect(review).toContain(part);
  const saved = await chat.click('profile.save');
  expect(saved).toContain('send.contoso.test:8443');
  const profile = await chat.say('profile Contoso');
  for (const part of [incoming, outgoing, 'Outgoing port', '8443']) expect(profile).toContain(part);
});

test('a profile with the same settings says so, with its one port', async () => {
  const { stage, chat } = await opened();
  await chat.click('profile.answer', details);
  await chat.handIn(new Secret('Sync!Pass1'));
  await stage.work();
  const review = await chat.card();
  for (const part of ['Same settings as incoming', 'Port of the server', '443']) expect(review).toContain(part);
  expect(review).not.toContain('Outgoing port');
});

test.each([
  ['', 'Enter the server address (EWS) for outgoing'],
  ['http://send.contoso.test/EWS/Exchange.asmx', 'must begin with https://'],
  ['send', 'This is not a web address'],
])('an outgoing address %j is refused beside its field', async (outgoingServerLocation, sentence) => {
  const { chat } = await opened();
  expect(await chat.click('profile.answer', { ...apart, outgoingServerLocation })).toContain(sentence);
  expect((await chat.draft()).step).toBe('details');
});

test('Autodiscover and another server for outgoing are refused together (0x8005E205)', async () => {
  const { chat } = await opened();
  const card = await chat.click('profile.answer', { ...apart, autodiscover: 'active' });
  expect(card).toContain('With Autodiscover, mail is sent by the server that is found.');
  expect((await chat.draft()).errors).toEqual({
    useSameSettingsForOutgoing: 'profile.outgoing-with-autodiscover',
  });
});

test('a check that fails at the outgoing server says at which, and Back leads to the card with its address', async () => {
  const { stage, exchange, chat } = await opened();
  exchange.connectionAt = ({ serverLocation }) =>
    serverLocation === outgoing ? { code: 'ConnectionTimedOut', params: {} } : null;
  await chat.click('profile.answer', apart);
  await chat.handIn(new Secret('Sync!Pass1'));
  await stage.work();
  const failed = await chat.card();
  expect(failed).toContain('The connection to send.contoso.test:8443 does not work yet');
  expect(failed).toContain('Failed step: Outgoing server: Sign in as svc-mailroom@contoso.test');
  const first = await chat.click('profile.back');
  expect(first).toContain('Failed step: Outgoing server');
  expect((await chat.draft()).values.outgoingServerLocation).toBe(outgoing);
});

test('the page of the one-time form names both hosts', async () => {
  const { stage, chat } = await opened();
  await chat.click('profile.answer', apart);
  const id = (await chat.draft()).secretRequestId ?? '';
  const request = await stage.services.store.get('secretRequest', keyOf(stage.environmentId, id));
  if (request === undefined) throw new Error('no form is open');
  const page = formPage('en', {
    target: request.value.target,
    ownerName: 'Ada Admin',
    expiresAt: 1,
    now: 0,
    timeZone: null,
    maxLength: 250,
    check: 'x',
    problem: null,
  });
  expect(page).toContain('<dt>Server for outgoing</dt><dd>send.contoso.test:8443</dd>');
  expect(page).toContain('sent only to mail.contoso.test and, for outgoing, to send.contoso.test:8443');
});

test('the owner of a profile is changed by one click of whoever becomes it, and the card names the former one', async () => {
  const { stage, chat } = await opened();
  await chat.click('profile.answer', details);
  await chat.handIn(new Secret('Sync!Pass1'));
  await stage.work();
  await chat.click('profile.save');
  const { store } = stage.services;
  const [profile] = await store.query('profile', { limit: 1 });
  if (profile === undefined) throw new Error('nothing was saved');
  expect(await chat.say('profile Contoso')).not.toContain('Become the owner');
  await store.commit([
    { kind: 'put', collection: 'profile', key: profile.key, value: { ...profile.value, ownerId: 'somebody' } },
  ]);
  const { id, revision } = profile.value;
  const action = { type: 'Action.Execute', verb: 'profile.take-over', data: { id, revision } };
  const adapter = stage.talk(ada);
  await adapter.send({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } }).startTest();
  const answer = JSON.stringify(adapter.activeQueue.map(({ value }) => value as unknown));
  expect(answer).toContain('You are the owner of this profile now');
  expect((await store.get('profile', profile.key))?.value.ownerId).toBe(ada.aadObjectId);
});

test('a maintenance is planned for one of the two servers of a profile', async () => {
  const { stage, chat } = await opened();
  await chat.click('profile.answer', apart);
  await chat.handIn(new Secret('Sync!Pass1'));
  await stage.work();
  await chat.click('profile.save');
  const [profile] = await stage.services.store.query('profile', { limit: 1 });
  const card = async (verb: string, inputs: object): Promise<string> => {
    const adapter = stage.talk(ada);
    const data = { ...inputs, id: profile?.value.id, revision: 1 };
    const value = { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' };
    await adapter.send({ type: 'invoke', name: 'adaptiveCard/action', value }).startTest();
    return JSON.stringify(adapter.activeQueue.map((answer) => answer.value as unknown));
  };
  const form = await card('maintenance.plan', {});
  for (const choice of ['mail.contoso.test (incoming)', 'send.contoso.test:8443 (outgoing)'])
    expect(form).toContain(choice);
  const typed = { server: 'outgoing', start: 'now', length: '60', reason: 'Cumulative update' };
  expect(await card('maintenance.review', typed)).toContain('Maintenance of send.contoso.test:8443');
});
