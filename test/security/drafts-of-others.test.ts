import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verbs } from '../../cards/verbs.ts';
import { keyOf } from '../../services/storage/store.ts';
import { formToken, parkSecret } from '../../services/secrets/secret-form.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { ProfileChat } from '../conversation/profile-chat.ts';
import { ada, ben, cleo, openStage, type Person, type Stage } from '../conversation/stage.ts';
import { askedBy, ScriptedExchange } from '../support/scripted-exchange.ts';

/*
 * A guided creation holds a secret and decides where it goes. It is its owner's alone: neither somebody without the role nor
 * another admin says anything in it, with whatever click, and nobody but its owner sees its link.
 */

const details = {
  name: 'Contoso on-premises',
  isDefault: 'true',
  autodiscover: 'active',
  authentication: 'basic',
  access: 'impersonation',
  userName: 'svc-mailroom@contoso.test',
  probeAddress: 'ada@contoso.test',
};
const password = 'Sync!Pass1';
const stranger = 'autodiscover.hoster.example';
const eve: Person = { id: '29:eve', name: 'Eve Else', aadObjectId: 'e0e00000-0000-4000-8000-000000000009' };

let exchange: ScriptedExchange;
let stage: Stage;
let chat: ProfileChat;

beforeEach(async () => {
  exchange = new ScriptedExchange();
  stage = await openStage(undefined, exchange);
  const { services, environmentId } = stage;
  const role = await services.store.get('role', keyOf(environmentId, ada.aadObjectId));
  if (role === undefined) throw new Error('no role');
  const value = { ...role.value, aadObjectId: cleo.aadObjectId, name: cleo.name };
  await services.store.commit([
    { kind: 'put', collection: 'role', key: keyOf(environmentId, cleo.aadObjectId), value },
  ]);
  chat = new ProfileChat(stage, stage.talk(ada));
  await chat.say('create profile');
  await chat.click('profile.answer', details);
});
afterEach(() => stage.dispose());

async function post(): Promise<{ code: string }> {
  const { services, environmentId } = stage;
  const id = (await chat.draft()).secretRequestId ?? '';
  return parkSecret(services, formToken(services.keys, { environmentId, id }), new Secret(password));
}

/** Everything about the secret, and everything that waits to be done. */
async function state(): Promise<unknown> {
  const { store } = stage.services;
  const all = { limit: 100 };
  return [
    await store.query('draft', all),
    await store.query('secretRequest', all),
    await store.query('credential', all),
    await store.query('task', all),
    await store.query('profile', all),
  ];
}

const places: readonly (readonly [string, () => Promise<Record<string, string>>])[] = [
  ['that waits for its secret', () => Promise.resolve({})],
  ['whose secret waits for its code', post],
  [
    'that asks about a host',
    async () => {
      exchange.search = () => askedBy(stranger);
      await chat.handIn(new Secret(password));
      await stage.work();
      return {};
    },
  ],
  [
    'that found a server',
    async () => {
      await chat.handIn(new Secret(password));
      await stage.work();
      return {};
    },
  ],
  [
    'that waits to be saved',
    async () => {
      await chat.handIn(new Secret(password));
      await stage.work();
      await chat.click('profile.use-server');
      await stage.work();
      return {};
    },
  ],
];

describe.each(places)('a guided creation %s', (_place, reach) => {
  test('takes no click of anybody else, and shows nobody else its link', async () => {
    const inputs = { ...(await reach()), ...details, userName: 'mallory@contoso.test' };
    const before = await state();
    for (const person of [ben, cleo, eve]) {
      const other = new ProfileChat(stage, stage.talk(person));
      for (const verb of verbs.filter((name) => name.startsWith('profile.'))) {
        const answer = await other.click(verb, inputs);
        expect(answer, verb).not.toContain('/secrets/');
        expect(answer, verb).not.toContain(stranger);
      }
    }
    expect(await state()).toEqual(before);
  });
});

test('another admin who edits the same profile is asked for the password, and the stored one goes nowhere', async () => {
  await chat.handIn(new Secret(password));
  await stage.work();
  await chat.click('profile.use-server');
  await stage.work();
  await chat.click('profile.save');
  const { store } = stage.services;
  const [stored] = await store.query('credential', { limit: 2 });
  const [asked, checked] = [exchange.searches.length, exchange.connections.length];

  await stage.talk(cleo).send('edit profile Contoso on-premises').startTest();
  const own = (await stage.drafts()).find(({ ownerId }) => ownerId === cleo.aadObjectId);
  const action = { type: 'Action.Execute', verb: 'profile.answer' };
  const data = {
    ...details,
    autodiscover: 'inactive',
    serverLocation: 'https://evil.example/',
    id: own?.id,
    revision: 1,
  };
  await stage
    .talk(cleo)
    .send({
      type: 'invoke',
      name: 'adaptiveCard/action',
      value: { action: { ...action, data }, trigger: 'manual' },
    })
    .startTest();
  await stage.work();
  const after = (await stage.drafts()).find(({ ownerId }) => ownerId === cleo.aadObjectId);
  expect(after).toMatchObject({ step: 'credential', credential: 'none', credentialId: null });
  expect([exchange.searches.length, exchange.connections.length]).toEqual([asked, checked]);
  expect(await store.query('credential', { limit: 2 })).toEqual([stored]);
});
