import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../bot/log.ts';
import { createWebServer } from '../../bot/web/server.ts';
import { fileToken, offerFile } from '../../services/access/file-links.ts';
import { fileLinkLifetimeMs } from '../../services/model/file-link.ts';
import type { Outcome } from '../../services/model/run.ts';
import { chooseLanguage } from '../../services/people/language.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { ada, adaChat, addresses, env, inOrder, MailroomStage } from '../support/mailroom-stage.ts';
import { noSuchMailbox } from '../support/scripted-exchange.ts';

/** The web server over a store with one run that has ended, and a link to its report. */
class DownloadStage {
  readonly mailroom: MailroomStage;
  readonly written: string[] = [];
  base = '';
  token = '';
  id = '';

  private constructor(mailroom: MailroomStage) {
    this.mailroom = mailroom;
  }

  static async open(names = addresses(3), text = 'all'): Promise<DownloadStage> {
    const mailroom = await MailroomStage.open();
    const stage = new DownloadStage(mailroom);
    const server = createWebServer({
      config: {
        host: '127.0.0.1',
        port: 0,
        publicUrl: mailroom.publicUrl,
        app: { id: 'a', tenantId: 't', password: null as never },
      },
      log: createLog({ level: 'trace' }, { write: (line) => void stage.written.push(line) }),
      processActivity: () => Promise.resolve({ status: 200 }),
      secretForm: mailroom,
      isReady: () => true,
    });
    stage.base = `http://127.0.0.1:${(await server.listen()).port}`;
    onTestFinished(() => server.close(0));
    await mailroom.profile();
    mailroom.exchange.answer = (address) => (address === names[0] ? noSuchMailbox : null);
    const title = { kind: 'selection', text } as const;
    const { run } = await startRun(mailroom, env, ada, adaChat, title, await mailroom.mailboxes(names));
    await mailroom.work();
    stage.id = run.id;
    await stage.offer();
    return stage;
  }

  async offer(): Promise<void> {
    const file = { kind: 'run-report', subjectId: this.id } as const;
    this.token = fileToken(this.mailroom.keys, await offerFile(this.mailroom, env, ada, file, adaChat));
  }

  ask(method: string, headers: Record<string, string> = {}, token = this.token): Promise<Response> {
    return fetch(`${this.base}/files/${token}`, { method, headers });
  }

  async state(): Promise<string | undefined> {
    return (await this.mailroom.all('fileLink'))[0]?.state;
  }
}

describe('a look at the link', () => {
  test.each([
    ['a browser', 'GET', { accept: 'text/html,application/xhtml+xml' }],
    ['a preview', 'GET', { accept: '*/*', 'user-agent': 'SkypeUriPreview Preview/0.5' }],
    ['a scanner that asks with HEAD', 'HEAD', { accept: '*/*' }],
    ['a scanner that asks with HEAD for CSV', 'HEAD', { accept: 'text/csv' }],
    ['a prefetch', 'GET', { 'sec-purpose': 'prefetch' }],
  ])('by %s consumes nothing and shows no row', async (_who, method, headers) => {
    const stage = await DownloadStage.open();
    const response = await stage.ask(method, headers);
    const page = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page).not.toContain('@contoso.test');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await stage.state()).toBe('open');
  });

  test('says what it is, who asked, and until when; a hostile name stays text', async () => {
    const stage = await DownloadStage.open(addresses(2), '<img src=x onerror=alert(1)>');
    const page = await (await stage.ask('GET')).text();
    expect(page).toContain(stage.id);
    expect(page).toContain('2 of 2 tested');
    expect(page).toContain('Ada Admin, in a chat with Mailroom');
    expect(page).toContain('<form method="post">');
    expect(page).not.toContain('<img');
  });
});

describe('the reader', () => {
  /** As if the owner had typed `language de` and the client were in Berlin. */
  async function speaksGerman({ mailroom }: DownloadStage): Promise<void> {
    await chooseLanguage(mailroom, env, ada, 'de');
    const { key, value } = await mailroom.stored('conversation', adaChat);
    await mailroom.store.commit([
      { kind: 'put', collection: 'conversation', key, value: { ...value, timeZone: 'Europe/Berlin' } },
    ]);
  }

  test('is spoken to in the language of the browser until one is chosen, and then in that', async () => {
    const stage = await DownloadStage.open();
    const german = { 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' };
    expect(await (await stage.ask('GET')).text()).toContain('3 of 3 tested');
    expect(await (await stage.ask('GET', german)).text()).toContain('3 von 3 getestet');
    await speaksGerman(stage);
    const page = await (await stage.ask('GET', { 'accept-language': 'en-GB' })).text();
    expect(page).toContain('<html lang="de">');
    expect(page).toMatch(/Diese Seite gilt bis<\/dt><dd><time[^>]*>\d\d:\d\d MES?Z \(10 Minuten\), und einmal/);
  });

  test('gets a file in that language, which opens in columns; a program gets commas', async () => {
    const stage = await DownloadStage.open();
    await speaksGerman(stage);
    const text = await (await stage.ask('POST')).text();
    expect(text).toMatch(/"Zeit";"\d+\. \S+ \d{4}, \d\d:\d\d MES?Z bis /);
    expect(text).toMatch(/\r\n"Adresse";"Typ";"Ergebnis";/);
    expect(text).toMatch(/"user0002@contoso\.test";"Benutzer";"Erfolgreich";"Erfolgreich";"";[\d,]+;/);
    await stage.offer();
    const plain = await (await stage.ask('GET', { accept: 'text/csv' })).text();
    expect(plain).toContain('\r\n"Adresse","Typ","Ergebnis",');
  });
});

describe('the download', () => {
  test('is a CSV file of that name, once', async () => {
    const stage = await DownloadStage.open();
    const response = await stage.ask('POST');
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="mailroom-run-${stage.id}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(Buffer.from(bytes.slice(0, 3)).toString('hex')).toBe('efbbbf');
    const text = new TextDecoder().decode(bytes);
    expect(text).toContain(`"Run","${stage.id} · `);
    for (const address of addresses(3)) expect(text).toContain(`\r\n"${address}",`);
    expect(await stage.state()).toBe('used');
    for (const method of ['POST', 'GET']) {
      const again = await stage.ask(method);
      expect([again.status, await again.text()]).toEqual([410, expect.stringContaining('already used')]);
    }
    expect(await stage.mailroom.audit('run.report-downloaded')).toMatchObject([{ actorId: 'ada' }]);
  });

  test('is there for a script that asks for CSV by name', async () => {
    const stage = await DownloadStage.open();
    const response = await stage.ask('GET', { accept: 'text/csv' });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(await response.text()).toContain('user0003@contoso.test');
    expect((await stage.ask('GET', { accept: 'text/csv' })).status).toBe(410);
  });

  test('is given once when two press the button in the same moment', async () => {
    const stage = await DownloadStage.open();
    const both = await Promise.all([stage.ask('POST'), stage.ask('POST')]);
    expect(inOrder(both.map(({ status }) => status))).toEqual([200, 410]);
  });

  test.each([
    ['guessed', 404, 'not known', async (stage: DownloadStage) => void (stage.token = 'A'.repeat(43))],
    ['a path', 404, 'not known', async (stage: DownloadStage) => void (stage.token = '..%2f..%2fetc%2fpasswd')],
    ['late', 410, 'expired', async ({ mailroom }: DownloadStage) => mailroom.clock.advance(fileLinkLifetimeMs)],
    [
      'of before a new one',
      404,
      'not known',
      async (stage: DownloadStage) => {
        const { token } = stage;
        await stage.offer();
        stage.token = token;
      },
    ],
    [
      'of somebody without a role by now',
      403,
      'may not read',
      async ({ mailroom }: DownloadStage) =>
        mailroom.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, 'ada') }]),
    ],
    [
      'of a run whose results are gone',
      410,
      'gone',
      async ({ mailroom, id }: DownloadStage) => {
        const { key, value } = await mailroom.stored('run', id);
        await mailroom.store.commit([{ kind: 'put', collection: 'run', key, value: { ...value, results: 'gone' } }]);
      },
    ],
  ])('is refused to a link that is %s, with a page that says what to do', async (_what, status, words, make) => {
    const stage = await DownloadStage.open();
    await make(stage);
    const response = await stage.ask('POST');
    const page = await response.text();
    expect([response.status, page]).toEqual([status, expect.stringContaining(words)]);
    expect(page).not.toContain('@contoso.test');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test('cannot be tried through: after some tries an address has to wait', async () => {
    const stage = await DownloadStage.open();
    let last = 0;
    for (let tries = 0; tries < 31; tries += 1) last = (await stage.ask('POST', {}, 'B'.repeat(43))).status;
    expect(last).toBe(429);
  });

  test('leaves no token in the log', async () => {
    const stage = await DownloadStage.open();
    await stage.ask('GET');
    await stage.ask('POST');
    expect(stage.written.join('\n')).toContain('/files/:token');
    expect(stage.written.join('\n')).not.toContain(stage.token);
  });

  test('comes line by line: a reader who stops in the middle does not make the rest be read', async () => {
    const stage = await DownloadStage.open(['first@contoso.test']);
    const { store } = stage.mailroom;
    const many = addresses(20_000).map((address): Change => {
      const value: Outcome = {
        environmentId: env,
        runId: stage.id,
        mailboxId: address,
        profileId: 'p1',
        phases: [],
        fault: noSuchMailbox,
        willRetry: false,
        at: 0,
        markerFound: false,
        causes: [],
        folded: true,
      };
      return { kind: 'put', collection: 'outcome', key: keyOf(env, stage.id, address), value };
    });
    await store.commit(many);
    let pages = 0;
    const query = store.query.bind(store);
    store.query = ((...args: Parameters<typeof query>) => {
      if (args[0] === 'outcome') pages += 1;
      return query(...args);
    }) as typeof store.query;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const url = `${stage.base}/files/${stage.token}`;
      httpRequest(url, { method: 'POST' }, resolve).on('error', reject).end();
    });
    await new Promise((resolve) => response.once('readable', resolve));
    response.destroy();
    await expect.poll(() => stage.written.join('\n')).toContain('a download ended early');
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThan(40);
    expect(stage.written.join('\n')).not.toContain('request failed');
  });
});
