import { describe, expect, it } from 'vitest';
import { approvalCard } from '../../cards/approval-card.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { ofType, textOf, verbsOf } from './card-client.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { admin, everybody, mailbox, normal, now, proposal, request, viewer as reader } from './card-fixtures.ts';

/** These tests read the sentences. */
const inEnglish = { ...reader, locale: 'en' };

const page = (count: number, number = 0) => ({
  rows: Array.from({ length: count }, (_, index) => mailbox(normal, index)),
  page: number,
  profileNames: { p1: normal.profile },
  deciders: { count: 2, names: [] as string[], holdsBackRequester: false },
});

describe('the card of an approval request', () => {
  it('asks about one mailbox by its address', () => {
    const { card, summary } = approvalCard(request(normal, 1), page(1), everybody);
    expect(summary).toBe('Alex Wilber asks for the approval of user1@contoso.com.');
    expect(verbsOf(card)).toEqual(['approval.approve-all', 'approval.reject-all', 'approval.ask', 'approval.withdraw']);
  });

  it.each([1, 4])('asks nothing of a reader who does not decide, and says who does (%i)', (count) => {
    const deciders = { count: 2, names: ['Ben Brandt', 'Pia *P*'], holdsBackRequester: false };
    const shown = { ...page(count), deciders };
    const { card } = approvalCard(request(normal, count), shown, inEnglish);
    expect(verbsOf(card)).toEqual([]);
    expect(ofType(card, 'Input.ChoiceSet')).toEqual([]);
    const text = textOf(card);
    expect(text).toContain(String.raw`Nothing for you to do: Ben Brandt, Pia \*P\* decide.`);
    expect(text).toContain('user1@contoso.com');
    expect(text).not.toMatch(/Approve (all|lets|[\d]|user)/);
    expect(textOf(approvalCard(request(normal, count), page(count), inEnglish).card)).toContain('an approver decides');
  });

  it('offers the approver who asked no decision, and says who decides', () => {
    const deciders = { count: 1, names: ['Ben Brandt'], holdsBackRequester: true };
    const asked = request(normal, 4);
    const shown = { ...page(4), deciders };
    const own = approvalCard(asked, shown, { ...inEnglish, roles: ['admin', 'approver'], viewerId: asked.requestedBy });
    expect(verbsOf(own.card)).toEqual(['approval.withdraw']);
    expect(textOf(own.card)).toContain('You asked for this yourself, and four-eyes is on: Ben Brandt decides.');
    const other = approvalCard(asked, shown, { ...inEnglish, roles: ['approver'], viewerId: 'ben' });
    expect(verbsOf(other.card)).toContain('approval.approve-all');
  });

  it('says at once that nobody can decide, and what to do', () => {
    const deciders = { count: 0, names: [], holdsBackRequester: true };
    const { card } = approvalCard(request(normal, 1), { ...page(1), deciders }, { ...everybody, locale: 'en' });
    expect(verbsOf(card)).toEqual(['command.run', 'command.run', 'approval.withdraw']);
    expect(textOf(card)).toContain('nobody can decide. An admin types “grant approver @PERSON” in a channel');
  });

  it.each([
    ['expired', { stage: 'expired' as const }],
    ['decided', { pending: 0, approved: 4 }],
    ['taken back', { pending: 0, total: 0, withdrawal: { by: 'Ada', at: now, count: 4 } }],
  ])('decides nothing any more once it is %s', (_, changes) => {
    const verbs = verbsOf(approvalCard(request(normal, 4, changes), page(4), everybody).card);
    const harmless = ['approval.ask-again', 'approval.withdraw', 'command.run'];
    expect(verbs.filter((verb) => !harmless.includes(String(verb)))).toEqual([]);
  });

  it('offers one question at a time', () => {
    const answer = { by: 'Ada', at: now, text: 'Yes.' };
    const question = { address: null, by: 'Ben', at: now, text: 'Is it still used?', answer: null };
    const verbs = (questions: ApprovalRequest['questions']) =>
      verbsOf(approvalCard(request(normal, 4, { questions }), page(4), everybody).card);
    expect(verbs([])).toContain('approval.ask');
    expect(verbs([question])).not.toContain('approval.ask');
    expect(verbs([{ ...question, answer }])).toContain('approval.ask');
    expect(verbs(Array.from({ length: 10 }, () => ({ ...question, answer })))).not.toContain('approval.ask');
  });

  it('lets nobody reject without a reason', () => {
    for (const count of [1, 4]) {
      const [form] = ofType(approvalCard(request(normal, count), page(count), everybody).card, 'Action.ShowCard');
      expect(ofType(form, 'Input.Text')).toMatchObject([{ id: 'reason', isRequired: true, maxLength: 500 }]);
    }
  });

  it('approves all whatever is ticked, and the ticked ones by their ids', () => {
    const { card } = approvalCard(request(normal, 4), page(4), everybody);
    expect(ofType(card, 'Action.Execute')[0]).toMatchObject({ title: 'Approve all 4', associatedInputs: 'none' });
    const [choices] = ofType(card, 'Input.ChoiceSet');
    expect(choices).toMatchObject({
      id: 'selected',
      isMultiSelect: true,
      choices: page(4).rows.map(({ id }) => ({ value: id })),
    });
  });

  it.each([
    [0, ['approval.next']],
    [1, ['approval.previous', 'approval.next']],
    [2, ['approval.previous']],
  ])('turns pages where there are more (page %i)', (number, turning) => {
    const { card } = approvalCard(request(normal, 23), page(number === 2 ? 3 : 10, number), everybody);
    const verbs = verbsOf(card);
    expect(verbs.filter((verb) => ['approval.previous', 'approval.next'].includes(String(verb)))).toEqual(turning);
    expect(verbs.length).toBeLessThanOrEqual(6);
  });

  it('shows a reader without the role what is asked, and no button that decides', () => {
    const { card } = approvalCard(request(normal, 23), page(10), inEnglish);
    expect(verbsOf(card)).toEqual(['approval.next']);
  });

  it('ends without buttons, with who decided, how and why', () => {
    const lastDecision = { by: 'Dana Moss', at: now, verdict: 'rejected', count: 3, reason: 'Wrong *team*' } as const;
    const { card } = approvalCard(request(normal, 0, { total: 3, rejected: 3, lastDecision }), page(0), everybody);
    expect(verbsOf(card)).toEqual([]);
    expect(textOf(card)).toContain('3 mailboxes rejected by Dana Moss');
    expect(textOf(card)).toContain(String.raw`Wrong \*team\*`);
  });
});

describe('the card of a change that weakens a control', () => {
  it('asks a second person, and says what would no longer be checked', () => {
    const { card, summary } = settingsProposalCard(proposal(normal, 'waiting'), {}, admin);
    expect(verbsOf(card)).toEqual(['proposal.agree', 'proposal.refuse']);
    expect(textOf(card)).toContain('without anybody having approved them');
    expect(summary).toContain('Alex Wilber wants to switch off the approval of queue mailboxes.');
    expect(verbsOf(settingsProposalCard(proposal(normal, 'waiting'), {}, inEnglish).card)).toEqual([]);
  });

  it('tells everybody when one person did it alone', () => {
    const { card, summary } = settingsProposalCard(proposal(normal, 'alone'), {}, everybody);
    expect(verbsOf(card)).toEqual([]);
    expect(summary).toContain('without a second person');
  });
});
