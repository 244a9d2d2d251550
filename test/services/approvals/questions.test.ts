import { beforeEach, describe, expect, it } from 'vitest';
import { answerQuestion, askAboutMailbox, askAboutRequest } from '../../../services/approvals/ask-requester.ts';
import { decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { withdrawRequest } from '../../../services/approvals/withdraw-request.ts';
import type { Actor } from '../../../services/model/access.ts';
import type { ApproverSet } from '../../../services/model/approver-set.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  pete,
  pia,
  refusal,
  stranger,
  type MailroomStage,
} from '../../support/mailroom-stage.ts';

const [one = '', two = ''] = addresses(2);
let stage: MailroomStage;
let request: ApprovalRequest;

beforeEach(async () => {
  stage = await approvalStage();
  request = await requestFor(stage, [one, two]);
  await stage.sendAll();
});

const ask = (text: string, actor: Actor = pia, of = request) =>
  askAboutRequest(stage, env, actor, of.id, of.revision, text);
const answer = (of: ApprovalRequest, text: string, actor: Actor = ada) =>
  answerQuestion(stage, env, actor, of.id, of.revision, text);

describe('a question to whoever asked', () => {
  it('goes to their chat and onto the card of the request, and is written down, in one commit', async () => {
    let commits = 0;
    stage.store.onCommit(() => (commits += 1));
    const { request: asked, stale } = await ask('  Who owns them?  ');
    expect(commits).toBe(1);
    expect(stale).toBe(false);
    expect(asked.questions).toEqual([
      { address: null, by: 'Pia Approver', at: stage.clock.now(), text: 'Who owns them?', answer: null },
    ]);
    expect(asked.revision).toBe(request.revision + 1);
    expect(await stage.wishes()).toEqual(['approvers approval', `${adaChat} approval-question`]);
    expect((await stage.all('intent')).find(({ kind }) => kind === 'approval-question')?.placement).toBe('repost');
    expect(await stage.audit('approval.question')).toMatchObject([
      { actorId: 'pia', subjects: [request.id], details: { text: 'Who owns them?' } },
    ]);
  });

  it('is asked by those who decide, not by an approver of another set', async () => {
    await giveRoles(stage, pete, ['approver']);
    const set = { id: 's', name: 'Users', profileId: null, mailboxType: 'user', members: ['pete'], secondSetId: null };
    await stage.settings({ approverSets: [set as ApproverSet] });
    const three = 'three@contoso.test';
    const ofSet = await requestFor(stage, [three]);
    await expect(ask('Why?', pia, ofSet)).rejects.toMatchObject({ code: 'approval.other-set' });
    await expect(askAboutMailbox(stage, env, pia, three, 'Why?')).rejects.toMatchObject({ code: 'approval.other-set' });
    expect((await ask('Why?', pete, ofSet)).request.questions).toHaveLength(1);
  });

  it('is answered once, and the answer changes both cards', async () => {
    const { request: asked } = await ask('Why?');
    await stage.sendAll();
    const { request: answered } = await answer(asked, 'New team.');
    expect(answered.questions).toMatchObject([{ text: 'Why?', answer: { by: 'Ada Admin', text: 'New team.' } }]);
    expect(await stage.wishes('approval')).toEqual(['approvers approval']);
    expect(await answer(asked, 'Another answer')).toMatchObject({ stale: true, request: answered });
    expect(await stage.audit('approval.answered')).toHaveLength(1);
  });

  it('about one mailbox names it', async () => {
    const asked = await askAboutMailbox(stage, env, pia, one.toUpperCase(), 'Still used?');
    expect(asked.questions).toMatchObject([{ address: one, text: 'Still used?' }]);
    expect(await stage.audit('approval.question')).toMatchObject([{ subjects: [one] }]);
    expect(await refusal(askAboutMailbox(stage, env, pia, 'nobody@x.test', 'Why?'))).toBe('mailbox.unknown');
  });

  it('can have several rounds, one at a time and at most ten', async () => {
    let now = request;
    for (let round = 0; round < 10; round += 1) {
      now = (await ask(`Question ${round}`, pia, now)).request;
      expect(await refusal(ask('At the same time', pete, now))).toBe('approval.question-open');
      now = (await answer(now, `Answer ${round}`)).request;
    }
    expect(now.questions).toHaveLength(10);
    expect(await refusal(ask('One more', pia, now))).toBe('approval.question-limit');
  });

  it('is refused where it is empty, too long, or asked of oneself', async () => {
    await giveRoles(stage, ada, ['admin', 'approver']);
    expect(await refusal(ask('   '))).toBe('approval.question-missing');
    expect(await refusal(ask('x'.repeat(501)))).toBe('approval.question-too-long');
    expect(await refusal(ask('Why?', ada))).toBe('approval.question-own');
    for (const actor of [abe, stranger]) expect(await refusal(ask('Why?', actor))).toBe('access.denied');
    expect((await ask('x'.repeat(500))).stale).toBe(false);
  });
});

describe('an answer', () => {
  it('is given by whoever asked for the approval, or by an admin, and by nobody else', async () => {
    const { request: asked } = await ask('Why?');
    for (const actor of [pia, pete, stranger]) expect(await refusal(answer(asked, 'So.', actor))).toBe('access.denied');
    expect(await refusal(answer(asked, '  '))).toBe('approval.answer-missing');
    expect(await refusal(answer(asked, 'x'.repeat(501)))).toBe('approval.answer-too-long');
    expect((await answer(asked, 'So.', abe)).request.questions.at(-1)?.answer?.by).toBe('Abe Admin');
  });

  it('is not taken from whoever asked once their roles are gone', async () => {
    const { request: asked } = await ask('Why?');
    await giveRoles(stage, ada, []);
    expect(await refusal(answer(asked, 'So.'))).toBe('access.denied');
  });

  it('makes a decision by a card without it stale: the approver reads it first', async () => {
    const { request: asked } = await ask('Why?');
    const { request: answered } = await answer(asked, 'So.');
    const decide = (revision: number) =>
      decideRequest(stage, env, pete, request.id, revision, 'all', { verdict: 'approved', reason: null });
    expect((await decide(asked.revision)).stale).toBe(true);
    expect((await decide(answered.revision)).request.approved).toBe(2);
  });
});

it.each(['decided', 'withdrawn'])('nothing is asked or answered once the request is %s', async (how) => {
  const { request: asked } = await ask('Why?');
  const over =
    how === 'withdrawn'
      ? await withdrawRequest(stage, env, ada, asked.id, asked.revision)
      : await decideRequest(stage, env, pia, asked.id, asked.revision, 'all', { verdict: 'approved', reason: null });
  expect(over.stale).toBe(false);
  for (const of of [asked, over.request]) {
    expect((await answer(of, 'So.')).stale).toBe(true);
    expect((await ask('Why?', pete, of)).stale).toBe(true);
  }
  expect(await refusal(askAboutMailbox(stage, env, pia, one, 'Why?'))).toBe('approval.not-waiting');
  expect((await stage.get('approvalRequest', request.id)).questions).toEqual(asked.questions);
});
