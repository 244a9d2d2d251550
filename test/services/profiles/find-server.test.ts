import { expect, it } from 'vitest';
import type { DiscoveryReport } from '../../../services/model/discovery.ts';
import { openSecret } from '../../../services/secrets/credential-access.ts';
import { rebindCredential } from '../../../services/secrets/rebind-credential.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { answerDraft } from '../../../services/profiles/answer-draft.ts';
import { saveProfile } from '../../../services/profiles/save-profile.ts';
import { startDraft } from '../../../services/profiles/start-draft.ts';
import { DraftJourney, searchedDetails } from '../../support/draft-journey.ts';
import {
  abe,
  account,
  ada,
  adaChat,
  env,
  location,
  MailroomStage,
  password,
  refusal,
} from '../../support/mailroom-stage.ts';
import {
  askedBy,
  foundAt,
  notFound,
  passwordOf,
  refusedPassword,
  storeUnavailable,
} from '../../support/scripted-exchange.ts';

const partner = 'autodiscover.partner.test';
const agree = { kind: 'judge-host', agrees: true } as const;
const decline = { kind: 'judge-host', agrees: false } as const;
const useServer = { kind: 'use-server' } as const;

async function begun(search?: DiscoveryReport): Promise<{ stage: MailroomStage; journey: DraftJourney }> {
  const stage = await MailroomStage.open();
  if (search !== undefined) stage.exchange.search = () => search;
  return { stage, journey: await DraftJourney.begin(stage) };
}

/** A search that asks about a host until it got an answer, as the real one does. */
function askUntilJudged(stage: MailroomStage, after: DiscoveryReport): void {
  stage.exchange.search = ({ confirmedHosts, declinedHosts }) =>
    [...confirmedHosts, ...declinedHosts].includes(partner) ? after : askedBy(partner);
}

it('finds the server, asks whether it is the right one, and checks it with the password for it alone', async () => {
  const { stage, journey } = await begun();
  expect(await journey.toFound()).toMatchObject({
    step: 'finding',
    values: { serverLocation: '' },
    discovery: { state: 'found', found: { serverLocation: location, host: 'autodiscover.contoso.test' } },
  });
  expect(stage.exchange.searches).toMatchObject([
    {
      address: 'user0001@contoso.test',
      authentication: { scheme: 'basic', userName: account },
      confirmedHosts: [],
      declinedHosts: [],
    },
  ]);
  expect(stage.exchange.searches[0]?.authentication.password.reveal()).toBe(password);
  expect(stage.exchange.connections).toEqual([]);
  expect(await stage.all('task')).toEqual([]);

  expect(await journey.useServer()).toMatchObject({ step: 'review', values: { serverLocation: location } });
  expect(stage.exchange.connections).toMatchObject([{ access: { serverLocation: location, account } }]);
  expect(passwordOf(stage.exchange.connections[0]?.access)).toBe(password);
  expect(stage.exchange.searches).toHaveLength(1);
});

it('binds the password to exactly the server that was accepted: for the search it opens no more (law 3)', async () => {
  const { stage, journey } = await begun();
  await journey.toFound();
  const target = { account, scheme: 'basic', parties: [] } as const;
  const open = async (host: string): Promise<string> => {
    const [credential] = await stage.all('credential');
    if (credential === undefined) throw new Error('there is no credential');
    return openSecret(stage.keys, credential, keyOf(env, journey.id), { ...target, host }).reveal();
  };
  expect(await open('autodiscover:contoso.test')).toBe(password);
  await journey.useServer();
  expect(await open('mail.contoso.test')).toBe(password);
  for (const host of ['autodiscover:contoso.test', 'autodiscover.contoso.test', 'evil.test'])
    await expect(open(host)).rejects.toMatchObject({ code: 'secret.unreadable' });
});

it('lets the admin decide who may have the password, and writes down who decided what', async () => {
  const { stage, journey } = await begun();
  askUntilJudged(stage, foundAt(location, partner));
  expect(await journey.toFound()).toMatchObject({ discovery: { state: 'confirm-host', askedHost: partner } });
  await journey.say(agree);
  expect(await journey.work()).toMatchObject({ discovery: { state: 'found', confirmedHosts: [partner] } });
  expect(stage.exchange.searches.map(({ confirmedHosts }) => confirmedHosts)).toEqual([[], [partner]]);
  await journey.useServer();
  expect(await stage.audit('discovery.host-confirmed')).toMatchObject([
    { actorId: 'ada', subjects: [journey.id], details: { host: partner, account } },
  ]);
  expect(await stage.audit('discovery.server-accepted')).toMatchObject([
    {
      actorId: 'ada',
      subjects: [journey.id],
      details: { host: 'mail.contoso.test', account, serverLocation: location, saidBy: partner },
    },
  ]);
  expect(JSON.stringify(await stage.audit())).not.toContain(password);
});

it('goes on without a host that the admin declined', async () => {
  const { stage, journey } = await begun();
  askUntilJudged(stage, notFound({ code: 'AutodiscoverNotFound', params: {} }));
  await journey.toFound();
  await journey.say(decline);
  expect(await journey.work()).toMatchObject({ discovery: { state: 'failed', declinedHosts: [partner] } });
  expect(stage.exchange.searches.map(({ declinedHosts }) => declinedHosts)).toEqual([[], [partner]]);
  expect(await stage.audit('discovery.host-declined')).toMatchObject([{ details: { host: partner } }]);
  expect(await stage.audit('discovery.host-confirmed')).toEqual([]);
});

it('takes a yes only from the card that shows the host: nothing typed, nothing clicked on an older one (law 1)', async () => {
  const { stage, journey } = await begun();
  stage.exchange.search = () => askedBy(partner);
  const { revision } = await journey.toFound();
  stage.exchange.search = () => askedBy('evil.test');
  await journey.say(decline);
  const shown = await journey.work();
  expect(shown.discovery?.askedHost).toBe('evil.test');
  for (const late of [revision, undefined])
    expect(await answerDraft(stage, env, ada, journey.id, agree, late)).toEqual({ draft: shown, stale: true });
  stage.exchange.search = () => foundAt('https://evil.test/EWS/Exchange.asmx', 'evil.test');
  await journey.say(agree);
  await journey.work();
  expect(await answerDraft(stage, env, ada, journey.id, useServer)).toMatchObject({ stale: true });
  expect(await refusal(answerDraft(stage, env, abe, journey.id, useServer, revision))).toBe('draft.not-yours');
  expect(stage.exchange.connections).toEqual([]);
  expect(await stage.audit('discovery.server-accepted')).toEqual([]);
});

it('gives nothing to a server that Mailroom may not connect to, whoever named it', async () => {
  const { stage, journey } = await begun(foundAt('http://127.0.0.1/EWS/Exchange.asmx', 'autodiscover.contoso.test'));
  await journey.toFound();
  expect(await journey.useServer()).toMatchObject({
    step: 'finding',
    values: { serverLocation: '' },
    discovery: { state: 'failed', found: null, fault: { code: 'AutodiscoverUrlRefused' } },
  });
  expect(stage.exchange.connections).toEqual([]);
  expect(await stage.audit('discovery.server-accepted')).toEqual([]);
});

it('tries a refused password once, destroys it, and forgets who might have had it (law 6)', async () => {
  const { stage, journey } = await begun();
  askUntilJudged(stage, notFound(refusedPassword));
  await journey.toFound();
  await journey.say(agree);
  expect(await journey.work()).toMatchObject({
    step: 'credential',
    credential: 'refused',
    credentialId: null,
    discovery: { confirmedHosts: [], declinedHosts: [] },
  });
  expect(await stage.all('credential')).toEqual([]);
  expect(await stage.audit('credential.refused')).toMatchObject([
    { actorId: 'system', subjects: [journey.id], details: { host: 'autodiscover:contoso.test', account } },
  ]);
  await journey.say({ kind: 'search-again' });
  await journey.say({ kind: 'back' });
  await journey.details(searchedDetails);
  await journey.work();
  expect(stage.exchange.searches).toHaveLength(2);
  await journey.handIn('the right one');
  const latest = stage.exchange.searches.at(-1);
  expect(latest?.authentication.password.reveal()).toBe('the right one');
  expect(latest?.confirmedHosts).toEqual([]);
});

it('searches again after a failure, with the same password', async () => {
  const { stage, journey } = await begun(notFound(storeUnavailable));
  expect(await journey.toFound()).toMatchObject({ discovery: { state: 'failed', fault: storeUnavailable } });
  stage.exchange.search = () => foundAt(location, 'autodiscover.contoso.test');
  await journey.say({ kind: 'search-again' });
  expect(await journey.work()).toMatchObject({ credential: 'confirmed', discovery: { state: 'found', fault: null } });
});

it('asks for another password for another domain, also after a server was accepted (law 3)', async () => {
  const { stage, journey } = await begun();
  await journey.toFound();
  await journey.useServer();
  await journey.say({ kind: 'back' });
  const elsewhere = { ...searchedDetails, probeAddress: 'user1@fabrikam.test' };
  expect(await journey.details(elsewhere)).toMatchObject({ step: 'credential', credential: 'none' });
  expect(await stage.all('credential')).toEqual([]);
  expect((await journey.request()).target.host).toBe('autodiscover:fabrikam.test');
  await journey.handIn('for fabrikam');
  expect(stage.exchange.searches.map(({ authentication }) => authentication.password.reveal())).toEqual([
    password,
    'for fabrikam',
  ]);
});

it('saves who named the address and when, and edits the profile with a new search', async () => {
  const { stage, journey } = await begun();
  await journey.toFound();
  await journey.useServer();
  const { profileId } = await journey.save();
  const profile = await stage.get('profile', profileId ?? '');
  expect(profile).toMatchObject({
    serverLocation: location,
    autodiscover: { source: 'soap', host: 'autodiscover.contoso.test', trace: [{ note: { code: 'found' } }] },
    authenticationProtocol: 3,
    credentialRetrieval: 1,
    modernAuthentication: null,
  });
  expect(profile.autodiscover).not.toHaveProperty('serverLocation');

  const edited = await DraftJourney.edit(stage, profile.id);
  expect((await edited.draft()).values).toMatchObject({ autodiscover: 'active', serverLocation: '' });
  stage.exchange.search = () => foundAt('https://new.contoso.test/EWS/Exchange.asmx', 'autodiscover.contoso.test');
  await edited.toFound({ name: profile.name });
  await edited.useServer();
  await edited.save();
  expect(await stage.get('profile', profile.id)).toMatchObject({
    revision: 2,
    serverLocation: 'https://new.contoso.test/EWS/Exchange.asmx',
  });
  expect(await stage.all('credential')).toMatchObject([{ binding: { host: 'new.contoso.test' } }]);
});

it('saves no finder beside an address that was typed in the end', async () => {
  const { stage, journey } = await begun();
  await journey.toFound();
  await journey.useServer();
  await journey.say({ kind: 'back' });
  await journey.details();
  await journey.work();
  const { profileId } = await journey.save();
  expect(await stage.get('profile', profileId ?? '')).toMatchObject({ serverLocation: location, autodiscover: null });
});

it('asks anew when the password cannot be bound to the accepted server, since its key is gone', async () => {
  const { stage, journey } = await begun();
  await journey.toFound();
  const [stored] = await stage.store.query('credential', { limit: 1 });
  if (stored === undefined) throw new Error('there is no credential');
  const envelope = { ...stored.value.envelope, keyId: 'a key that is gone' };
  await stage.store.commit([
    { kind: 'put', collection: 'credential', key: stored.key, value: { ...stored.value, envelope } },
  ]);
  expect(await journey.useServer()).toMatchObject({ step: 'credential', credential: 'none', credentialId: null });
  expect(stage.exchange.connections).toEqual([]);
  expect((await journey.request()).target.host).toBe('mail.contoso.test');
});

it('binds no password to the accepted server that was entered for another search (law 3)', async () => {
  const { stage, journey } = await begun();
  await journey.toFound();
  const [stored] = await stage.store.query('credential', { limit: 1 });
  if (stored === undefined) throw new Error('there is no credential');
  const elsewhere = { ...stored.value.binding, host: 'autodiscover:fabrikam.test' };
  await stage.store.commit([
    {
      kind: 'put',
      collection: 'credential',
      key: stored.key,
      value: rebindCredential(stage.keys, stored.value, elsewhere),
    },
  ]);
  expect(await journey.useServer()).toMatchObject({ step: 'credential', credential: 'none' });
  expect(stage.exchange.connections).toEqual([]);
});

it('goes on with a draft that was left at the search, and saves nothing from there', async () => {
  const { stage, journey } = await begun();
  const found = await journey.toFound();
  expect(await startDraft(stage, env, ada, adaChat)).toEqual({ draft: found, resumed: true });
  expect(await saveProfile(stage, env, ada, journey.id, found.revision)).toEqual({ draft: found, stale: true });
});
