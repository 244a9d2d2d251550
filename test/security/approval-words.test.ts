import { afterEach, beforeEach, expect, test } from 'vitest';
import { approvalStatus } from '../../services/model/mailbox.ts';
import { hasVisibleText } from '../../services/model/visible-text.ts';
import { ApprovalChat } from '../conversation/approval-chat.ts';
import { ada, ben, openStage, type Stage } from '../conversation/stage.ts';

/* What people type about a request is kept and read by others: what only looks like a word is none. */

let stage: Stage;
let chat: ApprovalChat;
const list = ['a@contoso.test', 'because@contoso.test', 'x-because-y@contoso.test'];

beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  for (const person of [ada, ben]) await chat.say(person, 'help');
});
afterEach(() => stage.dispose());

const unseen = [
  '',
  ' \n\t',
  '\u00a0\u3000',
  '\u200b',
  '\u200d',
  '\u2060\u3164',
  '\u202e',
  '\ufeff',
  '\u2800',
  '\u0000',
  '\ufe0f',
];

test.each(unseen)('a reason, a question or an answer of %j is missing, wherever it is typed', async (typed) => {
  const request = await chat.imported(list);
  const rejected = await chat.type(ben, 'approval.reject', request, { reason: typed });
  expect(rejected.words).toContain('A rejection needs a reason');
  expect((await chat.click(ben, 'approval.reject', request, { inputs: { reason: typed } })).words).toContain(
    'A rejection needs a reason',
  );
  expect(await chat.say(ben, `reject a@contoso.test because ${typed}`)).toContain('A rejection needs a reason');
  expect(await chat.say(ben, `reject all because ${typed}`)).toContain('A rejection needs a reason');
  expect((await chat.type(ben, 'approval.ask', request, { question: typed })).words).toContain(
    'The question is missing',
  );
  expect(await chat.say(ben, `ask a@contoso.test ${typed}`)).toContain('The question is missing');
  await chat.say(ben, 'ask a@contoso.test Why?');
  const asked = await chat.now(request);
  expect((await chat.type(ada, 'approval.answer', asked, { answer: typed })).words).toContain('The answer is missing');
  expect(await chat.states()).toEqual([2, 2, 2]);
  expect((await chat.now(request)).questions).toMatchObject([{ text: 'Why?', answer: null }]);
});

test.each(['?', 'x', '\u05d0', '\u4e2d', '\u{1f44e}', '\u{1f468}\u200d\u{1f469}', '1'])('%j is to be seen', (text) => {
  expect(hasVisibleText(text)).toBe(true);
});

test('a reason, a question or an answer of a hundred thousand characters is refused at once, and kept nowhere', async () => {
  const request = await chat.imported(list);
  const long = 'x'.repeat(100_000);
  expect(await chat.say(ben, `reject a@contoso.test because ${long}`)).toContain('at most 500 characters');
  expect(await chat.say(ben, `reject all because ${long}`)).toContain('at most 500 characters');
  expect(await chat.say(ben, `ask a@contoso.test ${long}`)).toContain('at most 500 characters');
  expect((await chat.type(ben, 'approval.reject', request, { reason: long })).words).toContain(
    'at most 500 characters',
  );
  expect((await chat.type(ben, 'approval.ask', request, { question: long })).words).toContain('at most 500 characters');
  await chat.say(ben, 'ask a@contoso.test Why?');
  const asked = await chat.now(request);
  expect((await chat.type(ada, 'approval.answer', asked, { answer: long })).words).toContain('at most 500 characters');
  expect(await stage.services.store.query('bulkAction', { limit: 1 })).toEqual([]);
  expect(await chat.states()).toEqual([2, 2, 2]);
});

test('an address that holds the word “because” is an address, and the reason begins after the word', async () => {
  await chat.imported(list);
  await chat.say(ben, 'reject a@contoso.test x-because-y@contoso.test because because@contoso.test has it');
  expect(await chat.states()).toEqual([approvalStatus.rejected, approvalStatus.pending, approvalStatus.rejected]);
  await chat.say(ben, 'reject because@contoso.test Because\nno');
  expect(
    (await chat.trail('approval.rejected')).map(({ subjects, details }) => [subjects[0], details['reason']]),
  ).toEqual([
    ['a@contoso.test', 'because@contoso.test has it'],
    ['x-because-y@contoso.test', 'because@contoso.test has it'],
    ['because@contoso.test', 'no'],
  ]);
});
