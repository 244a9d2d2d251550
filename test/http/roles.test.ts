import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approvals, auditOf, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

test('an approver is named by two people, decides from then on, and no more once the role is taken away', async () => {
  await stage.ask('ada', approvals, 'approvers here');
  expect(await stage.ask('cleo', personal, 'pending')).toContain('You do not have the role');
  expect(await stage.ask('ada', approvals, 'grant approver @Cleo Clark')).toContain(
    'A second person has to agree first',
  );
  expect(wordsOf(await stage.press('ada', approvals, 'role.confirm'))).toContain('Needs a second person');
  expect(wordsOf(await stage.press('ada', approvals, 'role.agree'))).toContain('You asked for this yourself');
  expect(wordsOf(await stage.press('cleo', approvals, 'role.agree'))).toContain('You do not have the role');
  expect(wordsOf(await stage.press('ben', approvals, 'role.agree'))).toContain('Done by two people');
  expect(await stage.ask('cleo', personal, 'pending')).not.toContain('You do not have the role');
  await stage.ask('ada', approvals, 'revoke approver @Cleo Clark');
  await stage.press('ada', approvals, 'role.confirm');
  expect(await stage.ask('cleo', personal, 'pending')).toContain('You do not have the role');
});

test('neither a guest nor somebody of another organization gets a role: the roster says who they are', async () => {
  expect(await stage.ask('ada', approvals, 'grant viewer @Gus Guest')).toContain('Guests and people of other');
  expect(await stage.ask('ada', approvals, 'grant viewer @Fay Fabrikam')).toMatch(
    /Guests and people of other|could not confirm/,
  );
});

test('the trail tells all of it and is complete after a crash', async () => {
  await stage.restart('kill');
  const seen = await stage.ask('ada', personal, 'history role');
  expect(seen).toContain('The trail is complete');
  expect(seen).toContain('Ben Brandt made Cleo Clark approver');
  const kinds = (await stage.lookIntoStore(auditOf)).map(({ kind }) => kind).filter((kind) => kind.startsWith('role.'));
  expect(kinds).toEqual(['role.seeded', 'role.seeded', 'role.proposed', 'role.granted', 'role.revoked']);
});

test('a trail that was edited in the data folder is called incomplete, with its first bad entry', async () => {
  await stage.down('stop');
  const folder = stage.world.environment['MAILROOM_DATA_DIR'] ?? '';
  const name = join(folder, (await readdir(folder)).find((file) => file.startsWith('audit-')) ?? '');
  const lines = (await readFile(name, 'utf8')).trimEnd().split('\n');
  const edited = lines.map((line) => {
    const json = line.slice(9).replace('"actorName":"Ben Brandt"', '"actorName":"Ada Admin"');
    return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
  });
  await writeFile(name, edited.join(''));
  await stage.up();
  const seen = await stage.ask('ada', personal, 'history');
  expect(seen).toContain('Not complete');
  expect(seen).toMatch(/Entry \d+ is not the one that was written; the last good one is of/);
  expect(stage.output()).toContain('the audit trail is not complete');
});
