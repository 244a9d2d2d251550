import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { largestCertificateBytes, readCertificate } from '../../services/exchange/oauth/certificate.ts';
import type { Credential } from '../../services/model/secret-request.ts';
import { openSecret } from '../../services/secrets/credential-access.ts';
import type { Secret } from '../../services/secrets/secret.ts';
import { bytesOf, read, validAt, type SampleName } from '../exchange/oauth/certificate-samples.ts';
import { certificateTarget, FormStage, vaultTarget } from './form-stage.ts';

const password = 'Grüße€';
const own = read('plain.pem', null).certificate;

let stage: FormStage;
beforeEach(async () => {
  stage = await FormStage.open();
  await stage.clock.advance(validAt - stage.clock.now(), () => Promise.resolve());
  await stage.ask({ target: certificateTarget });
});
afterEach(async () => {
  await stage.dispose();
});

async function stored(): Promise<Credential | undefined> {
  return (await stage.store.query('credential', { limit: 9 })).at(-1)?.value;
}

/** What was sealed, as the wire opens it. */
function sealedIn(credential: Credential): Secret {
  const { ownerRecord } = credential.binding;
  return openSecret(stage.keys, credential, ownerRecord, credential.binding);
}

/** A post as browsers write it. */
const boundary = '----WebKitFormBoundaryABCDEFGHIJKLMNOP';
const type = `multipart/form-data; boundary=${boundary}`;
const text = (name: string, value: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="a.pem"\r\nContent-Type: text/plain\r\n\r\n${bytesOf('plain.pem').toString()}\r\n`;
const end = `--${boundary}--\r\n`;

describe('the form for a certificate', () => {
  test('names server, app and tenant, and has a file and a password with labels of their own', async () => {
    const page = await (await stage.get()).text();
    for (const [label, text] of [
      ['Server', 'mail.contoso.test'],
      ['App (client) ID', certificateTarget.account],
      ['Tenant', 'contoso.test'],
    ])
      expect(page).toContain(`<dt>${label}</dt><dd>${text}</dd>`);
    expect(page).toMatch(/<form method="post" autocomplete="off" enctype="multipart\/form-data">/);
    expect(page).toMatch(
      /<label for="file">[^<]*PFX or PEM[^<]*<\/label>\n<input id="file" name="file" type="file" required/,
    );
    expect(page).toMatch(
      /<label for="password">[^<]*leave it empty[^<]*<\/label>\n<input id="password"(?![^>]*required)/,
    );
    expect(page).toContain('the password of the file is not stored at all');
    expect(page).not.toMatch(/<script|https?:\/\/|src=|\{\w+[,}]|form\.[a-z]/);
  });

  test.each<readonly [SampleName, string]>([
    ['umlaut.pfx', password],
    ['key-vault.pfx', ''],
    ['windows-3des.pfx', 'pw'],
    ['java.pfx', 'pwpwpw'],
    ['plain.pem', ''],
    ['encrypted.pem', 'pw'],
  ])('takes %s, stores key and chain without the password of the file, and shows the code', async (name, typed) => {
    const response = await stage.postFile(bytesOf(name), typed);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toMatch(/class="code"[^>]*>\d{4}</);
    expect(page).toContain('The certificate has arrived');
    const credential = await stored();
    expect(credential?.certificate).toEqual({
      subject: 'CN=mailroom-hma',
      thumbprint: own?.thumbprint,
      notAfter: own?.notAfter,
    });
    expect(credential?.binding).toMatchObject({ ...certificateTarget, host: 'mail.contoso.test' });
    const text = sealedIn(credential as Credential).reveal();
    expect(text.startsWith(`${own?.privateKey.reveal()}${own?.chain}`)).toBe(true);
    expect(text.replaceAll(/-----BEGIN (PRIVATE KEY|CERTIFICATE)-----\n[\w+/=\n]+-----END \1-----\n/g, '')).toBe('');
    const again = readCertificate({ content: sealedIn(credential as Credential), password: null }, validAt);
    expect(again).toMatchObject({ problem: null, certificate: { thumbprint: own?.thumbprint } });
    const audit = [];
    for await (const entry of stage.store.readLog('audit')) audit.push(entry.details);
    expect(audit.at(-1)).toMatchObject({ state: 'parked', thumbprint: own?.thumbprint });
  });

  test.each<readonly [SampleName, string, RegExp, 'file' | 'password']>([
    ['aes256.pfx', 'wrong', /The password does not open this file/, 'password'],
    ['aes256.pfx', '', /The password does not open this file/, 'password'],
    ['aes256.pfx', 'x'.repeat(251), /password of the file is too long: at most 250/, 'password'],
    ['no-key.pem', '', /no private key for its certificate/, 'file'],
    ['other-key.pem', '', /no private key for its certificate/, 'file'],
    ['ec.pfx', 'pw', /not an RSA key/, 'file'],
    ['rc4.pfx', 'pw', /Export it again with AES-256/, 'file'],
  ])(
    '%s with the password %j is answered beside the field with the next step, and the link stays open',
    async (...row) => {
      const [name, typed, problem, field] = row;
      const response = await stage.postFile(bytesOf(name), typed);
      const page = await response.text();
      expect(response.status).toBe(422);
      expect(/role="alert">([^<]*)</.exec(page)?.[1]).toMatch(problem);
      expect(page).toMatch(new RegExp(`<input id="${field}"[^>]*aria-invalid="true" aria-describedby="problem hint"`));
      expect(page.match(/aria-invalid/g)).toHaveLength(1);
      expect(await stored()).toBeUndefined();
      // Another try, with what is right.
      expect((await stage.postFile(bytesOf('umlaut.pfx'), password)).status).toBe(200);
    },
  );

  test('names subject and day of a certificate that is over or not valid yet', async () => {
    const day = 24 * 60 * 60 * 1000;
    await stage.clock.advance((own?.notAfter ?? 0) + day - stage.clock.now(), () => Promise.resolve());
    await stage.ask({ target: certificateTarget });
    const late = await stage.postFile(bytesOf('plain.pem'));
    expect(late.status).toBe(422);
    expect(await late.text()).toContain('The certificate CN=mailroom-hma ended on 2126-10-31.');
    expect(await stage.state()).toBe('open');
  });

  test('says of a certificate that is not valid yet from when on it is', async () => {
    const early = await FormStage.open({ target: certificateTarget });
    const page = await (await early.postFile(bytesOf('plain.pem'))).text();
    expect(page).toContain('is valid from 2026-11-24 on');
    await early.dispose();
  });

  test.each([
    ['text', Buffer.from('<script>alert(1)</script>')],
    ['noise', Buffer.alloc(largestCertificateBytes, 0xa5)],
    ['a block that is no certificate', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
  ])('does not take %s for a certificate', async (_name, bytes) => {
    const response = await stage.postFile(bytes);
    expect(response.status).toBe(422);
    const page = await response.text();
    expect(page).toContain('no certificate that can be read');
    expect(page).not.toContain('<script');
    expect(await stage.state()).toBe('open');
  });

  test('asks for the file when none was chosen', async () => {
    const none = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n`;
    const body = text('check', await stage.check()) + none + text('password', 'pw') + end;
    const response = await stage.postRaw(body, { 'content-type': type });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('role="alert">Choose the certificate file.');
  });

  test('takes no file that is larger than any certificate, and says how large one is', async () => {
    const little = await stage.postFile(Buffer.alloc(largestCertificateBytes + 1));
    expect(little.status).toBe(422);
    expect(await little.text()).toContain('larger than 64 kB');
    const much = await stage.postFile(Buffer.alloc(1_000_000));
    expect(much.status).toBe(413);
    expect(await much.text()).toContain('at most 64 kB are taken');
    expect(await stage.state()).toBe('open');
  });

  test('of two posts at once one wins', async () => {
    const posts = [stage.postFile(bytesOf('plain.pem')), stage.postFile(bytesOf('umlaut.pfx'), password)];
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.toSorted((left, right) => left - right)).toEqual([200, 410]);
  });

  test('writes nothing of a file or its password to log or page, whether it is taken or not', async () => {
    const secret = 'Falcon+Opal=4/ü';
    const body = own?.privateKey.reveal().split('\n')[3] ?? '';
    const pages: string[] = [];
    for (const bytes of [
      bytesOf('aes256.pfx'),
      Buffer.from(`nonsense ${body}`),
      bytesOf('no-key.pem'),
      bytesOf('plain.pem'),
    ])
      pages.push(await (await stage.postFile(bytes, secret)).text());
    expect(pages.at(-1)).toMatch(/class="code"/);
    const written = pages.join('') + stage.written.join('');
    expect(stage.written.join('')).toContain('"status":422');
    for (const hidden of [secret, encodeURIComponent(secret), body, 'hma.pfx']) expect(written).not.toContain(hidden);
  });
});

describe('a post that is none of this form', () => {
  test.each<readonly [string, (check: string) => string]>([
    ['two files', (check) => text('check', check) + file('file') + file('file') + end],
    ['a file under the name of the password', (check) => text('check', check) + file('file') + file('password') + end],
    ['a text under the name of the file', (check) => text('check', check) + text('file', 'x') + end],
    ['two checks', (check) => text('check', check) + text('check', check) + file('file') + end],
    ['a field that is not asked for', (check) => text('check', check) + text('scheme', 'basic') + file('file') + end],
    ['a name of thousands of letters', (check) => text('check', check) + file('n'.repeat(50_000)) + end],
    ['a thousand fields', (check) => text('check', check) + text('', '').repeat(700) + end],
    ['an end that never comes', (check) => text('check', check) + file('file')],
    [
      'a boundary that is another one',
      (check) => (text('check', check) + file('file') + end).replaceAll(boundary, '--x'),
    ],
    ['nothing in it', () => ''],
  ])('because of %s is not read', async (_name, body) => {
    const response = await stage.postRaw(body(await stage.check()), { 'content-type': type });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('The form did not arrive whole');
    expect(await stage.state()).toBe('open');
    expect(await stored()).toBeUndefined();
  });

  test('is known by its type, whatever is in it', async () => {
    const check = await stage.check();
    const body = text('check', check) + file('file') + end;
    for (const contentType of [
      `text/plain; boundary=${boundary}`,
      'multipart/mixed; boundary=x',
      'multipart/form-data',
      'x',
    ])
      expect((await stage.postRaw(body, { 'content-type': contentType })).status).toBe(415);
    expect((await stage.post({ password: bytesOf('plain.pem').toString().slice(0, 200) })).status).toBe(415);
    expect(await stage.state()).toBe('open');
  });

  test.each([
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }],
  ])('because it comes from %s is refused', async (_name, headers) => {
    expect((await stage.postFile(bytesOf('plain.pem'), '', headers)).status).toBe(403);
    expect(await stage.state()).toBe('open');
  });

  test('because its check is that of another link is refused', async () => {
    const first = await stage.check();
    await stage.ask({ target: certificateTarget });
    const body = text('check', first) + file('file') + end;
    expect((await stage.postRaw(body, { 'content-type': type })).status).toBe(403);
    expect((await stage.postRaw(file('file') + end, { 'content-type': type })).status).toBe(403);
    expect(await stored()).toBeUndefined();
  });

  test('tries no more passwords than any other visitor may make requests', async () => {
    const check = await stage.check();
    const statuses: number[] = [];
    for (let index = 0; index < 40; index += 1) {
      const form = new FormData();
      form.set('check', check);
      form.set('file', new Blob([new Uint8Array(bytesOf('no-mac.pfx'))]), 'a.pfx');
      form.set('password', `guess ${index}`);
      const response = await stage.postRaw(form, { 'x-forwarded-for': '203.0.113.9' });
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses.filter((status) => status === 422)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });
});

describe('the form for the client secret of a vault', () => {
  const secret = 'Q8~client&secret=+%<>';
  beforeEach(() => stage.ask({ target: vaultTarget }));

  test('names the vault, its certificate and both apps', async () => {
    const page = await (await stage.get()).text();
    const [, , , certificateName, vaultApp] = vaultTarget.parties;
    expect(page).toContain(`<label for="password">Client secret of the app ${vaultApp}</label>`);
    expect(page).toContain('<dt>Key Vault</dt><dd>contoso-hma.vault.azure.net</dd>');
    expect(page).toContain(`<dt>Certificate in it</dt><dd>${certificateName}</dd>`);
    expect(page).toContain(`<dt>App (client) ID</dt><dd>${vaultTarget.account}</dd>`);
    expect(page).toContain('sent only to Microsoft Entra (tenant contoso.test)');
    expect(page).not.toMatch(/type="file"|<script|\{\w+[,}]|form\.[a-z]/);
  });

  test('takes it once, bound to everything that it depends on', async () => {
    const response = await stage.post({ password: secret });
    const page = await response.text();
    expect(page).toContain('The client secret has arrived');
    expect(page).not.toContain('Q8~');
    const credential = (await stored()) as Credential;
    expect(credential).toMatchObject({ certificate: null, binding: { ...vaultTarget } });
    expect(sealedIn(credential).reveal()).toBe(secret);
    const moved = { ...credential.binding, parties: ['contoso.test', '', 'https://evil.vault.azure.net', 'x', 'y'] };
    expect(() => openSecret(stage.keys, credential, credential.binding.ownerRecord, moved)).toThrow(
      'secret.unreadable',
    );
    expect((await stage.get()).status).toBe(410);
  });

  test('asks again when it is empty or too long, and takes no file', async () => {
    expect(await (await stage.post({ password: '' })).text()).toContain('role="alert">Enter the client secret.');
    const long = await stage.post({ password: 'x'.repeat(251) });
    expect(await long.text()).toContain('The client secret is too long: at most 250 characters.');
    expect((await stage.postFile(bytesOf('plain.pem'))).status).toBe(415);
    expect(await stage.state()).toBe('open');
  });
});
