import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verbs } from '../../cards/verbs.ts';
import { ApprovalChat } from '../conversation/approval-chat.ts';
import { ada, ben, cleo, eve, fay, openStage, tenantId, type Stage } from '../conversation/stage.ts';
import { addresses } from '../support/mailroom-stage.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { MailroomError } from '../../services/model/error.ts';

/*
 * What reaches the bot as a dialog or as a refresh comes from outside like every click: it may be anything, from anybody, as
 * often as they like.
 */

let stage: Stage;
let chat: ApprovalChat;
let request: ApprovalRequest;
const list = addresses(4);

beforeEach(async () => {
  stage = await openStage(async (_context, person) => {
    if (person === cleo.aadObjectId) throw new MailroomError('access.guest');
    return { account: null };
  });
  chat = new ApprovalChat(stage);
  for (const person of [ada, ben]) await chat.say(person, 'help');
  await chat.say(ada, 'approvers here', 'channel');
  request = await chat.imported(list);
});
afterEach(() => stage.dispose());

const invokes = ['task/fetch', 'task/submit', 'adaptiveCard/action'] as const;

/** An invoke with any value; gives status and body of the answer. */
async function invoke(person: typeof ben, name: string, value: object, tenant = tenantId): Promise<[number, string]> {
  const adapter = stage.talk(person, 'channel');
  adapter.activeQueue.length = 0;
  const conversation = { id: '19:channel@thread.tacv2', conversationType: 'channel', isGroup: true, name: '' };
  const inTenant = { conversation: { ...conversation, tenantId: tenant }, channelData: { tenant: { id: tenant } } };
  // What stands in the template of the adapter wins over the activity.
  Object.assign(adapter.template, inTenant);
  await adapter.send({ type: 'invoke', name, value }).startTest();
  const answer = adapter.activeQueue[0]?.value as { status: number; body: object } | undefined;
  if (answer === undefined) throw new Error('no answer');
  return [answer.status, JSON.stringify(answer.body)];
}

const valueOf = (name: string, data: object): object =>
  name === 'adaptiveCard/action' ? { action: { type: 'Action.Execute', data }, trigger: 'manual' } : { data };

describe('whatever comes', () => {
  const wrong: readonly object[] = [
    {},
    { data: null },
    { data: 'approval.reject' },
    { data: [] },
    { data: { msteams: { type: 'task/fetch' } } },
    { data: { verb: 'approval.reject' } },
    { data: { verb: 'approval.reject', id: {}, revision: 1 } },
    { data: { verb: 'approval.reject', id: 'x'.repeat(201), revision: 1 } },
    { data: { verb: 'approval.reject', id: 'x', revision: -1 } },
    { data: { verb: 'constructor', id: 'x', revision: 1 } },
    { data: { verb: '__proto__', id: 'x', revision: 1 } },
    { data: { verb: ['approval.reject'], id: 'x', revision: 1 } },
  ];

  test.each(['task/fetch', 'task/submit'])('%s is answered with one sentence and status 200', async (name) => {
    const unforeseen: unknown[] = [];
    stage.services.log.error = (details) => void unforeseen.push(details);
    for (const value of wrong) {
      const [status, body] = await invoke(ben, name, value);
      expect(status).toBe(200);
      expect(body, JSON.stringify(value)).toContain('I could not read that click');
    }
    expect(unforeseen).toEqual([]);
  });

  test('no verb does as a dialog what it may not, with ids that climb or name something else', async () => {
    const unforeseen: unknown[] = [];
    stage.services.log.error = (details) => void unforeseen.push(details);
    const before = await stage.services.store.query('mailbox', { limit: 10 });
    const ids = [
      '',
      '..',
      `../${stage.environmentId}/x`,
      '__proto__',
      'constructor',
      `${request.id}/`,
      '\u0000',
      'all',
    ];
    for (const verb of verbs)
      for (const id of ids)
        for (const name of ['task/fetch', 'task/submit']) {
          const [status, body] = await invoke(ben, name, {
            data: { verb, id, revision: 1, reason: 'r', pick0: 'true' },
          });
          expect(status, `${name} ${verb} ${id}`).toBe(200);
          expect(body, `${name} ${verb} ${id}`).toContain('"type":"message"');
        }
    expect(unforeseen).toEqual([]);
    expect(await stage.services.store.query('mailbox', { limit: 10 })).toEqual(before);
  });
});

describe('whoever comes', () => {
  const tries = [
    ['approval.refresh', {}],
    ['approval.view', {}],
    ['approval.confirm-all', {}],
    ['approval.reject-dialog', {}],
    ['approval.reject', { reason: 'mine now' }],
    ['approval.choose', {}],
  ] as const;

  test('people of another tenant and guests learn nothing and change nothing', async () => {
    for (const [verb, inputs] of tries)
      for (const name of invokes) {
        const value = valueOf(name, { verb, id: request.id, revision: request.revision, ...inputs });
        const [status, foreign] = await invoke(fay, name, value, 'f0e1d2c3-0000-4c0a-9a7e-c0470500b002');
        const [, guest] = await invoke(cleo, name, value);
        expect(status).toBe(200);
        for (const body of [foreign, guest]) {
          for (const secret of [...list, ada.name, 'approval.approve-all']) expect(body).not.toContain(secret);
        }
        expect(foreign).toContain('Mailroom does not serve your organization');
        expect(guest).toContain('Guests cannot use Mailroom');
      }
    expect(await chat.states()).toEqual([2, 2, 2, 2]);
  });

  test('whoever has no role sees of a request no more than all in the channel do', async () => {
    await chat.delivered();
    for (const [verb, inputs] of tries)
      for (const name of invokes) {
        const value = valueOf(name, { verb, id: request.id, revision: request.revision, ...inputs });
        const [, body] = await invoke(eve, name, value);
        for (const address of list) expect(body, `${name} ${verb}`).not.toContain(address);
        expect(body, `${name} ${verb}`).not.toContain('approval.approve-all');
      }
    expect(await chat.states()).toEqual([2, 2, 2, 2]);
  });

  test('whoever loses the role between the question and the yes decides nothing', async () => {
    await chat.click(ben, 'approval.approve-all', request);
    await chat.hold(ben, 'viewer');
    expect((await chat.click(ben, 'approval.confirm-all', request)).words).toContain('You do not have the role');
    expect(await chat.states()).toEqual([2, 2, 2, 2]);
  });
});

test('a bulk question of another kind is not done by way of the dialog that rejects', async () => {
  await chat.hold(ada, 'admin', 'approver');
  await chat.say(ada, 'withdraw all');
  await chat.say(ben, 'approve all');
  const questions = await stage.services.store.query('bulkAction', { limit: 10 });
  for (const { value } of questions)
    for (const person of [ada, ben]) {
      const answer = await chat.type(person, 'bulk.reject', value, { reason: 'x' });
      expect(answer.words).toMatch(/I could not read that click|Somebody else started this/);
    }
  expect(questions).toHaveLength(2);
  expect(await chat.states()).toEqual([2, 2, 2, 2]);
});

test('a hundred dialogs that are sent off at one instant reject once, and each says how it ended', async () => {
  await chat.hold(eve, 'approver');
  const sent = Array.from({ length: 100 }, (_, index) =>
    chat.type(index % 2 === 0 ? ben : eve, 'approval.reject', request, { reason: `Reason ${index}` }),
  );
  const answers = await Promise.all(sent);
  expect(answers.filter(({ words }) => words === '4 mailboxes are rejected.')).toHaveLength(1);
  for (const { words, card } of answers) if (card !== null) expect(words).toMatch(/4 mailboxes rejected by (Ben|Eve)/);
  const entries = await chat.trail('approval.rejected');
  expect(entries.flatMap(({ subjects }) => subjects).toSorted()).toEqual(list);
});
