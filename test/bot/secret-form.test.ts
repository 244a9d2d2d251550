import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseLanguage } from '../../services/people/language.ts';
import { environmentId, FormStage } from './form-stage.ts';

const password = 'Sync!Pass1 äß&=+%<script>';

describe('the one-time form', () => {
  let stage: FormStage;
  beforeEach(async () => {
    stage = await FormStage.open();
  });
  afterEach(async () => {
    await stage.dispose();
  });

  test('says which server and account the password is for, who asked, and until when', async () => {
    const response = await stage.get();
    const page = await response.text();
    expect(response.status).toBe(200);
    for (const text of ['mail.contoso.test', 'svc-mailroom@contoso.test', 'Ada Admin', '9:10 AM UTC', '10 minutes']) {
      expect(page).toContain(text);
    }
    expect(page).toMatch(/<label for="password">/);
    expect(page).toMatch(/<html lang="en">/);
    expect(page).not.toMatch(/\{\w+[,}]|form\.[a-z]/);
    expect(page).not.toMatch(/<script|https?:\/\/|src=/);
  });

  test('speaks the language that its owner chose, else that of the browser', async () => {
    const german = { headers: { 'accept-language': 'de-AT' } };
    expect(await (await stage.get(german)).text()).toContain('<h1>Kennwort für den E-Mail-Server</h1>');
    expect(await (await stage.get()).text()).toContain('<h1>Password for the email server</h1>');
    await chooseLanguage(stage, environmentId, { aadObjectId: 'ada' }, 'de');
    expect(await (await stage.get()).text()).toContain('<h1>Kennwort für den E-Mail-Server</h1>');
    expect(await (await stage.post({ password: '' })).text()).toContain('Geben Sie das Kennwort ein.');
    expect(await (await stage.post({ password })).text()).toContain('Das Kennwort ist angekommen.');
  });

  test('shows a code after the post, stores the password encrypted, and works once', async () => {
    const response = await stage.post({ password });
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('Type this code in Teams');
    const code = />(\d{4})<\/p>/.exec(page)?.[1];
    const [request] = await stage.store.query('secretRequest', { limit: 1 });
    expect(request?.value).toMatchObject({ state: 'parked', code });
    expect(page).not.toContain('Sync!Pass1');
    const again = await stage.get();
    expect(again.status).toBe(410);
    expect(await again.text()).toContain('already used');
  });

  test('says of a link that "New link" has replaced where the newer one is, and neither blames nor tells more', async () => {
    const [found] = await stage.store.query('draft', { limit: 1 });
    const [request] = await stage.store.query('secretRequest', { limit: 1 });
    if (found === undefined || request === undefined) throw new Error('no draft');
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'draft',
        key: found.key,
        value: { ...found.value, secretRequestId: 'a-newer-one' },
      },
      { kind: 'put', collection: 'secretRequest', key: request.key, value: { ...request.value, state: 'void' } },
    ]);
    const response = await stage.get();
    const page = await response.text();
    expect(response.status).toBe(410);
    expect(page).toContain('A newer link has taken the place of this one');
    for (const secret of ['security officer', 'mail.contoso.test', 'svc-mailroom', 'Ada'])
      expect(page).not.toContain(secret);
  });

  test('keeps everything out of caches, frames, referrers and other sites', async () => {
    for (const response of [await stage.get(), await stage.post({ password })]) {
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
      const csp = response.headers.get('content-security-policy') ?? '';
      expect(csp).toContain("default-src 'none'");
      expect(csp).toMatch(/style-src 'sha256-[^']+'/);
      expect(csp).toContain("form-action 'self'");
      expect(csp).not.toContain('unsafe');
      expect(response.headers.get('server')).toBeNull();
    }
  });

  test('is not used up by previews: HEAD and GET change nothing', async () => {
    const head = await stage.get({ method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    for (let index = 0; index < 5; index += 1) await (await stage.get()).text();
    expect(await stage.state()).toBe('open');
    expect((await stage.post({ password })).status).toBe(200);
  });

  test('of two posts at once one wins and the other learns that the link is spent', async () => {
    const answers = await Promise.all([stage.post({ password }), stage.post({ password: 'other' })]);
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 410]);
  });

  test('ends after ten minutes, with the next step', async () => {
    await stage.clock.advance(10 * 60_000, () => Promise.resolve());
    const response = await stage.get();
    expect(response.status).toBe(410);
    expect(await response.text()).toMatch(/expired[\s\S]*New link/);
  });

  test('asks again for an empty or overlong password, with the error beside the field, and stays open', async () => {
    const empty = await stage.post({ password: '' });
    expect(empty.status).toBe(422);
    const page = await empty.text();
    expect(page).toMatch(/role="alert">Enter the password/);
    expect(page).toMatch(/<input id="password"[^>]*aria-invalid="true" aria-describedby="problem hint"/);
    const long = await stage.post({ password: 'x'.repeat(251) });
    expect(long.status).toBe(422);
    expect(await stage.state()).toBe('open');
  });

  test('takes the longest password there can be, in any script', async () => {
    expect((await stage.post({ password: '密'.repeat(250) })).status).toBe(200);
  });

  test.each([
    ['of another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
    ['of a sibling site', { origin: 'null', 'sec-fetch-site': 'same-site' }],
    ['of a browser that names another origin only', { origin: 'https://evil.test' }],
  ])('refuses a post %s', async (_name, headers) => {
    const check = await stage.check();
    const response = await stage.postRaw(new URLSearchParams({ check, password }), headers);
    expect(response.status).toBe(403);
    expect(await stage.state()).toBe('open');
  });

  test('refuses a post without the check of this link, or with that of another', async () => {
    expect((await stage.postRaw(new URLSearchParams({ password }))).status).toBe(403);
    const first = await stage.check();
    await stage.ask();
    expect((await stage.post({ check: first, password })).status).toBe(403);
  });

  test('refuses other content types and too much', async () => {
    const json = await stage.postRaw(JSON.stringify({ password }), { 'content-type': 'application/json' });
    expect(json.status).toBe(415);
    const form = new FormData();
    form.set('password', password);
    expect((await stage.postRaw(form)).status).toBe(415);
    expect((await stage.post({ password: 'x'.repeat(5000) })).status).toBe(413);
    const packed = await stage.postRaw(gzipSync('password=x'), {
      'content-type': 'application/x-www-form-urlencoded',
      'content-encoding': 'gzip',
    });
    expect(packed.status).toBe(415);
    expect(await stage.state()).toBe('open');
  });

  test.each([
    ['a second password', 'password=other'],
    ['a field that the form does not have', 'file=x'],
    ['a field with a name as long as a post may be', `${'n'.repeat(3000)}=x`],
  ])('takes no post with %s', async (_name, more) => {
    const body = `${new URLSearchParams({ check: await stage.check(), password }).toString()}&${more}`;
    const response = await stage.postRaw(body, { 'content-type': 'application/x-www-form-urlencoded' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Nothing was stored');
    expect(await stage.state()).toBe('open');
  });

  test.each(['short', 'a'.repeat(43), 'a'.repeat(5000), '..%2f..%2fetc%2fpasswd', '%00', "'%22%3E%3Cscript%3E"])(
    'answers an invented link like any other that is not known: %s',
    async (token) => {
      stage.path = `/secrets/${token}`;
      const response = await stage.get();
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('<script');
    },
  );

  test('shows names as text, whatever they contain', async () => {
    const target = { host: 'a"><img src=x>', account: `<script>alert('1')</script>` };
    await stage.ask({ target, ownerName: '&lt;b&gt;' });
    const page = await (await stage.get()).text();
    expect(page).not.toMatch(/<img|<script/);
    expect(page).toContain('&#38;lt;b&#38;gt;');
  });

  test('says of a server that is not known yet that Autodiscover finds it, and who gets the password', async () => {
    await stage.ask({ target: { host: 'autodiscover:contoso.test' } });
    const page = await (await stage.get()).text();
    expect(page).toContain('<dd>Found by Autodiscover for contoso.test</dd>');
    expect(page).toMatch(
      /sent to Autodiscover of contoso\.test \(the hosts contoso\.test and autodiscover\.contoso\.test/,
    );
    expect(page).toMatch(/before another host gets it, you are asked.*accept the server.*only to that server/);
    expect(page).not.toContain('autodiscover:');
    // A server may well have this name, and a port.
    await stage.ask({ target: { host: 'autodiscover:8443' } });
    expect(await (await stage.get()).text()).toContain('<dd>autodiscover:8443</dd>');
  });

  test('speaks English to a browser whose language it lacks, and in each problem', async () => {
    const strange = { headers: { 'accept-language': 'xx-YY,zz;q=0.3' } };
    expect(await (await stage.get(strange)).text()).toContain('<html lang="en">');
    stage.path = '/secrets/unknown';
    const page = await (await stage.get(strange)).text();
    expect(page).toContain('This link is not known');
    expect(page).toContain('10 minutes');
  });

  test('writes neither the link nor the password to the log', async () => {
    await stage.post({ password });
    const line = stage.written.join('');
    expect(line).toContain('/secrets/:token');
    expect(line).not.toContain(stage.path.slice(-43));
    expect(line).not.toContain('Sync!Pass1');
  });

  test('slows down whoever asks too often, and nobody else', async () => {
    const statuses = [];
    for (let index = 0; index < 40; index += 1) {
      const response = await stage.get({ headers: { 'x-forwarded-for': '203.0.113.9' } });
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const other = await stage.get({ headers: { 'x-forwarded-for': '203.0.113.9, 203.0.113.10' } });
    expect(other.status).toBe(200);
  });
});
