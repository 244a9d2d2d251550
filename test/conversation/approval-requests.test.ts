import type { Activity, TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import type { Verb } from '../../cards/verbs.ts';
import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import type { Role } from '../../services/model/access.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import type { IntentKind } from '../../services/model/intent.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ofType, textOf, verbsOf } from '../cards/card-client.ts';
import { addresses } from '../support/mailroom-stage.ts';
import { ada, ben, cleo, eve, openStage, tenantId, type Person, type Stage } from './stage.ts';

let stage: Stage;
const three = addresses(3);
const [one = '', two = ''] = three;

beforeEach(async () => {
  stage = await openStage();
  await hold(ben, 'approver');
  await hold(cleo, 'approver');
  for (const person of [ada, ben, cleo]) await say(person, 'help');
});
afterEach(() => stage.dispose());

async function hold(person: Person, ...roles: Role[]): Promise<void> {
  const { environmentId } = stage;
  const { aadObjectId, name } = person;
  const value = { environmentId, aadObjectId, roles, name, grantedBy: 'configuration', grantedAt: 0 };
  const key = keyOf(environmentId, aadObjectId);
  await stage.services.store.commit([{ kind: 'put', collection: 'role', key, value }]);
}

async function send(adapter: TestAdapter, activity: Partial<Activity>): Promise<string> {
  adapter.activeQueue.length = 0;
  await adapter.send(activity).startTest();
  return adapter.activeQueue
    .flatMap(({ text, attachments = [], value }) => {
      const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
      return [text, body, ...attachments.map(({ content }) => content as unknown)];
    })
    .map((answer) => (typeof answer === 'string' ? answer : textOf(answer)))
    .join('\n')
    .replaceAll('\\', '');
}

const say = (person: Person, text: string): Promise<string> => send(stage.talk(person), { type: 'message', text });

function click(person: Person, verb: Verb, of: Pick<ApprovalRequest, 'id' | 'revision'>, inputs: object = {}) {
  const action = { type: 'Action.Execute', verb, data: { ...inputs, id: of.id, revision: of.revision } };
  const value = { action, trigger: 'manual' };
  return send(stage.talk(person), { type: 'invoke', name: 'adaptiveCard/action', value });
}

/** What Ada imports waits for approval. */
async function imported(list: readonly string[] = three): Promise<ApprovalRequest> {
  const { services, environmentId } = stage;
  const actor = { tenantId, aadObjectId: ada.aadObjectId, name: ada.name };
  const { id } = await planImport(services, environmentId, actor, `a:${ada.id}`, list.join('\n'));
  await confirmImport(services, environmentId, actor, id, false);
  return latest();
}

async function latest(): Promise<ApprovalRequest> {
  const found = await stage.services.store.query('approvalRequest', { limit: 10 });
  const request = found.map(({ value }) => value).sort((a, b) => b.requestedAt - a.requestedAt)[0];
  if (request === undefined) throw new Error('no request');
  return request;
}

const states = async (): Promise<number[]> =>
  (await stage.services.store.query('mailbox', { limit: 100 })).map(({ value }) => value.approval);

async function trail(kind: AuditEntry['kind']): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for await (const entry of stage.services.store.readLog('audit')) if (entry.kind === kind) found.push(entry);
  return found;
}

/** What the outbox posts to a person. */
async function posted(person: Person, kind: IntentKind): Promise<object> {
  const conversationId = `a:${person.id}`;
  const [wish] = await stage.services.store.query('intent', { where: { kind, conversationId }, limit: 1 });
  const reference = await stage.services.store.get('conversation', keyOf(stage.environmentId, conversationId));
  if (wish === undefined || reference === undefined) throw new Error(`no ${kind} for ${person.name}`);
  const rendered = await renderIntent(stage.services, wish.value, reference.value);
  if (rendered === 'gone') throw new Error('gone');
  return rendered.card;
}

describe('four eyes', () => {
  test('who asked decides neither by a card nor by a command, and reads who can', async () => {
    await hold(ada, 'admin', 'approver');
    const request = await imported();
    expect(verbsOf(await posted(ada, 'approval'))).toEqual(['approval.withdraw']);
    expect(textOf(await posted(ada, 'approval'))).toContain('Ben Brandt, Cleo Clark decide');
    for (const answer of [
      await click(ada, 'approval.approve-all', request),
      await click(ada, 'approval.approve-selected', request, { selected: one }),
      await click(ada, 'approval.reject-all', request, { reason: 'Not ours' }),
      await say(ada, `approve ${one}`),
      await say(ada, `reject ${one} because not ours`),
      await say(ada, 'approve all'),
    ])
      expect(answer).toContain('whoever asks does not decide. These can decide: Ben Brandt, Cleo Clark.');
    expect(await states()).toEqual([2, 2, 2]);
    expect(await click(ben, 'approval.approve-all', request)).toContain('3 mailboxes approved by Ben Brandt');
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
    expect(await click(ada, 'approval.approve-all', request)).toContain('✓ Approved');
  });
});

describe('ask ADDRESS QUESTION', () => {
  test('the question comes to the chat of whoever asked, the answer to the card of the request', async () => {
    await imported([one]);
    expect(await say(ben, `ask ${one} Is *this* still used?`)).toContain('Ada Admin has your question.');
    const question = await posted(ada, 'approval-question');
    expect(textOf(question)).toContain(`About ${one}: Is \\*this\\* still used?`);
    expect(ofType(question, 'Input.Text')).toMatchObject([{ id: 'answer', isRequired: true }]);
    expect(await click(ada, 'approval.answer', await latest(), { answer: 'Yes, by Sales' })).toContain('✓ Answered');
    const card = textOf(await posted(ben, 'approval'));
    expect(card).toContain('Is \\*this\\* still used?');
    expect(card).toContain('Yes, by Sales');
  });

  test('by the button on the card; a stale one asks nothing and shows the request as it is', async () => {
    const request = await imported();
    expect(await click(ben, 'approval.ask', request, { question: 'Who pays?' })).toContain('Who pays?');
    const stale = await click(cleo, 'approval.ask', request, { question: 'From before?' });
    expect(stale).toContain('Who pays?');
    expect(stale).not.toContain('From before?');
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
  const clicks = Array.from({ length: 50 }, (_, index) => {
    if (index % 10 === 7) return click(ben, 'approval.approve-all', { ...request, id: 'FORGED' });
    if (index % 10 === 8) return click(eve, 'approval.approve-all', request);
    if (index % 10 === 9) return click(ben, 'approval.approve-all', { ...request, revision: 99 });
    return click(index % 2 === 0 ? ben : cleo, 'approval.approve-all', request);
  });
  const answers = await Promise.all(clicks);
  const decision = await trail('approval.approved');
  expect(decision).toHaveLength(1);
  expect(decision[0]?.subjects).toEqual(three);
  expect(await states()).toEqual([1, 1, 1]);
  for (const [index, answer] of answers.entries()) {
    if (index % 10 === 7) expect(answer).toContain('This request does not exist any more');
    else if (index % 10 === 8) expect(answer).toContain('approver');
    else if (index % 10 !== 9) expect(answer).toContain('3 mailboxes approved by');
  }
  // The same activity again, and a click of somebody who was an approver when the card was drawn.
  await hold(ben);
  expect(await click(ben, 'approval.reject-all', await latest(), { reason: 'Late' })).not.toContain('rejected by Ben');
  expect(await click(cleo, 'approval.reject-all', request, { reason: 'Late' })).toContain('approved by');
  expect(await trail('approval.rejected')).toEqual([]);
});
