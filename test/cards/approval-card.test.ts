import { describe, expect, it } from 'vitest';
import { approvalCard, type ApprovalView } from '../../cards/approval-card.ts';
import { approvalConfirmCard } from '../../cards/approval-confirm-card.ts';
import { nothingTyped, rejectRequestDialog, staleDialog } from '../../cards/approval-dialogs.ts';
import type { CardContext } from '../../cards/card-context.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { Deciders } from '../../services/model/who-decides.ts';
import { nodesOf, ofType, textOf, verbsOf } from './card-client.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { approvalView } from './approval-fixtures.ts';
import { admin, approvalParts, everybody, normal, now, proposal, request, viewer } from './card-fixtures.ts';

/** These tests read the sentences. */
const reader: CardContext = { ...viewer, locale: 'en', viewerId: 'vic' };
const approver: CardContext = { locale: 'en', now, roles: ['approver'], viewerId: 'ben' };
const both: CardContext = { ...admin, locale: 'en', viewerId: 'ann' };

const show = (
  asked: ApprovalRequest,
  context: CardContext,
  deciders: Partial<Deciders> = {},
  changes: Partial<ApprovalView> = {},
) =>
  approvalCard(
    asked,
    { ...approvalView(approvalParts(normal), asked.pending, context, deciders), ...changes },
    context,
  );

const inputsOf = (card: unknown) => nodesOf(card).filter(({ type }) => String(type).startsWith('Input.'));

describe('the card of a request that many share', () => {
  it.each([1, 23])('has no button that decides, no input, and says who decides (%i)', (count) => {
    const { card } = show(request(normal, count), everybody, { count: 2, names: ['Ben Brandt', 'Pia *P*'] });
    expect(verbsOf(card)).toEqual(['approval.view']);
    expect(inputsOf(card)).toEqual([]);
    expect(textOf(card)).toContain(String.raw`Ben Brandt, Pia \*P\*`);
    expect(textOf(card)).not.toMatch(/Approve (all|lets|[\d]|user)/);
  });

  it('names the mailbox, or their number by profile and type, and no other addresses', () => {
    expect(textOf(show(request(normal, 1), everybody).card)).toContain('user1@contoso.com waits for approval');
    const many = textOf(show(request(normal, 23), everybody).card);
    expect(many).toContain('23 mailboxes wait for approval');
    expect(many).toMatch(/user mailboxes\n.*queue mailboxes/);
    expect(many).not.toContain('user1@');
  });

  it('is fetched anew by those who decide, by an id alone', () => {
    const { card } = show(request(normal, 23), everybody);
    const { id } = request(normal, 23);
    const verb = 'approval.refresh';
    expect(card.refresh).toEqual({
      action: { type: 'Action.Execute', verb, data: { verb, id } },
      userIds: ['29:ben', '29:cleo'],
    });
  });

  it('says how to fetch a view by hand, where Teams does it for nobody', () => {
    const { card } = show(request(normal, 23), everybody, {}, { readers: { userIds: [], isTooMany: true } });
    expect(card.refresh?.userIds).toEqual([]);
    expect(textOf(card)).toContain('… > Refresh card');
    expect(verbsOf(card)).toEqual(['approval.view']);
  });

  it.each([
    ['waits', {}],
    ['has expired', { stage: 'expired' }],
    ['is decided', { pending: 0, rejected: 4 }],
    ['was taken back', { pending: 0, total: 0 }],
  ] as const)('says nothing in the own chat of somebody whose roles are gone: it %s', (_state, changes) => {
    const { card } = show(
      { ...request(normal, 4), ...changes },
      { ...everybody, viewerId: 'eve' },
      {},
      { decides: true },
    );
    expect(textOf(card)).toBe(textOf(show(request(normal, 1), { ...everybody, viewerId: 'eve' }).card));
    expect(verbsOf(card)).toEqual([]);
    expect(card.refresh).toBeUndefined();
  });

  it.each([
    ['decided', { pending: 0, approved: 4 }, []],
    ['taken back', { pending: 0, total: 0, withdrawal: { by: 'Ada', at: now, count: 4 } }, []],
    ['expired', { stage: 'expired' as const }, ['approval.view']],
  ])('is over once it is %s', (_, changes, verbs) => {
    const ended = request(normal, 4, changes);
    const { card } = show(ended, everybody);
    expect(verbsOf(card)).toEqual(verbs);
    expect(card.refresh === undefined).toBe(ended.pending === 0);
  });
});

describe('the view of whoever decides', () => {
  it('asks about one mailbox by its address', () => {
    const { card, summary } = show(request(normal, 1), both);
    expect(summary).toBe('Alex Wilber asks for the approval of user1@contoso.com.');
    expect(verbsOf(card)).toEqual([
      'approval.approve-all',
      'approval.reject-dialog',
      'approval.ask-dialog',
      'approval.withdraw',
    ]);
  });

  it('offers all, some, none, and a question, about many', () => {
    const { card } = show(request(normal, 23), both);
    expect(verbsOf(card)).toEqual([
      'approval.approve-all',
      'approval.choose',
      'approval.reject-dialog',
      'approval.ask-dialog',
    ]);
    expect(ofType(card, 'Action.Execute')[0]).toMatchObject({ title: 'Approve all 23', style: 'positive' });
    expect(textOf(card)).toContain('user1@contoso.com');
  });

  it('has nothing to type or to tick on it: an edit would take it away', () => {
    for (const count of [1, 23]) expect(inputsOf(show(request(normal, count), both).card)).toEqual([]);
  });

  it('offers one question at a time', () => {
    const answer = { by: 'Ada', at: now, text: 'Yes.' };
    const question = { address: null, by: 'Ben', at: now, text: 'Is it still used?', answer: null };
    const verbs = (questions: ApprovalRequest['questions']) =>
      verbsOf(show(request(normal, 4, { questions }), both).card);
    expect(verbs([])).toContain('approval.ask-dialog');
    expect(verbs([question])).not.toContain('approval.ask-dialog');
    expect(verbs([{ ...question, answer }])).toContain('approval.ask-dialog');
    expect(verbs(Array.from({ length: 10 }, () => ({ ...question, answer })))).not.toContain('approval.ask-dialog');
  });

  it('asks once more before all are approved, with the numbers and the very revision', () => {
    const asked = request(normal, 23);
    const { card } = approvalConfirmCard(asked, approvalView(approvalParts(normal), 23, approver), approver);
    expect(verbsOf(card)).toEqual(['approval.confirm-all', 'approval.view']);
    expect(ofType(card, 'Action.Execute')[0]).toMatchObject({ data: { id: asked.id, revision: asked.revision } });
    expect(textOf(card)).toMatch(
      /Approve all 23 mailboxes\?[^]*user mailboxes[^]*Among them: user1@contoso\.com.* and 18 more/,
    );
  });
});

describe('the view of others', () => {
  it.each([1, 4])('asks nothing of a reader who does not decide, and says who does (%i)', (count) => {
    const { card } = show(request(normal, count), reader, { count: 2, names: ['Ben Brandt', 'Pia *P*'] });
    expect(verbsOf(card)).toEqual([]);
    expect(textOf(card)).toContain(String.raw`Nothing for you to do: Ben Brandt, Pia \*P\* decide.`);
    expect(textOf(show(request(normal, count), reader, { count: 2, names: [] }).card)).toContain('an approver decides');
  });

  it('offers an approver of another set no decision', () => {
    const { card } = show(request(normal, 4), approver, { names: ['Cleo Clark'] }, { decides: false });
    expect(verbsOf(card)).toEqual([]);
    expect(textOf(card)).toContain('Nothing for you to do: Cleo Clark decides.');
  });

  it('offers the approver who asked no decision, and says who decides', () => {
    const asked = request(normal, 4);
    const own = { ...both, viewerId: asked.requestedBy };
    const { card } = show(asked, own, { names: ['Ben Brandt'], holdsBackRequester: true }, { decides: false });
    expect(verbsOf(card)).toEqual(['approval.withdraw']);
    expect(textOf(card)).toContain('You asked for this yourself, and four-eyes is on: Ben Brandt decides.');
  });

  it('says at once that nobody can decide, and what to do', () => {
    const { card } = show(request(normal, 1), both, { count: 0, names: [], holdsBackRequester: true });
    expect(verbsOf(card)).toEqual(['command.run', 'command.run', 'approval.withdraw']);
    expect(textOf(card)).toContain('nobody can decide. An admin types “grant approver @PERSON” in a channel');
  });
});

describe('the end of a request', () => {
  it.each([
    ['expired', { stage: 'expired' as const }, ['approval.ask-again', 'approval.withdraw']],
    ['decided', { pending: 0, approved: 4 }, []],
    ['taken back', { pending: 0, total: 0, withdrawal: { by: 'Ada', at: now, count: 4 } }, []],
  ])('decides nothing any more once it is %s', (_, changes, verbs) => {
    expect(verbsOf(show(request(normal, 4, changes), both).card)).toEqual(verbs);
  });

  it('ends without buttons, with who decided, how and why', () => {
    const lastDecision = { by: 'Dana Moss', at: now, verdict: 'rejected', count: 3, reason: 'Wrong *team*' } as const;
    const { card } = show(request(normal, 0, { total: 3, rejected: 3, lastDecision }), everybody);
    expect(verbsOf(card)).toEqual([]);
    expect(textOf(card)).toContain('3 mailboxes rejected by Dana Moss');
    expect(textOf(card)).toContain(String.raw`Wrong \*team\*`);
  });
});

describe('the reasons of rejections', () => {
  const lastDecision = { by: 'Dana Moss', at: now, verdict: 'rejected', count: 1, reason: 'Left' } as const;
  const left = { by: 'Dana Moss', reason: 'Left', count: 1 };
  const others = { by: 'Kim', reason: 'Not *ours*', count: 2 };
  const shown = (last: ApprovalRequest['lastDecision'], rejections: (typeof left)[]) => {
    const asked = request(normal, 0, { total: 3, approved: 2, rejected: 1, lastDecision: last });
    const { pending } = approvalView(approvalParts(normal), 0, approver);
    return textOf(show(asked, everybody, {}, { pending: { ...pending, rejections } }).card);
  };

  it('stand on the card whatever the last decision was, and once', () => {
    expect(shown({ ...lastDecision, verdict: 'approved', reason: null }, [left])).toContain('Dana Moss: Left');
    expect(shown(lastDecision, [left])).not.toContain('Dana Moss: Left');
    const both = shown(lastDecision, [others, left]);
    expect(both).toContain(String.raw`2 rejected`);
    expect(both).toContain(String.raw`Kim: Not \*ours\*`);
    expect(both).toContain('Dana Moss: Left');
  });
});

describe('a dialog', () => {
  it('lets nobody reject without a reason, and keeps what was typed', () => {
    const about = { pending: approvalView(approvalParts(normal), 4, approver).pending, profileNames: {} };
    const asked = request(normal, 4);
    const { card, title } = rejectRequestDialog(asked, about, { text: 'My reason', problem: 'Too long' }, approver);
    expect(title).toBe('Request for approval');
    expect(textOf(card)).toContain('Reject 4 mailboxes?');
    expect(ofType(card, 'Input.Text')).toMatchObject([
      { id: 'reason', isRequired: true, maxLength: 500, value: 'My reason' },
    ]);
    expect(textOf(card)).toContain('✗ Too long');
    expect(verbsOf(card)).toEqual(['approval.reject']);
    const fresh = rejectRequestDialog(asked, about, nothingTyped, approver).card;
    expect(ofType(fresh, 'Input.Text')[0]).not.toHaveProperty('value');
  });

  it('that comes too late says who decided and what was typed, and sends nothing off', () => {
    const lastDecision = { by: 'Dana Moss', at: now, verdict: 'approved', count: 3, reason: null } as const;
    const { card } = staleDialog(request(normal, 0, { total: 3, approved: 3, lastDecision }), 'Not *ours*', approver);
    expect(verbsOf(card)).toEqual([]);
    expect(inputsOf(card)).toEqual([]);
    expect(textOf(card)).toContain('3 mailboxes approved by Dana Moss');
    expect(textOf(card)).toContain(String.raw`Not \*ours\*`);
  });
});

describe('the card of a change that weakens a control', () => {
  it('asks a second person, and says what would no longer be checked', () => {
    const { card, summary } = settingsProposalCard(proposal(normal, 'waiting'), {}, admin);
    expect(verbsOf(card)).toEqual(['proposal.agree', 'proposal.refuse']);
    expect(textOf(card)).toContain('without anybody having approved them');
    expect(summary).toContain('Alex Wilber wants to switch off the approval of queue mailboxes.');
    const others = { ...viewer, locale: 'en' };
    expect(verbsOf(settingsProposalCard(proposal(normal, 'waiting'), {}, others).card)).toEqual([]);
  });

  it('tells everybody when one person did it alone', () => {
    const { card, summary } = settingsProposalCard(proposal(normal, 'alone'), {}, everybody);
    expect(verbsOf(card)).toEqual([]);
    expect(summary).toContain('without a second person');
  });
});
