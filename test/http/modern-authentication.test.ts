import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAppCertificate } from '../../sandbox/entra/app-certificate.ts';
import { linkOf } from '../../sandbox/journey.ts';
import { CONTOSO_TENANT_ID, OBJECT_IDS } from '../../sandbox/teams/people.ts';
import { approvals, codeOn, hasLink, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  const { ada, ben, cleo } = OBJECT_IDS;
  stage = await Stage.open({
    // Cards of one chat are paced, those of three are not paced together.
    environment: { MAILROOM_ADMINS: [ada, ben, cleo].join(','), LOG_LEVEL: 'trace' },
  });
});
afterAll(() => stage?.close());

/** From nothing to the one-time form; `app` changes what the second card says. */
async function startOAuth(who: string, name: string, app: Readonly<Record<string, string>> = {}): Promise<string> {
  const { hybrid } = stage.world;
  const { id } = await stage.startProfile(who);
  const details = stage.details({
    name,
    isDefault: who === 'ada' ? 'true' : 'false',
    authentication: 'oauth',
    userName: '',
  });
  expect(wordsOf(await stage.pressOn(who, id, 'profile.answer', details))).toContain(
    'App of Hybrid Modern Authentication',
  );
  await stage.pressOn(who, id, 'profile.answer', { tenant: CONTOSO_TENANT_ID, clientId: hybrid.app.clientId, ...app });
  return link(who, name);
}

async function link(who: string, name: string): Promise<string> {
  const fits = ({ card, text }: { card: object; text: string }): boolean => hasLink({ ...card }) && text.includes(name);
  return linkOf((await stage.journey.see(who, personal, fits, 'the link of the form')).card);
}

const inVault = () => {
  const { vault, certificateName, reader } = stage.world.hybrid;
  return { certificateSource: 'key-vault', vaultUrl: vault.url, certificateName, vaultClientId: reader.clientId };
};

/** What the form answered to files. */
const pages: string[] = [];

async function handIn(form: string, name: string, content: Buffer, password: string) {
  const answer = await stage.journey.postFile(form, { name, content }, password);
  pages.push(answer.page);
  return answer;
}

const handInOwn = async (form: string): Promise<string> => {
  const { pfx, password } = stage.world.hybrid.certificate;
  return codeOn(await handIn(form, 'mailroom-hma.pfx', pfx, password));
};

test('with a PFX file: bad ones are told on the form, a crash keeps the parked one, and the whole job runs with tokens', async () => {
  const { exchange, entra, hybrid, mailboxes } = stage.world;
  const form = await startOAuth('ada', 'By PFX');
  const { pfx, certificatePem, password } = hybrid.certificate;
  const wrong = await handIn(form, 'mailroom-hma.pfx', pfx, 'Bp5!Walrus^Mica');
  expect([wrong.status, wrong.page]).toEqual([422, expect.stringContaining('The password does not open this file')]);
  const old = await makeAppCertificate('Mailroom HMA of last year', true);
  const ended = await handIn(form, 'old.pfx', old.pfx, old.password);
  expect([ended.status, ended.page]).toEqual([422, expect.stringContaining('Mailroom HMA of last year ended on')]);
  const keyless = await handIn(form, 'Pelican.cer', Buffer.from(certificatePem), '');
  expect([keyless.status, keyless.page]).toEqual([422, expect.stringContaining('no private key')]);
  const code = await handInOwn(form);
  expect((await handIn(form, 'mailroom-hma.pfx', pfx, password)).status, 'the link works once').toBe(410);

  await stage.restart('kill');
  const asked = entra.tokenRequests.filter(({ clientId }) => clientId === hybrid.app.clientId);
  expect(asked, 'nothing was done with it before the code').toEqual([]);
  await stage.press('ada', personal, 'profile.confirm-code', { code });
  const review = await stage.checked('ada');
  for (const part of [hybrid.app.clientId, CONTOSO_TENANT_ID, 'CN=Mailroom HMA', 'Set, not shown'])
    expect(review.text).toContain(part);
  await stage.press('ada', personal, 'profile.save');

  await stage.ask('ada', approvals, 'approvers here');
  await stage.importMailboxes();
  await stage.approveAll('ben', approvals);
  await stage.journey.see('ada', personal, ({ text }) => text.includes('All succeeded'), 'the run');
  expect(exchange.mail()).toHaveLength(mailboxes.length);
  expect(new Set(exchange.signIns().map(({ scheme, outcome }) => `${scheme} ${outcome}`))).toEqual(
    new Set(['Bearer accepted']),
  );
  const tokens = entra.tokenRequests.filter(({ clientId }) => clientId === hybrid.app.clientId);
  expect(tokens, 'one token for the check and the whole run').toHaveLength(1);
});

test('with Key Vault: the client secret opens the vault, and what it lacks is told with its next step', async () => {
  const { hybrid } = stage.world;
  const form = await startOAuth('ben', 'By Key Vault', inVault());
  const code = codeOn(await stage.journey.postForm(form, { password: hybrid.reader.secret }));
  hybrid.vault.misbehave('firewall');
  await stage.press('ben', personal, 'profile.confirm-code', { code });
  const failed = await stage.checked('ben');
  expect(failed.text).toContain('Key Vault');
  expect(failed.text).toContain('ForbiddenByFirewall');
  hybrid.vault.misbehave(null);
  await stage.press('ben', personal, 'profile.check');
  const review = await stage.journey.see('ben', personal, ({ buttons }) => buttons.includes('Save'), 'the review');
  expect(review.text).toContain(`mailroom-hma in ${hybrid.vault.host}`);
  expect(hybrid.vault.requests.map(({ status }) => status)).toEqual([403, 200]);
  await stage.press('ben', personal, 'profile.save');
});

test('an app without the role, and a token for another server, are told apart, each with its next step', async () => {
  const { exchange, hybrid } = stage.world;
  // Enabled mailboxes are checked meanwhile, so what is counted is what Exchange refused.
  const refusals = () => exchange.signIns().filter(({ outcome }) => outcome !== 'accepted');
  delete hybrid.app.roles;
  const code = await handInOwn(await startOAuth('cleo', 'Without role'));
  await stage.press('cleo', personal, 'profile.confirm-code', { code });
  const lacking = await stage.checked('cleo');
  expect(lacking.text).toContain('The app lacks the permission full_access_as_app');
  expect(refusals(), 'such a token is not even tried').toEqual([]);
  hybrid.app.roles = ['full_access_as_app'];
  await stage.press('cleo', personal, 'profile.check');
  await stage.journey.see('cleo', personal, ({ buttons }) => buttons.includes('Save'), 'the review');

  await stage.press('cleo', personal, 'profile.back');
  await stage.press('cleo', personal, 'profile.answer', { name: 'Other server' });
  await stage.press('cleo', personal, 'profile.answer', { resource: 'https://mail.fabrikam.test' });
  const again = await handInOwn(await link('cleo', 'Other server'));
  await stage.press('cleo', personal, 'profile.confirm-code', { code: again });
  const refused = await stage.checked('cleo');
  expect(refused.text).toContain('Exchange did not accept the token');
  expect(refused.text).toContain('The audience of the token must be the resource id');
  expect(refusals().length, 'tried once, and once with a fresh one').toBeLessThanOrEqual(2);
  await stage.ask('cleo', personal, 'cancel');
});

test('no key, no password of a file, no client secret and no token stand anywhere but sealed', async () => {
  const { world } = stage;
  const { certificate, reader } = world.hybrid;
  await stage.down('kill');
  const places = [{ place: 'pages', text: pages.join('\n') }, ...(await stage.traces())];
  // The search would find something if it were there.
  const all = places.map(({ text }) => text).join('\n');
  for (const known of [world.hybrid.app.clientId, reader.clientId, 'mailroom-hma']) expect(all).toContain(known);
  expect(stage.output().length).toBeGreaterThan(1000);

  const prime = Buffer.from(String(createPrivateKey(certificate.pem).export({ format: 'jwk' }).p), 'base64url');
  const secrets = {
    'private key': [prime.toString('hex'), prime.toString('latin1'), ...base64sOf(prime), 'PRIVATE KEY-----'],
    file: base64sOf(certificate.pfx.subarray(0, 120)),
    'password of the file': formsOf(certificate.password),
    'wrong password of the file': ['Walrus', ...formsOf('Bp5!Walrus^Mica')],
    'name of a file': ['Pelican'],
    'client secret': formsOf(reader.secret),
  };
  const found = Object.entries(secrets).flatMap(([name, forms]) =>
    places.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ place }) => `${name} in ${place}`),
  );
  expect(found).toEqual([]);
  const tokens = places.filter(({ text }) => /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/.test(text)).map(({ place }) => place);
  expect(tokens).toEqual([]);
});

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...base64sOf(bytes)];
}

/** Base64 of these bytes wherever they begin in something longer, without what depends on the neighbours. */
function base64sOf(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const inner = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4);
    const unbroken = inner.slice(0, 40);
    return [unbroken, unbroken.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
