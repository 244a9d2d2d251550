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
