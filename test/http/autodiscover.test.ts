import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import type { SeenCard } from '../../sandbox/journey.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import type { JsonObject } from '../../sandbox/teams/wire.ts';
import { actionOf, approvals, goodMailboxes, personal, Stage, wordsOf } from './stage.ts';

/** Marks that stand in nothing else. */
const password = 'Hn2!Badger&Topaz<6>';
const wrongPassword = 'Rv8?Heron+Agate=1/ü';

let stage: Stage;
/** One authority for the domain's own server and the other one, so that both have a certificate that is trusted. */
let tlsDir: string;
/** Somebody else's server: it takes the same password, and tells what it was given. */
let other: ExchangeStandIn;

beforeAll(async () => {
  tlsDir = await mkdtemp(join(tmpdir(), 'mailroom-tls-'));
  const { ada, ben, cleo } = OBJECT_IDS;
  stage = await Stage.open({
    exchange: { tlsDir, lockout: 3, password },
    environment: {
      // Cards of one chat are paced, those of three are not paced together.
      MAILROOM_ADMINS: [ada, ben, cleo].join(','),
      // The names of contoso.test are nowhere; a resolver that does not answer must not make the test wait.
      RES_OPTIONS: 'timeout:1 attempts:1',
      LOG_LEVEL: 'trace',
    },
  });
  other = await startExchange({ tlsDir, password, mailboxes: goodMailboxes(3), httpPort: 0 });
});

afterAll(async () => {
  await stage?.close();
  await other?.close();
  await rm(tlsDir, { recursive: true, force: true });
});

beforeEach(() => {
  stage.world.exchange.setAutodiscoverRules([]);
  stage.world.exchange.resetLog();
  other.resetLog();
});

/** From nothing to the search. */
async function search(who: string, name: string, password?: string): Promise<void> {
  const { id } = await stage.startProfile(who);
  const isDefault = who === 'ada' ? 'true' : 'false';
  await stage.pressOn(
    who,
    id,
    'profile.answer',
    stage.details({ name, isDefault, autodiscover: 'active', serverLocation: '' }),
  );
  const code = await stage.enterPassword(who, password, name);
  await stage.press(who, personal, 'profile.confirm-code', { code });
}

/** The newest card of a profile that has this button. */
const cardWith = (who: string, name: string, verb: string): Promise<SeenCard> =>
  stage.journey.see(
    who,
    personal,
    ({ card, text }) => text.includes(name) && actionOf(card, verb) !== undefined,
    `"${verb}" of ${name}`,
  );

/** Nothing that a host could sign in with. */
function expectNothingGiven(server: ExchangeStandIn): void {
  expect(server.signIns()).toEqual([]);
  expect(server.requests()).toEqual([]);
  expect(server.autodiscoverRequests().filter(({ scheme }) => scheme !== null)).toEqual([]);
}

const own = (): string => `localhost:${stage.world.exchange.port}`;
const elsewhere = (): string => `127.0.0.1:${other.port}`;
const leadElsewhere = (): void =>
  stage.world.exchange.setAutodiscoverRules([
    { then: { redirect: `https://${elsewhere()}/autodiscover/autodiscover.xml` } },
  ]);

test('the server is found and shown, and gets the password only when she takes it; then the whole job runs', async () => {
  const { exchange, mailboxes } = stage.world;
  await search('ada', 'By Autodiscover');
  const found = await cardWith('ada', 'By Autodiscover', 'profile.use-server');
  expect(found.text).toContain(`https://${own()}/EWS/Exchange.asmx`);
  expect(found.text).toContain('This server is not in contoso.test');
  expect(exchange.requests(), 'nothing was asked of EWS').toEqual([]);
  expect(exchange.autodiscoverRequests()[0]?.scheme, 'the first question carries nothing').toBeNull();

  await stage.press('ada', personal, 'profile.use-server');
  const review = await stage.checked('ada');
  expect(review.text).toContain('Connection works');
  expect(wordsOf(await stage.press('ada', personal, 'profile.save'))).toContain('The profile is saved');
  expect(await stage.ask('ada', personal, 'profile By Autodiscover')).toMatch(/Autodiscover[^]*localhost/);

  await stage.ask('ada', approvals, 'approvers here');
  await stage.importMailboxes();
  await stage.approveAll('ben', approvals);
  await stage.journey.see('ada', personal, ({ text }) => text.includes('All succeeded'), 'the run');
  expect(exchange.mail()).toHaveLength(mailboxes.length);
  expect(exchange.signIns().every(({ outcome }) => outcome === 'accepted')).toBe(true);
});

test('a wrong password is one failed sign-in, also after a crash; with the right one the search goes on', async () => {
  const { exchange } = stage.world;
  await search('ben', 'Wrong first', wrongPassword);
  const refused = await stage.checked('ben');
  expect(refused.text).toContain('Password refused');
  expect(refused.buttons).toContain('Enter a new password');
  await stage.restart('kill');
  await stage.press('ben', personal, 'profile.back');
  await stage.press('ben', personal, 'profile.answer', { name: 'Wrong first' });
  expect(exchange.signIns()).toMatchObject([{ directory: 'autodiscover', outcome: 'wrong-password' }]);
  expect(exchange.isLocked()).toBe(false);

  const code = await stage.enterPassword('ben', undefined, 'Wrong first');
  await stage.press('ben', personal, 'profile.confirm-code', { code });
  await cardWith('ben', 'Wrong first', 'profile.use-server');
  expect(exchange.signIns().filter(({ outcome }) => outcome !== 'accepted')).toHaveLength(1);
  await stage.ask('ben', personal, 'cancel');
});

test('a crash in the middle of a search: it goes on by itself, and signs in no more than needed', async () => {
  const { exchange } = stage.world;
  exchange.setAutodiscoverRules([{ then: 'hang' }]);
  await search('cleo', 'Crashed');
  await stage.journey.see('cleo', personal, ({ text }) => text.includes('Looking for the server'), 'the search');
  await stage.down('kill');
  exchange.setAutodiscoverRules([]);
  await stage.up();
  await cardWith('cleo', 'Crashed', 'profile.use-server');
  expect(exchange.signIns().map(({ outcome }) => outcome)).toEqual(['accepted']);
  await stage.ask('cleo', personal, 'cancel');
});

test('another host with a good certificate gets nothing without a yes, nothing after a no, and the password after a yes', async () => {
  leadElsewhere();
  await search('ada', 'Elsewhere');
  const question = await cardWith('ada', 'Elsewhere', 'profile.confirm-host');
  expect(question.text).toContain(elsewhere());
  expect(question.text).toContain('svc-mailroom@contoso.test');
  await stage.restart('kill');
  expectNothingGiven(other);

  // A yes to an earlier card is no yes to this one, and a late yes does not undo the no.
  const data = { ...actionOf(question.card, 'profile.confirm-host')?.data };
  await stage.forge('ada', question.message.id, 'profile.confirm-host', { ...data, revision: 1 });
  expectNothingGiven(other);

  await stage.press('ada', personal, 'profile.decline-host');
  const failed = await cardWith('ada', 'Elsewhere', 'profile.search-again');
  expect(failed.text).toContain('No server found');
  await stage.forge('ada', question.message.id, 'profile.confirm-host', data);
  expectNothingGiven(other);
  expect(stage.world.exchange.signIns()).toEqual([]);

  await stage.press('ada', personal, 'profile.search-again');
  await stage.press('ada', personal, 'profile.confirm-host');
  const found = await cardWith('ada', 'Elsewhere', 'profile.use-server');
  expect(found.text).toContain(`https://${elsewhere()}/EWS/Exchange.asmx`);
  expect(other.signIns()).toMatchObject([{ directory: 'autodiscover', outcome: 'accepted' }]);
  expect(other.requests()).toEqual([]);
  await stage.press('ada', personal, 'profile.use-server');
  expect((await stage.checked('ada')).buttons).toContain('Save');
  expect(stage.world.exchange.signIns(), 'the first host never had it').toEqual([]);
  await stage.ask('ada', personal, 'cancel');
});

test('a hostile Autodiscover leads nowhere: plain HTTP, a metadata address, a password in the address', async () => {
  const { exchange } = stage.world;
  const plain = `${other.http}/autodiscover/autodiscover.xml`;
  const metadata = 'https://169.254.169.254/autodiscover/autodiscover.xml';
  const named = (url: string) => ({ settings: { externalEwsUrl: url, internalEwsUrl: url } });
  const unsafe = 'Autodiscover redirects to an unsafe place';
  const linkLocal = 'is a link-local or metadata address, which Mailroom never connects to';
  const unusable = 'Autodiscover names an address that cannot be used';
  const cases = [
    [{ then: { redirect: plain } }, unsafe],
    [{ then: { redirect: metadata } }, linkLocal],
    [{ then: { redirect: `https://user:in-the-url@${elsewhere()}/autodiscover/autodiscover.xml` } }, unsafe],
    // The domain's own server has the password by then; whom it names must not get it.
    [{ address: '*', then: { redirectUrl: plain } }, unsafe],
    [{ address: '*', then: named(metadata) }, unusable],
  ] as const;
  for (const [index, [rule, title]] of cases.entries()) {
    exchange.setAutodiscoverRules([rule]);
    if (index === 0) await search('cleo', 'Hostile');
    else
      expect(wordsOf(await stage.press('cleo', personal, 'profile.search-again'))).toContain('Looking for the server');
    const { text } = await cardWith('cleo', 'Hostile', 'profile.search-again');
    expect(text).toContain('No server found');
    expect(text, JSON.stringify(rule)).toContain(title);
    expect(text).not.toContain('in-the-url');
  }
  expectNothingGiven(other);
  expect(other.autodiscoverRequests()).toEqual([]);
  expect(exchange.signIns().every(({ outcome }) => outcome === 'accepted')).toBe(true);
  await stage.ask('cleo', personal, 'cancel');
});

test('edit profile asks for a new password when address, account or way of signing in change; the old one goes nowhere', async () => {
  const { exchange, ewsUrl } = stage.world;
  await stage.ask('ben', personal, 'email settings');
  const { seen } = await stage.find('ben', personal, 'settings.open');
  await stage.world.teams.acts.click('ben', seen.message.id, 'Sign-in and organization');
  await stage.press('ben', personal, 'settings.save', { allowAdBasedAuthenticationProtocols: 'true' });
  await stage.press('ben', personal, 'settings.confirm');
  const edit = async (who: string, change: JsonObject): Promise<void> => {
    await stage.ask(who, personal, 'edit profile By Autodiscover');
    const card = wordsOf(await stage.press(who, personal, 'profile.answer', change));
    expect(card).toContain('Service account password');
    expect(card).toContain('Enter the password');
  };
  await Promise.all([
    edit('ada', { autodiscover: 'inactive', serverLocation: ewsUrl }),
    edit('ben', { userName: 'CONTOSO\\svc-mailroom' }),
    edit('cleo', { authentication: 'ntlm' }),
  ]);
  expect(exchange.signIns()).toEqual([]);
  expect(await stage.ask('ben', personal, 'profile By Autodiscover')).toContain('svc-mailroom@contoso.test');

  // With the new one the search and the check sign in by NTLM alone.
  const code = await stage.enterPassword('cleo', undefined, 'By Autodiscover');
  await stage.press('cleo', personal, 'profile.confirm-code', { code });
  await stage.press('cleo', personal, 'profile.use-server');
  expect((await stage.checked('cleo')).text).toMatch(/Authentication\nNTLM/);
  expect(wordsOf(await stage.press('cleo', personal, 'profile.save'))).toContain('The profile is saved');
  expect(new Set(exchange.signIns().map(({ scheme, outcome }) => `${scheme} ${outcome}`))).toEqual(
    new Set(['NTLM accepted']),
  );
});

test('the passwords that went through searches stand nowhere but sealed', async () => {
  await stage.down('kill');
  const places = await stage.traces();
  const all = places.map(({ text }) => text).join('\n');
  for (const known of ['svc-mailroom@contoso.test', elsewhere(), own()]) expect(all).toContain(known);
  const userNames = Object.values(stage.world.exchange.serviceAccount).slice(0, 2);
  const forms = [password, wrongPassword].flatMap((secret) => [
    /[A-Z][a-z]{4,}/.exec(secret)?.[0] ?? secret,
    Buffer.from(secret).toString('hex'),
    ...[secret, ...userNames.map((name) => `${name}:${secret}`)].map((text) =>
      Buffer.from(text).toString('base64').slice(0, -4),
    ),
  ]);
  const found = forms.flatMap((form) =>
    places.filter(({ text }) => text.includes(form)).map(({ place }) => `${form} in ${place}`),
  );
  expect(found).toEqual([]);
});
