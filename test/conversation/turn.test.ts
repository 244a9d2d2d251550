import type { TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commands, findCommand, suggestCommand } from '../../bot/commands.ts';
import { MailroomError } from '../../services/model/error.ts';
import { hasRight, type Role } from '../../services/model/access.ts';
import { ada, ben, cleo, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});

afterEach(() => stage.dispose());

/** Sends words and gives all replies: texts, and summaries of cards. */
async function say(adapter: TestAdapter, words: string): Promise<string[]> {
  adapter.activeQueue.length = 0;
  await adapter.send(words).startTest();
  return adapter.activeQueue.map((activity) => activity.text ?? activity.summary ?? '').filter((text) => text !== '');
}

const open = (person: Person, where?: 'personal' | 'channel'): TestAdapter => stage.talk(person, where);

test('an unknown command is answered with the nearest one', async () => {
  const [reply] = await say(open(ada), 'crate profile');
  expect(reply).toContain('create profile');
  const [lost] = await say(open(ada), 'xyzzy plugh');
  expect(lost).toContain('help');
});

test('what people type comes back as they typed it: no link, no format', async () => {
  const [reply] = await say(open(ada), 'mailbox [open](https://evil.example)**now**');
  expect(reply).toContain(String.raw`\[open\](https://evil.example)\*\*now\*\*`);
});

test('a mention alone is answered with what one can say', async () => {
  const [summary] = await say(open(ada, 'channel'), '<at>Mailroom</at> ');
  expect(summary).toMatch(/commands for you/);
});

test('case, extra spaces and a mention do not matter', async () => {
  for (const words of ['  PROFILES ', '<at>Mailroom</at>  profiles', '<at>Mailroom</at>&nbsp;Profiles']) {
    expect(await say(open(ada), words), words).toHaveLength(1);
  }
});

test('the name of the bot typed by hand is not part of the command', async () => {
  const plain = await say(open(ada), 'subscriptions');
  for (const words of ['@Mailroom subscriptions', '@mailroom, subscriptions', '@Mailroom:\nsubscriptions'])
    expect(await say(open(ada), words), words).toEqual(plain);
  const [reply] = await say(open(ada), '@Mailroomer subscriptions');
  expect(reply).toContain('@Mailroomer');
});

test('two people create profiles in one channel without meeting', async () => {
  const { services, environmentId } = stage;
  await services.store.commit([
    {
      kind: 'put',
      collection: 'role',
      key: `${environmentId}/${cleo.aadObjectId}`,
      value: {
        environmentId,
        aadObjectId: cleo.aadObjectId,
        roles: ['admin'],
        name: cleo.name,
        grantedBy: 'test',
        grantedAt: 0,
      },
    },
  ]);
  const hers = open(ada, 'channel');
  const theirs = open(cleo, 'channel');
  await say(hers, 'create profile');
  await say(theirs, 'create profile');
  await say(theirs, 'cancel');
  const steps = Object.fromEntries((await stage.drafts()).map((draft) => [draft.ownerId, draft.step]));
  expect(steps).toEqual({ [ada.aadObjectId]: 'details', [cleo.aadObjectId]: 'cancelled' });
});

test('a restart in the middle goes on, and another command may come in between', async () => {
  const adapter = open(ada);
  await say(adapter, 'create profile');
  stage.restart();
  expect((await say(open(ada), 'profiles')).length).toBe(1);
  const [reply] = await say(open(ada), 'what now');
  expect(reply).toContain('Fill in the card');
  await say(open(ada), 'cancel');
  expect((await stage.drafts()).map((draft) => draft.step)).toEqual(['cancelled']);
});

test('create profile again goes on with the draft instead of starting a second one', async () => {
  await say(open(ada), 'create profile');
  const [reply] = await say(open(ada), 'create profile');
  expect(reply).toContain('go on with it');
  expect(await stage.drafts()).toHaveLength(1);
});

test('back and cancel outside of a conversation say that nothing is open', async () => {
  for (const words of ['back', 'cancel'])
    expect((await say(open(ada), words))[0]).toContain('There is nothing to cancel');
});

test('whom the roster does not vouch for is refused, whatever is said', async () => {
  await stage.dispose();
  stage = await openStage(() => Promise.reject(new MailroomError('access.guest')));
  expect((await say(open(ada), 'help'))[0]).toContain('Guests cannot use Mailroom');
});

test('an error that nobody foresaw is told with a reference and without its text', async () => {
  await stage.dispose();
  stage = await openStage(() => Promise.reject(new Error('secret detail')));
  const [reply] = await say(open(ada), 'help');
  expect(reply).toMatch(/reference/);
  expect(reply).not.toContain('secret detail');
});

test('a click that is an invoke is answered with HTTP status 200 and the outcome in the body', async () => {
  const adapter = open(cleo);
  adapter.activeQueue.length = 0;
  const action = { type: 'Action.Execute', verb: 'approval.approve-all', data: { id: 'NOSUCH', revision: 1 } };
  await adapter.send({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } }).startTest();
  const answer = adapter.activeQueue[0]?.value as {
    status: number;
    body: { statusCode: number; type: string; value: string };
  };
  expect(answer.status).toBe(200);
  expect(answer.body.type).toBe('application/vnd.microsoft.activity.message');
  expect(answer.body.value).toContain('approver');
});

test('a click with data of any shape changes nothing and gets a sentence', async () => {
  const adapter = open(ada);
  for (const value of [
    { action: null },
    { action: { verb: 7, data: [] } },
    { action: { verb: '__proto__', data: { id: {}, revision: 'x' } } },
    {},
  ]) {
    adapter.activeQueue.length = 0;
    await adapter.send({ type: 'invoke', name: 'adaptiveCard/action', value }).startTest();
    const answer = adapter.activeQueue[0]?.value as { status: number; body: { value: string } };
    expect(answer.status, JSON.stringify(value)).toBe(200);
    expect(answer.body.value).toContain('could not read that click');
  }
});

const rolesOf: Record<string, { person: Person; roles: Role[] }> = {
  admin: { person: ada, roles: ['admin'] },
  approver: { person: ben, roles: ['approver'] },
  nobody: { person: cleo, roles: [] },
};

for (const [name, { person, roles }] of Object.entries(rolesOf)) {
  test(`help shows to the ${name} exactly the commands that the ${name} may use`, async () => {
    const adapter = open(person);
    adapter.activeQueue.length = 0;
    await adapter.send('help').startTest();
    // Markdown is escaped on cards; the reader sees no backslash.
    const card = JSON.stringify(adapter.activeQueue[0]?.attachments).replaceAll('\\', '');
    for (const { words, args, right } of commands) {
      const usage = args === '' ? words : `${words} ${args}`;
      expect(card.includes(`"${usage}"`), `${usage} for ${name}`).toBe(
        roles.length > 0 && (right === null || hasRight(roles, right)),
      );
    }
  });
}

for (const { words, right } of commands.filter((command) => command.right !== null)) {
  test(`"${words}" is refused to somebody without a role, with the roles that could do it, and noted in the trail`, async () => {
    const [reply] = await say(open(cleo), `${words} something`);
    expect(reply).toContain('You do not have the role');
    const trail = [];
    for await (const entry of stage.services.store.readLog('audit')) trail.push(entry);
    expect(trail.filter((entry) => entry.kind === 'access.refused').map((entry) => entry.subjects)).toEqual([[words]]);
    expect(right).not.toBeNull();
  });
}

test('the longest command wins, and near misses find their command', () => {
  expect(findCommand('mailbox ada@contoso.com')?.command.words).toBe('mailbox');
  expect(findCommand('mailboxes ada')?.command.words).toBe('mailboxes');
  expect(findCommand('cancel run ABC')?.command.words).toBe('cancel run');
  expect(findCommand('import mailboxes\nada@contoso.com,user')?.rest).toBe('\nada@contoso.com,user');
  expect(suggestCommand('mailbxes')).toBe('mailboxes');
  expect(suggestCommand('')).toBeNull();
});
