import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { auditEventKinds } from '../../services/model/audit.ts';
import { encodeLine } from '../../services/storage/crc-lines.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { append } from '../contract/store.contract.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';

const page = await readFile(new URL('../../docs/audit.md', import.meta.url), 'utf8');
const run = promisify(execFile);

test('the script of the page finds a trail whole, and the entry that was changed', async () => {
  const [, script = ''] = /```sh\n(cat audit[^]*?)```/.exec(page) ?? [];
  const folder = await makeTempFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = await openJournalStore({ folder });
  for (let n = 1; n <= 5; n += 1) await store.commit([append(n), append(10 + n)]);
  const head = await store.logHead('audit');
  await store.close();
  const env = { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` };
  const check = (): Promise<string> =>
    run('sh', ['-c', script], { cwd: folder, env }).then(
      ({ stdout }) => stdout.trim(),
      (error: { stdout?: string }) => (error.stdout ?? '').trim(),
    );
  expect(await check()).toBe(`fits: 10 ${head.hash}`);
  const name = join(folder, (await readdir(folder)).find((file) => file.startsWith('audit-')) ?? '');
  const lines = (await readFile(name, 'utf8')).trimEnd().split('\n');
  const changed = (lines[2] ?? '').slice(9).replace('"s3"', '"s9"');
  await writeFile(name, lines.with(2, encodeLine(changed).trimEnd()).join('\n') + '\n');
  expect(await check()).toBe('does not fit: 5');
});

test('the page names each subject that is written down', () => {
  const words: Readonly<Record<string, RegExp>> = {
    profile: /profiles/,
    credential: /credentials/,
    discovery: /Autodiscover/,
    mailboxes: /imports/,
    settings: /settings/,
    approval: /approvals/,
    subscription: /subscriptions/,
    role: /roles/,
    run: /runs/,
    maintenance: /maintenance windows/,
    mailbox: /mailboxes that were enabled/,
    conversation: /languages of conversations/,
    history: /downloads/,
    incident: /what people did about alerts/,
    runbook: /notes of the runbook/,
    access: /every try without the role/,
  };
  const section = page.slice(page.indexOf('## What is written down'), page.indexOf('## Roles'));
  for (const subject of new Set(auditEventKinds.map((kind) => kind.split('.')[0] ?? '')))
    expect(section, subject).toMatch(words[subject] ?? /no word for it/);
});
