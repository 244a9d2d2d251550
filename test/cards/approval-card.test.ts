import { describe, expect, it } from 'vitest';
import { approvalCard } from '../../cards/approval-card.ts';
import { ofType, textOf, verbsOf } from './card-client.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { admin, everybody, mailbox, normal, now, proposal, request, viewer } from './card-fixtures.ts';

const page = (count: number, number = 0) => ({
  rows: Array.from({ length: count }, (_, index) => mailbox(normal, index)),
  page: number,
  profileNames: { p1: normal.profile },
});

describe('the card of an approval request', () => {
  it('asks about one mailbox by its address', () => {
    const { card, summary } = approvalCard(request(normal, 1), page(1), everybody);
    expect(summary).toBe('Alex Wilber asks for the approval of user1@contoso.com.');
    expect(verbsOf(card)).toEqual(['approval.approve-all', 'approval.reject-all']);
  });

  it.each([1, 4])('asks nothing of a reader who does not decide, and says who does (%i)', (count) => {
    const shown = { ...page(count), deciders: ['Ben Brandt', 'Pia *P*'] };
    const { card } = approvalCard(request(normal, count), shown, viewer);
    expect(verbsOf(card)).toEqual([]);
    expect(ofType(card, 'Input.ChoiceSet')).toEqual([]);
    const text = textOf(card);
    expect(text).toContain(String.raw`Nothing for you to do: Ben Brandt, Pia \*P\* decide.`);
    expect(text).toContain('user1@contoso.com');
    expect(text).not.toMatch(/Approve (all|lets|[\d]|user)/);
    expect(textOf(approvalCard(request(normal, count), page(count), viewer).card)).toContain('an approver decides');
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
    const { card } = approvalCard(request(normal, 23), page(10), viewer);
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
    const { card, summary } = settingsProposalCard(proposal(normal, 'waiting'), admin);
    expect(verbsOf(card)).toEqual(['proposal.agree', 'proposal.refuse']);
    expect(textOf(card)).toContain('without anybody having approved them');
    expect(summary).toContain('Alex Wilber wants to switch off the approval of queue mailboxes.');
    expect(verbsOf(settingsProposalCard(proposal(normal, 'waiting'), viewer).card)).toEqual([]);
  });

  it('tells everybody when one person did it alone', () => {
    const { card, summary } = settingsProposalCard(proposal(normal, 'alone'), everybody);
    expect(verbsOf(card)).toEqual([]);
    expect(summary).toContain('without a second person');
  });
});
