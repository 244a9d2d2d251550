import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { confirmCode } from '../../../services/profiles/confirm-code.ts';
import { certificateText } from '../../../services/exchange/oauth/certificate.ts';
import { openSecret } from '../../../services/secrets/credential-access.ts';
import { findOpenRequest, parkSecret } from '../../../services/secrets/secret-form.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { bytesOf as sample } from '../../exchange/oauth/certificate-samples.ts';
import { certificateForTests, DraftJourney, goodVault, oauthDetails } from '../../support/draft-journey.ts';
import {
  abe,
  ada,
  adaChat,
  env,
  MailroomStage,
  password,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';
import { passwordOf } from '../../support/scripted-exchange.ts';

const tenMinutes = 10 * 60 * 1000;
const secret = new Secret(password);
const otherThan = (code: string): string => String((Number(code) + 1) % 10_000).padStart(4, '0');

async function asked(): Promise<{ stage: MailroomStage; journey: DraftJourney }> {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details();
  return { stage, journey };
}

/** Every byte of the data folder. */
async function bytesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')));
  return texts.join('\n');
}

it('keeps neither the token of the link nor the password in the data folder (law 3)', async () => {
  const { stage, journey } = await asked();
  const token = await journey.token();
  await journey.confirm(await journey.post());
  await stage.work();
  await journey.save();
  await stage.reopen();
  const bytes = await bytesOf(stage.folder);
  expect(bytes).toContain('mail.contoso.test');
  for (const hidden of [token, password, Buffer.from(password).toString('base64'), encodeURIComponent(password)])
    expect(bytes).not.toContain(hidden);
  expect(JSON.stringify(stage.lines)).not.toContain(password);
  expect(JSON.stringify(await stage.audit())).not.toContain(password);
});

it('shows the form as often as it is looked at: link previews consume nothing', async () => {
  const { stage, journey } = await asked();
  const token = await journey.token();
  for (let look = 0; look < 3; look += 1)
    expect((await findOpenRequest(stage, token)).value).toMatchObject({
      state: 'open',
      target: { host: 'mail.contoso.test', account: 'svc-mailroom@contoso.test', scheme: 'basic', parties: [] },
    });
});

it.each(['', 'x', 'a'.repeat(43), '../../etc/passwd', 'a'.repeat(100_000), '%00'.repeat(14)])(
  'knows no link with a token such as %.20j',
  async (token) => {
    const { stage } = await asked();
    expect(await refusal(parkSecret(stage, token, secret))).toBe('secret.link-invalid');
  },
);

it('parks a password once: encrypted, bound to the draft, unusable, announced without it', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  expect(code).toMatch(/^\d{4}$/);
  expect(await journey.draft()).toMatchObject({ step: 'credential', credential: 'parked', credentialId: null });
  expect(await stage.all('credential')).toMatchObject([
    { binding: { ownerRecord: `main/${journey.id}`, host: 'mail.contoso.test', scheme: 'basic' }, refused: false },
  ]);
  expect(await stage.all('task')).toEqual([]);
  expect(await stage.wishes('draft')).toEqual([`${adaChat} draft`]);
  expect((await stage.audit('credential.set')).map(({ details }) => details)).toEqual([
    { host: 'mail.contoso.test', account: 'svc-mailroom@contoso.test', state: 'parked' },
  ]);
  expect(await refusal(journey.post())).toBe('secret.link-used');
});

it('lets one of two posts at once win', async () => {
  const { stage, journey } = await asked();
  const token = await journey.token();
  const posts = await Promise.allSettled([
    parkSecret(stage, token, new Secret('first')),
    parkSecret(stage, token, new Secret('second')),
  ]);
  expect(posts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(posts[1]).toMatchObject({ reason: { code: 'secret.link-used' } });
  expect(await stage.all('credential')).toHaveLength(1);
});

it('expires the link after ten minutes', async () => {
  const { stage, journey } = await asked();
  stage.clock.advance(tenMinutes - 1);
  await expect(findOpenRequest(stage, await journey.token())).resolves.toBeDefined();
  stage.clock.advance(1);
  expect(await refusal(journey.post())).toBe('secret.link-expired');
  expect(await stage.all('credential')).toEqual([]);
});

it('refuses an empty and a too long password without spending the link', async () => {
  const { journey } = await asked();
  expect(await refusal(journey.post(''))).toBe('secret.empty');
  expect(await refusalOf(journey.post('x'.repeat(251)))).toEqual({ code: 'secret.too-long', params: { limit: 250 } });
  expect(await journey.post('x'.repeat(250))).toMatch(/^\d{4}$/);
});

it.each([
  ['went back', { kind: 'back' }, 'secret.link-used'],
  ['was cancelled', { kind: 'cancel' }, 'secret.link-used'],
  ['asked for a new link', { kind: 'new-link' }, 'secret.link-replaced'],
] as const)('takes no password for a draft that %s', async (_, answer, code) => {
  const { stage, journey } = await asked();
  const token = await journey.token();
  await journey.say(answer);
  expect(await refusal(parkSecret(stage, token, secret))).toBe(code);
  expect(await stage.all('credential')).toEqual([]);
});

it('does not call a link replaced that somebody has used', async () => {
  const { stage, journey } = await asked();
  const token = await journey.token();
  await journey.post();
  await journey.say({ kind: 'new-link' });
  expect(await refusal(findOpenRequest(stage, token))).toBe('secret.link-used');
});

it('starts the check when the right code is typed, spaces or not, and takes it once', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  const draft = await journey.confirm(` ${code.slice(0, 2)} ${code.slice(2)} `);
  expect(draft).toMatchObject({ step: 'checking', credential: 'confirmed' });
  expect(await stage.all('task')).toMatchObject([{ kind: 'check-draft', subjectId: journey.id, priority: 0 }]);
  expect(await journey.request()).toMatchObject({ state: 'confirmed', code: null });
  expect(await refusal(journey.confirm(code))).toBe('secret.nothing-parked');
});

it('destroys the password after the third wrong code, over a restart too, and asks for a new one', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  const used = await journey.request();
  expect(await refusalOf(journey.confirm(otherThan(code)))).toEqual({ code: 'secret.code-wrong', params: { left: 2 } });
  await stage.reopen();
  expect(await refusalOf(journey.confirm('12345'))).toEqual({ code: 'secret.code-wrong', params: { left: 1 } });
  expect(await refusal(journey.confirm(''))).toBe('secret.code-spent');
  expect(await stage.all('credential')).toEqual([]);
  expect(await stage.get('secretRequest', used.id)).toMatchObject({ state: 'void', code: null });
  expect(await journey.draft()).toMatchObject({ step: 'credential', credential: 'none' });
  expect(await refusal(journey.confirm(code))).toBe('secret.nothing-parked');
  expect(await journey.confirm(await journey.post())).toMatchObject({ step: 'checking' });
});

it('lets nobody try more codes by typing them at once', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  const wrong = otherThan(code);
  const tries = await Promise.allSettled(Array.from({ length: 6 }, () => journey.confirm(wrong)));
  const codes = tries.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'ok'));
  expect(codes.filter((answer) => answer === 'secret.code-wrong')).toHaveLength(2);
  expect(codes.filter((answer) => answer === 'secret.code-spent')).toHaveLength(1);
  expect(codes.filter((answer) => answer === 'secret.nothing-parked')).toHaveLength(3);
  expect(await stage.all('credential')).toEqual([]);
});

it('destroys a password whose code came too late', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  stage.clock.advance(tenMinutes);
  expect(await refusal(journey.confirm(code))).toBe('secret.code-expired');
  expect(await stage.all('credential')).toEqual([]);
});

it('takes the code from the owner of the draft alone', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  expect(await refusalOf(confirmCode(stage, env, abe, journey.id, code))).toEqual({
    code: 'draft.not-yours',
    params: { owner: 'Ada Admin' },
  });
  expect(await refusal(confirmCode(stage, env, pia, journey.id, code))).toBe('access.denied');
  expect(await journey.request()).toMatchObject({ state: 'parked', wrongCodes: 0 });
});

it('goes on after a restart: same link, same code', async () => {
  const { stage, journey } = await asked();
  const token = await journey.token();
  await stage.reopen();
  expect(await journey.token()).toBe(token);
  const code = await journey.post();
  await stage.reopen();
  expect(await journey.confirm(code)).toMatchObject({ step: 'checking' });
  await stage.work();
  expect(passwordOf(stage.exchange.connections[0]?.access)).toBe(password);
});

it('takes no code for a draft that went back to its details, and still takes it when it returns', async () => {
  const { stage, journey } = await asked();
  const code = await journey.post();
  await journey.say({ kind: 'back' });
  expect(await refusal(confirmCode(stage, env, ada, journey.id, code))).toBe('secret.nothing-parked');
  expect(await journey.request()).toMatchObject({ state: 'parked' });
  expect((await stage.audit('credential.set')).map(({ details }) => details['state'])).toEqual(['parked']);
  await journey.details({ name: 'Renamed' });
  expect(await journey.confirm(code)).toMatchObject({ step: 'checking', credential: 'confirmed' });
});

it('destroys a parked password when server or account change, the draft is cancelled, or a new link is wanted', async () => {
  for (const leave of [
    async (journey: DraftJourney) => {
      await journey.say({ kind: 'back' });
      return journey.details({ userName: 'other@contoso.test' });
    },
    (journey: DraftJourney) => journey.say({ kind: 'cancel' }),
    (journey: DraftJourney) => journey.say({ kind: 'new-link' }),
  ]) {
    const { stage, journey } = await asked();
    await journey.post();
    expect(await stage.all('credential')).toHaveLength(1);
    await leave(journey);
    expect(await stage.all('credential')).toEqual([]);
  }
});

async function askedForApp(changes: Readonly<Record<string, unknown>> = {}) {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details(oauthDetails);
  await journey.modernAuth(changes);
  return { stage, journey, token: await journey.token() };
}

it('keeps of a certificate its key, sealed, and what may be shown; not the file and not its password', async () => {
  const { stage, journey, token } = await askedForApp();
  const { certificate, pem, withKey } = await certificateForTests();
  const filePassword = 'Zebra&Quartz<9>';
  const content = new Secret(withKey);
  const { code } = await parkSecret(stage, token, { content, password: new Secret(filePassword) });
  const [credential] = await stage.all('credential');
  expect(credential?.certificate).toEqual({
    subject: certificate.subject,
    thumbprint: certificate.thumbprint,
    notAfter: certificate.notAfter,
  });
  if (credential === undefined) return;
  const { ownerRecord, ...target } = credential.binding;
  expect(target).toEqual((await journey.request()).target);
  const opened = openSecret(stage.keys, credential, ownerRecord, target).reveal();
  expect(opened).toBe(certificate.privateKey.reveal() + certificate.chain);
  await journey.confirm(code);
  await stage.reopen();
  const bytes = await bytesOf(stage.folder);
  expect(bytes).toContain(certificate.thumbprint);
  const lines = [certificate.privateKey.reveal(), pem].map((text) => text.split('\n')[2] ?? '');
  for (const hidden of [...lines, filePassword, 'PRIVATE KEY']) expect(bytes).not.toContain(hidden);
});

it.each([
  ['aes256.pfx', 'wrong', 'certificate.wrong-password'],
  ['no-key.pem', '', 'certificate.no-key'],
  ['ec.pfx', 'pw', 'certificate.key-not-rsa'],
  ['rc4.pfx', 'pw', 'certificate.unsupported-encryption'],
  ['aes256.pfx', 'x'.repeat(251), 'secret.too-long'],
  ['java.pfx', 'pwpwpw', 'certificate.not-yet-valid'],
] as const)('takes no certificate from %s with %.5j (%s), and leaves the link open', async (name, typed, code) => {
  const { stage, journey, token } = await askedForApp();
  const handedIn = { content: certificateText(sample(name)), password: new Secret(typed) };
  expect(await refusal(parkSecret(stage, token, handedIn))).toBe(code);
  expect(await stage.all('credential')).toEqual([]);
  expect(await stage.audit('credential.set')).toEqual([]);
  expect(await journey.post()).toMatch(/^\d{4}$/);
});

it('takes nothing of another kind than the form asks for', async () => {
  const certificate = { content: new Secret((await certificateForTests()).withKey), password: null };
  const app = await askedForApp();
  expect(await refusal(parkSecret(app.stage, app.token, secret))).toBe('secret.wrong-kind');
  const vault = await askedForApp(goodVault);
  expect(await refusal(parkSecret(vault.stage, vault.token, certificate))).toBe('secret.wrong-kind');
  const { stage, journey } = await asked();
  expect(await refusal(parkSecret(stage, await journey.token(), certificate))).toBe('secret.wrong-kind');
  expect(await stage.all('credential')).toEqual([]);
});

it('binds the client secret of a vault to the vault, its certificate and both apps', async () => {
  const { stage, journey } = await askedForApp(goodVault);
  await journey.post('client secret');
  const [credential] = await stage.all('credential');
  const parties = ['contoso.test', '', goodVault.vaultUrl, goodVault.certificateName, goodVault.vaultClientId];
  expect(credential).toMatchObject({ certificate: null, binding: { scheme: 'key-vault', parties } });
});
