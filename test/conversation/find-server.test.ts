import { expect, test, beforeEach, afterEach } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { askedBy, foundAt, notFound, passwordOf, ScriptedExchange } from '../support/scripted-exchange.ts';
import { ProfileChat } from './profile-chat.ts';
import { ada, ben, cleo, openStage, type Stage } from './stage.ts';

const details = {
  name: 'Contoso on-premises',
  isDefault: 'true',
  autodiscover: 'active',
  serverLocation: '',
  authentication: 'basic',
  access: 'impersonation',
  userName: 'svc-mailroom@contoso.test',
  probeAddress: 'ada@contoso.test',
};
const password = 'Sync!Pass1';
const stranger = 'autodiscover.hoster.example';
const unreachable = notFound({ code: 'AutodiscoverNotFound', params: { host: 'autodiscover.contoso.test' } });

let exchange: ScriptedExchange;
let stage: Stage;
let chat: ProfileChat;

beforeEach(async () => {
  exchange = new ScriptedExchange();
  stage = await openStage(undefined, exchange);
  chat = new ProfileChat(stage, stage.talk(ada));
});

afterEach(() => stage.dispose());

/** From the command to the end of the first search. */
async function search(): Promise<string> {
  await chat.say('create profile');
  await chat.click('profile.answer', details);
  await chat.handIn(new Secret(password));
  await stage.work();
  return chat.card();
}

async function hostOfSecret(): Promise<string | undefined> {
  const { credentialId } = await chat.draft();
  const stored = await stage.services.store.get('credential', keyOf(stage.environmentId, credentialId ?? ''));
  return stored?.value.binding.host;
}

test('the server that Autodiscover names is accepted, checked and saved with who named it', async () => {
  const card = await search();
  expect(card).toContain('https://mail.contoso.test/EWS/Exchange.asmx');
  expect(card).toContain('autodiscover.contoso.test (SOAP)');
  expect(await hostOfSecret()).toBe('autodiscover:contoso.test');
  expect(exchange.connections).toEqual([]);

  await chat.click('profile.use-server');
  expect(await hostOfSecret()).toBe('mail.contoso.test');
  await stage.work();
  expect(passwordOf(exchange.connections[0]?.access)).toBe(password);
  expect(await chat.card()).toContain('Active: named by autodiscover.contoso.test');
  expect(await chat.click('profile.save')).toContain('The profile is saved');
  const [profile] = await stage.services.store.query('profile', { limit: 2 });
  expect(profile?.value).toMatchObject({
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    autodiscover: { host: 'autodiscover.contoso.test', source: 'soap' },
  });
});

test('while the search runs, words are answered with how it stands and how to leave it', async () => {
  await chat.say('create profile');
  await chat.click('profile.answer', details);
  await chat.handIn(new Secret(password));
  expect(await chat.say('and now?')).toContain('how the search stands');
  await chat.say('back');
  expect((await chat.draft()).step).toBe('details');
});

test('a yes sends the search on with that host, a yes in words does not', async () => {
  exchange.search = ({ confirmedHosts }) =>
    confirmedHosts.includes(stranger)
      ? foundAt('https://ews.hoster.example/EWS/Exchange.asmx', stranger)
      : askedBy(stranger);
  expect(await search()).toContain(`${stranger} answers for Autodiscover of contoso.test and asks for the password`);
  for (const word of ['yes', 'no', password]) {
    const answer = await chat.say(word);
    expect(answer).toContain('a typed yes or no decides nothing');
    expect(answer).not.toContain(password);
  }
  expect(exchange.searches).toHaveLength(1);
  expect((await chat.draft()).discovery?.state).toBe('confirm-host');

  expect(await chat.click('profile.confirm-host')).toContain('Looking for the server');
  await stage.work();
  expect(exchange.searches.map(({ confirmedHosts }) => confirmedHosts)).toEqual([[], [stranger]]);
  expect(await chat.card()).toContain('⚠ This server is not in contoso.test');
});

test('a no sends the search on without that host', async () => {
  exchange.search = ({ declinedHosts }) => (declinedHosts.includes(stranger) ? unreachable : askedBy(stranger));
  await search();
  await chat.click('profile.decline-host');
  await stage.work();
  expect(exchange.searches.at(-1)).toMatchObject({ confirmedHosts: [], declinedHosts: [stranger] });
  expect(await chat.card()).toContain('Autodiscover found no server');
});

test('after a search that failed the address is typed, and the password asked for anew: it was for another place', async () => {
  exchange.search = () => unreachable;
  const card = await search();
  expect(card).toContain('Resolve-DnsName autodiscover.contoso.test');
  expect(await chat.click('profile.back')).toContain('Autodiscover found no server');
  const typed = { autodiscover: 'inactive', serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx' };
  expect(await chat.click('profile.answer', { ...details, ...typed })).toContain('Service account password');
  expect(await hostOfSecret()).toBeUndefined();
  await chat.handIn(new Secret(password));
  await stage.work();
  expect(exchange.searches).toHaveLength(1);
  expect(await chat.card()).toContain('Inactive: the address was typed');
});

test('a search that failed may be repeated, and a repeat is one search however often it is clicked', async () => {
  exchange.search = () => unreachable;
  await search();
  const { revision } = await chat.draft();
  exchange.search = () => foundAt('https://mail.contoso.test/EWS/Exchange.asmx', 'contoso.test');
  for (let click = 0; click < 3; click += 1) await chat.click('profile.search-again', {}, revision);
  await stage.work();
  expect(exchange.searches).toHaveLength(2);
  expect((await chat.draft()).discovery?.state).toBe('found');
});

test('a password that Autodiscover refused is asked for anew and not tried again', async () => {
  exchange.search = () => notFound({ code: 'CredentialRefused', params: { host: 'contoso.test' } });
  const card = await search();
  expect(card).toContain('✗ Password refused');
  await chat.click('profile.search-again');
  await stage.work();
  expect(exchange.searches).toHaveLength(1);
  expect((await chat.draft()).credentialId).toBeNull();
});

test('a late click on a question decides nothing about the host that is asked about now', async () => {
  const hosts = ['one.example', 'two.example'];
  exchange.search = ({ declinedHosts }) => askedBy(hosts[declinedHosts.length] ?? 'three.example');
  await search();
  const { revision } = await chat.draft();
  await chat.click('profile.decline-host', {}, revision);
  await stage.work();
  expect(await chat.click('profile.confirm-host', {}, revision)).toContain('two.example answers');
  await stage.work();
  expect(exchange.searches).toHaveLength(2);
  expect((await chat.draft()).discovery).toMatchObject({ confirmedHosts: [], askedHost: 'two.example' });
});

test('accepting a server twice checks it once', async () => {
  await search();
  const { revision } = await chat.draft();
  await chat.click('profile.use-server', {}, revision);
  expect(await chat.click('profile.use-server', {}, revision)).toContain('Checking the connection');
  await stage.work();
  expect(exchange.connections).toHaveLength(1);
});

test('cancel at the question or the proposal destroys the password', async () => {
  exchange.search = () => askedBy(stranger);
  await search();
  expect(await chat.click('profile.cancel')).toContain('nothing secret is kept');
  expect(await stage.services.store.query('credential', { limit: 2 })).toEqual([]);
  expect(await chat.click('profile.confirm-host')).toContain('Cancelled');
});

const verbs = ['profile.confirm-host', 'profile.decline-host', 'profile.use-server', 'profile.search-again'] as const;

test.each<Verb>(verbs)('%s is refused to whoever is no admin, and changes nothing', async (verb) => {
  exchange.search = () => (verb === 'profile.use-server' ? foundAt('https://m.contoso.test/', 'c') : askedBy(stranger));
  await search();
  const before = await chat.draft();
  for (const person of [ben, cleo]) {
    expect(await new ProfileChat(stage, stage.talk(person)).click(verb)).toContain('You do not have the role');
  }
  expect(await chat.draft()).toEqual(before);
});
