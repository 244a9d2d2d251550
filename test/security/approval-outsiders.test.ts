import { afterEach, beforeEach, expect, test } from 'vitest';
import { textOf, verbsOf } from '../cards/card-client.ts';
import { ApprovalChat } from '../conversation/approval-chat.ts';
import { ada, ben, cleo, eve, openStage, tenantId, type Stage } from '../conversation/stage.ts';

/*
 * What a request says is for those who have a role, and in a channel for those who read there. Whoever has none, or none any
 * more, gets it by no other way.
 */

let stage: Stage;
let chat: ApprovalChat;
const address = 'ceo@contoso.test';

beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  for (const person of [ada, ben, cleo, eve]) await chat.say(person, 'help');
  await chat.say(ada, 'approvers here', 'channel');
});
afterEach(() => stage.dispose());

const wishes = async (): Promise<string[]> =>
  (await stage.services.store.query('intent', { limit: 100 })).map(
    ({ value: { kind, conversationId } }) => `${kind} ${conversationId}`,
  );

test('an old client brings no card of a request into the own chat of somebody without a role', async () => {
  const request = await chat.imported([address]);
  await chat.delivered();
  const { words } = await chat.submit(eve, 'approval.view', request);
  expect(words).toContain('You do not have the role');
  expect(await wishes()).toEqual([]);
  expect(await chat.trail('access.refused')).toMatchObject([{ subjects: ['approval.view'] }]);
});

test('in a channel that is shared with other organizations no card of a request goes on telling how it stands', async () => {
  await chat.imported([address]);
  await chat.delivered();
  const adapter = stage.talk(ben, 'channel');
  adapter.template.channelData = { tenant: { id: tenantId }, channel: { type: 'shared' } };
  await adapter.send({ type: 'message', text: 'pending' }).startTest();
  expect(adapter.activeQueue.map(({ text }) => text)).toEqual(['The request is in your own chat with Mailroom.']);
  expect(await wishes()).toEqual([`approval a:${ben.id}`]);
});

test('whoever has lost every role reads nothing more of a request that stands in their own chat', async () => {
  const request = await chat.imported([address]);
  await chat.say(ben, 'pending');
  await chat.delivered();
  await chat.hold(cleo, 'approver');
  await chat.hold(ben);
  await chat.say(cleo, `ask ${address} Is it for Falcon?`);
  const secrets = [address, ada.name, cleo.name, 'Falcon'];
  const shown = [await chat.posted(ben, 'approval'), (await chat.refresh(ben, request.id, 'personal')).card];
  for (const card of shown) {
    for (const secret of secrets) expect(textOf(card)).not.toContain(secret);
    expect(textOf(card)).toContain('You hold no role in Mailroom any more');
    expect(verbsOf(card)).toEqual([]);
  }
  // In the channel it reads as for all who are there.
  expect(textOf(await chat.posted('channel', 'approval'))).toContain('Falcon');
});

test('a question to somebody who has lost every role goes to the admins, who may answer, and to nobody else', async () => {
  await chat.hold(cleo, 'admin');
  const request = await chat.imported([address], cleo);
  await chat.delivered();
  await chat.hold(cleo);
  expect(await chat.say(ben, `ask ${address} Is it for Falcon?`)).toContain('The admins have your question');
  expect(await wishes()).toEqual(['approval 19:channel@thread.tacv2', 'approval-question a:29:ada']);
  expect(verbsOf(await chat.posted(ada, 'approval-question'))).toContain('approval.answer-dialog');
  await chat.type(ada, 'approval.answer', await chat.now(request), { answer: 'No' }, 'personal');
  expect((await chat.now(request)).questions).toMatchObject([{ answer: { by: ada.name, text: 'No' } }]);
});

test('a question that stands with somebody who loses every role then is not to be read there any more', async () => {
  await chat.hold(cleo, 'admin');
  const request = await chat.imported([address], cleo);
  await chat.say(ben, `ask ${address} Is it for Falcon?`);
  await chat.delivered();
  await chat.hold(cleo);
  await chat.type(ada, 'approval.answer', await chat.now(request), { answer: 'Falcon, yes' }, 'personal');
  expect(textOf(await chat.posted(cleo, 'approval-question'))).not.toContain('Falcon');
});

test.each(['', 'Yes', 'x'.repeat(501)])(
  'whoever is not asked does not get to the question by an answer: %j',
  async (answer) => {
    const request = await chat.imported([address]);
    await chat.say(ben, `ask ${address} Is it for Falcon?`);
    await chat.hold(eve, 'viewer');
    for (const person of [ben, eve, cleo]) {
      const { words } = await chat.type(person, 'approval.answer', await chat.now(request), { answer });
      expect(words).toContain('You do not have the role');
      expect(words).not.toContain('Falcon');
    }
    expect((await chat.now(request)).questions).toMatchObject([{ answer: null }]);
  },
);
