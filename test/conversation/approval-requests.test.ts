import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import type { Role } from '../../services/model/access.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import type { IntentKind } from '../../services/model/intent.ts';
import { textOf, verbsOf } from '../cards/card-client.ts';
import { addresses } from '../support/mailroom-stage.ts';
import { ApprovalChat } from './approval-chat.ts';
import { ada, ben, cleo, eve, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
let chat: ApprovalChat;
const three = addresses(3);
const [one = '', two = ''] = three;

beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  await hold(ben, 'approver');
  await hold(cleo, 'approver');
  for (const person of [ada, ben, cleo]) await say(person, 'help');
});
afterEach(() => stage.dispose());

const say = (person: Person, text: string): Promise<string> => chat.say(person, text);
const hold = (person: Person, ...roles: Role[]): Promise<void> => chat.hold(person, ...roles);
const imported = (list: readonly string[] = three): Promise<ApprovalRequest> => chat.imported(list);
const states = (): Promise<number[]> => chat.states();
const trail = (kind: AuditEntry['kind']): Promise<AuditEntry[]> => chat.trail(kind);
const posted = (person: Person, kind: IntentKind): Promise<object> => chat.posted(person, kind);

async function click(
  person: Person,
  verb: Verb,
  of: Pick<ApprovalRequest, 'id' | 'revision'>,
  inputs: object = {},
): Promise<string> {
  return (await chat.click(person, verb, of, { where: 'personal', inputs })).words;
}

async function latest(): Promise<ApprovalRequest> {
  const found = await stage.services.store.query('approvalRequest', { limit: 10 });
  const request = found.map(({ value }) => value).sort((a, b) => b.requestedAt - a.requestedAt)[0];
  if (request === undefined) throw new Error('no request');
  return request;
}

describe('four eyes', () => {
  test('who asked decides neither by a card nor by a command, and reads who can', async () => {
    await hold(ada, 'admin', 'approver');
    const request = await imported();
    expect(verbsOf(await posted(ada, 'approval'))).toEqual(['approval.withdraw']);
    expect(textOf(await posted(ada, 'approval'))).toContain('Ben Brandt, Cleo Clark decide');
    for (const answer of [
      await click(ada, 'approval.approve-all', request),
      await click(ada, 'approval.confirm-all', request),
      await click(ada, 'approval.reject', request, { reason: 'Not ours' }),
      (await chat.open(ada, 'approval.reject-dialog', request)).words,
      (await chat.type(ada, 'approval.reject', request, { reason: 'Not ours' })).words,
      await say(ada, `approve ${one}`),
      await say(ada, `reject ${one} because not ours`),
      await say(ada, 'approve all'),
    ])
      expect(answer).toContain('whoever asks does not decide. These can decide: Ben Brandt, Cleo Clark.');
    expect(await states()).toEqual([2, 2, 2]);
    expect(await click(ben, 'approval.approve-all', request)).toContain('Approve all 3 mailboxes?');
    expect(await states()).toEqual([2, 2, 2]);
    expect(await click(ben, 'approval.confirm-all', request)).toContain('3 mailboxes approved by Ben Brandt');
  });

  test('the only approver is told at the import what to do, and is never locked out for good', async () => {
    await hold(ada, 'admin', 'approver');
    for (const person of [ben, cleo]) await hold(person);
    const request = await imported();
    const card = await posted(ada, 'import');
    expect(textOf(card)).toContain('Nobody but you can approve mailboxes, and four-eyes is on');
    expect(textOf(card)).toContain('switch four-eyes off instead');
    expect(textOf(await posted(ada, 'approval'))).toContain('is the only approver, and four-eyes is on');
    expect(await say(ada, `approve ${one}`)).toContain('Nobody else can approve yet');
    const environment = await stage.services.store.get('environment', stage.environmentId);
    const page = { id: 'approval', revision: environment?.value.revision ?? 0 };
    expect(await click(ada, 'settings.save', page, { fourEyes: 'false' })).toContain(
      'There is no other admin or approver to ask',
    );
    const [draft] = await stage.services.store.query('settingsDraft', { limit: 1 });
    if (draft === undefined) throw new Error('no draft');
    await click(ada, 'settings.confirm', draft.value);
    expect(textOf(await posted(ada, 'settings-proposal'))).toContain('⚠ Switched off by one person');
    expect(await click(ada, 'approval.confirm-all', request)).toContain('✓ Approved');
  });
});

describe('ask ADDRESS QUESTION', () => {
  test('the question comes to the chat of whoever asked, the answer to the card of the request', async () => {
    await imported([one]);
    expect(await say(ben, `ask ${one} Is *this* still used?`)).toContain('Ada Admin has your question.');
    const question = await posted(ada, 'approval-question');
    expect(textOf(question)).toContain(`About ${one}: Is \\*this\\* still used?`);
    expect(verbsOf(question)).toEqual(['approval.answer-dialog', 'approval.show']);
    const dialog = await chat.open(ada, 'approval.answer-dialog', await latest(), {}, 'personal');
    expect(dialog.words).toContain('Answer Ben Brandt');
    expect(dialog.words).toContain('Is *this* still used?');
    const answered = await chat.type(ada, 'approval.answer', await latest(), { answer: 'Yes, by Sales' }, 'personal');
    expect(answered.words).toBe('Your answer stands on the request’s card.');
    expect(textOf(await posted(ada, 'approval-question'))).toContain('✓ Answered');
    const card = textOf(await posted(ben, 'approval'));
    expect(card).toContain('Is \\*this\\* still used?');
    expect(card).toContain('Yes, by Sales');
  });

  test('by the button on the card; a stale one asks nothing and shows the request as it is', async () => {
    const request = await imported();
    expect((await chat.open(ben, 'approval.ask-dialog', request)).words).toContain('Ask Ada Admin');
    const asked = await chat.type(ben, 'approval.ask', request, { question: 'Who pays?' });
    expect(asked.words).toBe('Ada Admin has your question.');
    const stale = await chat.type(cleo, 'approval.ask', request, { question: 'From before?' });
    expect(stale.words).toContain('This has changed meanwhile');
    expect(stale.words).toContain('Who pays?');
    expect(stale.words).toContain('From before?');
    expect(verbsOf(stale.card)).toEqual([]);
    expect(await say(cleo, `ask ${one} At the same time?`)).toContain('Another question of this request has no answer');
    expect(await trail('approval.question')).toHaveLength(1);
  });

  test('says what is missing', async () => {
    await imported();
    expect(await say(ben, 'ask')).toContain('ask ADDRESS QUESTION');
    expect(await say(ben, `ask ${one}`)).toContain('The question is missing');
    expect(await say(ben, 'ask nobody@x.test why')).toContain('nobody@x.test');
    expect(await say(ada, `ask ${one} why`)).toContain('approver');
    expect((await latest()).questions).toEqual([]);
  });
});

describe('withdraw ADDRESS…|FILTER', () => {
  test('named ones at once, a filter after a question with its number', async () => {
    const request = await imported();
    expect(await say(ada, `withdraw ${one}`)).toContain(`Nobody is asked about ${one} any more.`);
    expect(await say(ada, `withdraw ${one}`)).toContain('was not pending');
    expect(await say(ada, 'withdraw all')).toContain('Withdraw the request for 2 mailboxes?');
    expect(await states()).toEqual([0, 2, 2]);
    const [action] = await stage.services.store.query('bulkAction', { limit: 1 });
    if (action === undefined) throw new Error('no question');
    expect(await click(ada, 'bulk.confirm', action.value)).toContain('The request for 2 mailboxes is withdrawn.');
    expect(await states()).toEqual([0, 0, 0]);
    expect(await click(ben, 'approval.approve-all', request)).toContain('Approval is not asked for any more');
    expect(await say(ben, `withdraw ${two}`)).toContain('admin');
  });

  test('by the button: each card of before shows that nobody is asked any more', async () => {
    const request = await imported();
    await click(ben, 'approval.ask', request, { question: 'Who pays?' });
    const asked = await latest();
    expect(await click(ada, 'approval.withdraw', asked)).toContain('the request was taken back');
    expect(verbsOf(await posted(ada, 'approval-question'))).toEqual([]);
    for (const of of [request, asked, await latest()]) {
      expect(await click(ben, 'approval.approve-all', of)).toContain('– Withdrawn');
      expect(await click(ada, 'approval.answer', of, { answer: 'Late' })).toContain('– Over');
    }
    expect(await states()).toEqual([0, 0, 0]);
    expect((await latest()).questions).toMatchObject([{ answer: null }]);
  });
});

test('fifty clicks of two approvers, forged ids, people whose role is gone, and replays: one decision', async () => {
  const request = await imported();
  await hold(eve);
  const clicks = Array.from({ length: 50 }, async (_, index) => {
    const who = index % 2 === 0 ? ben : cleo;
    if (index % 10 === 5) return (await chat.refresh(who, request.id)).words;
    if (index % 10 === 6) return (await chat.open(who, 'approval.reject-dialog', request)).words;
    if (index % 10 === 7) return click(ben, 'approval.confirm-all', { ...request, id: 'FORGED' });
    if (index % 10 === 8) return click(eve, 'approval.confirm-all', request);
    if (index % 10 === 9) return click(ben, 'approval.confirm-all', { ...request, revision: 99 });
    return click(who, 'approval.confirm-all', request);
  });
  const answers = await Promise.all(clicks);
  const decisions = await trail('approval.approved');
  expect(decisions.flatMap(({ subjects }) => subjects)).toEqual(three);
  expect(await states()).toEqual([1, 1, 1]);
  for (const [index, answer] of answers.entries()) {
    if (index % 10 === 7) expect(answer).toContain('This request does not exist any more');
    else if (index % 10 === 8) expect(answer).toContain('approver');
    else if (index % 10 < 5) expect(answer).toContain('3 mailboxes approved by');
    else expect(answer).toMatch(/approved by|wait for approval|Approve 3 mailboxes|Reject 3 mailboxes/);
  }
  // The same activity again, and a click of somebody who was an approver when the card was drawn.
  await hold(ben);
  expect(await click(ben, 'approval.reject', await latest(), { reason: 'Late' })).not.toContain('rejected by Ben');
  expect(await click(cleo, 'approval.reject', request, { reason: 'Late' })).toContain('approved by');
  expect((await chat.type(cleo, 'approval.reject', request, { reason: 'Late' })).words).toContain('approved by');
  expect(await trail('approval.rejected')).toEqual([]);
});
