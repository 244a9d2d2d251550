import { approvalCard, type ApprovalView } from '../../cards/approval-card.ts';
import { approvalConfirmCard } from '../../cards/approval-confirm-card.ts';
import {
  answerDialog,
  askDialog,
  nothingTyped,
  rejectRequestDialog,
  rejectSelectedDialog,
  staleDialog,
  type Typed,
} from '../../cards/approval-dialogs.ts';
import { approvalQuestionCard } from '../../cards/approval-question-card.ts';
import type { CardContext, CardView } from '../../cards/card-context.ts';
import { pendingCard } from '../../cards/pending-card.ts';
import { hasRight } from '../../services/model/access.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { BulkAction } from '../../services/model/bulk-action.ts';
import type { PendingCount } from '../../services/model/pending-group.ts';
import type { Deciders } from '../../services/model/who-decides.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';

/** What people typed, and the records that it stands in. */
export interface ApprovalParts {
  readonly person: string;
  readonly profile: string;
  readonly owner: string;
  readonly reason: string;
  readonly filter: string;
  /** Many: lists as long as they get. */
  readonly many: boolean;
  readonly now: number;
  readonly address: (index: number) => string;
  readonly mailbox: (index: number) => Mailbox;
  readonly request: (pending: number, changes?: Partial<ApprovalRequest>) => ApprovalRequest;
}

const minute = 60_000;
/** Who asks in all of them. */
const asker = (parts: ApprovalParts): string => parts.request(1).requestedBy;
const objectId = 'b51c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';

/** So many mailboxes as a card counts them: of as many profiles as there may be, where there is much of everything. */
function pendingOf(parts: ApprovalParts, count: number): PendingCount {
  const profiles = parts.many ? 12 : 1;
  return {
    groups:
      count === 1
        ? [{ profileId: 'p1', type: 'user', count }]
        : Array.from({ length: profiles * 2 }, (_, index) => ({
            profileId: index === 3 ? null : 'p1',
            type: index % 2 === 0 ? ('user' as const) : ('queue' as const),
            count: Math.floor(count / (profiles * 2)) + (index === 0 ? count % (profiles * 2) : 0),
          })),
    rejections: [],
    only: count === 1 ? parts.mailbox(0) : null,
    sample: Array.from({ length: Math.min(5, count) }, (_, index) => parts.mailbox(index)),
  };
}

/** What a reader sees of a request for so many: those who decide read it with their buttons. */
export function approvalView(
  parts: ApprovalParts,
  count: number,
  { roles }: CardContext,
  changes: Partial<Deciders> = {},
): ApprovalView {
  const deciders = {
    count: 1,
    names: [parts.person],
    holdsBackRequester: false,
    setName: parts.many ? parts.profile : null,
    fallsBack: false,
    ...changes,
  };
  return {
    pending: pendingOf(parts, count),
    profileNames: { p1: parts.profile },
    deciders,
    decides: deciders.count > 0 && hasRight(roles, 'decide'),
    readers:
      roles.length > 0
        ? null
        : parts.many
          ? { userIds: [], isTooMany: true }
          : { userIds: ['29:ben', '29:cleo'], isTooMany: false },
  };
}

/** The same, where some were rejected before, for as many reasons as a card tells. */
function withRejections(parts: ApprovalParts, count: number, context: CardContext): Pick<ApprovalView, 'pending'> {
  const rejections = Array.from({ length: parts.many ? 3 : 2 }, (_, index) => ({
    by: parts.person,
    reason: `${index} ${parts.reason}`,
    count: index + 1,
  }));
  return { pending: { ...approvalView(parts, count, context).pending, rejections } };
}

function show(
  parts: ApprovalParts,
  asked: ApprovalRequest,
  context: CardContext,
  deciders: Partial<Deciders> = {},
  changes: Partial<ApprovalView> = {},
): CardView {
  return approvalCard(asked, { ...approvalView(parts, asked.pending, context, deciders), ...changes }, context);
}

/** Requests as they wait, as each of their readers sees them, as they end, and their dialogs. */
export function approvalCards(parts: ApprovalParts, context: CardContext): [string, CardView][] {
  const many = parts.many ? 10_000 : 23;
  const decision = { by: parts.person, at: parts.now, verdict: 'rejected', count: 3, reason: parts.reason } as const;
  const requests = Array.from({ length: parts.many ? 300 : 3 }, (_, index) => parts.request(index * 7 + 1));
  const names = Array.from({ length: 7 }, () => parts.person);
  const own: CardContext = { ...context, roles: ['approver'], viewerId: asker(parts) };
  return [
    ['approval of one', show(parts, parts.request(1), context)],
    ['approval of a few', show(parts, parts.request(4), context)],
    ['approval of many', show(parts, parts.request(many), context)],
    [
      'approval, more approvers than Teams refreshes for',
      show(
        parts,
        parts.request(many),
        { ...context, roles: [] },
        { count: 70, names },
        {
          readers: { userIds: [], isTooMany: true },
        },
      ),
    ],
    [
      'approval, seen by whoever does not decide',
      show(parts, parts.request(many), { ...context, roles: ['viewer'], viewerId: objectId }, { count: 7, names }),
    ],
    [
      'approval, seen by the approver who asked',
      show(parts, parts.request(many), own, { holdsBackRequester: true }, { decides: false }),
    ],
    ...[true, false].map((holdsBackRequester): [string, CardView] => [
      `approval that nobody may give (${holdsBackRequester ? 'the only approver asked' : 'no approver'})`,
      show(parts, parts.request(1), context, { count: 0, names: [], holdsBackRequester }),
    ]),
    [
      'approval, partly decided',
      show(
        parts,
        parts.request(many, {
          total: many + 4,
          approved: 1,
          rejected: 3,
          lastDecision: decision,
          testWhenApproved: false,
        }),
        context,
        { fallsBack: parts.many },
        withRejections(parts, many, context),
      ),
    ],
    ['approve all', approvalConfirmCard(parts.request(many), approvalView(parts, many, context), context)],
    [
      'approved',
      show(
        parts,
        parts.request(0, {
          total: many,
          approved: many,
          lastDecision: { ...decision, verdict: 'approved', count: many, reason: null },
        }),
        context,
      ),
    ],
    [
      'approved without test',
      show(parts, parts.request(0, { total: 1, approved: 1, testWhenApproved: false }), context),
    ],
    ['rejected', show(parts, parts.request(0, { total: 3, rejected: 3, lastDecision: decision }), context)],
    [
      'partly approved',
      show(
        parts,
        parts.request(0, { total: many, approved: many - 3, rejected: 3, lastDecision: decision }),
        context,
        {},
        withRejections(parts, 0, context),
      ),
    ],
    ['approval that is withdrawn', show(parts, parts.request(0, { total: 0, pending: 0 }), context)],
    ...approvalStages(parts, context),
    ...dialogs(parts, context),
    ['pending', pendingCard(requests, context)],
    ['pending, none', pendingCard([], context)],
  ];
}

/** What becomes of a request besides decisions: questions, a withdrawal, and time. */
function approvalStages(parts: ApprovalParts, context: CardContext): [string, CardView][] {
  const many = parts.many ? 10_000 : 23;
  const { asked, answered } = questions(parts);
  const withdrawal = { by: parts.person, at: parts.now, count: many };
  const requester: CardContext = { ...context, roles: ['admin'], viewerId: asker(parts) };
  const ask = (changes: Partial<ApprovalRequest>, pending = many) => parts.request(pending, changes);
  return [
    ['approval with questions', show(parts, ask({ questions: asked }), context)],
    ['approval, reminded', show(parts, ask({ stage: 'reminded', dueAt: parts.now }, 1), context)],
    ['approval, escalated', show(parts, ask({ stage: 'escalated', dueAt: parts.now }), context)],
    ['approval, expired', show(parts, ask({ stage: 'expired', questions: asked }), context)],
    ['approval, taken back', show(parts, ask({ total: 0, withdrawal }, 0), context)],
    ['approval, partly taken back', show(parts, ask({ total: 1, approved: 1, withdrawal }, 0), context)],
    ['approval, of somebody without roles now', show(parts, ask({}), { ...context, roles: [], viewerId: objectId })],
    ['question', approvalQuestionCard(ask({ questions: asked }), requester)],
    [
      'question to somebody else',
      approvalQuestionCard(ask({ questions: asked }), { ...requester, roles: ['viewer'], viewerId: '' }),
    ],
    ['question, answered', approvalQuestionCard(ask({ questions: [answered] }), requester)],
    ['question, over', approvalQuestionCard(ask({ questions: asked }, 0), requester)],
  ];
}

function questions(parts: ApprovalParts) {
  const text = parts.reason.slice(0, 500);
  const question = { address: parts.address(1), by: parts.owner, at: parts.now - minute, text, answer: null };
  const answered = { ...question, address: null, answer: { by: parts.person, at: parts.now, text } };
  return { asked: [answered, answered, answered, question], answered };
}

function dialogs(parts: ApprovalParts, context: CardContext): [string, CardView][] {
  const many = parts.many ? 10_000 : 23;
  const names = { p1: parts.profile };
  const wrong: Typed = { text: parts.reason.repeat(20).slice(0, 600), problem: 'Too long: at most 500 characters.' };
  const { asked, answered } = questions(parts);
  const decision = { by: parts.person, at: parts.now, verdict: 'rejected', count: 3, reason: parts.reason } as const;
  const reject = (count: number, typed = nothingTyped): CardView =>
    rejectRequestDialog(
      parts.request(count),
      { pending: pendingOf(parts, count), profileNames: names },
      typed,
      context,
    );
  const selected: BulkAction = {
    environmentId: 'contoso',
    id: objectId,
    actorId: objectId,
    kind: 'reject',
    filter: parts.filter,
    reason: null,
    mailboxIds: Array.from({ length: many }, (_, index) => parts.address(index)),
    groups: pendingOf(parts, many).groups,
    own: 1,
    notPending: many,
    state: 'waiting',
    createdAt: parts.now,
    revision: 1,
  };
  return [
    ['dialog: reject one', reject(1)],
    ['dialog: reject all', reject(many)],
    ['dialog: reject, to correct', reject(many, wrong)],
    ['dialog: reject selected', rejectSelectedDialog(selected, names, nothingTyped, context)],
    ['dialog: ask', askDialog(parts.request(many, { questions: [answered] }), nothingTyped, context)],
    ['dialog: ask, to correct', askDialog(parts.request(1), wrong, context)],
    ['dialog: answer', answerDialog(parts.request(many, { questions: asked }), nothingTyped, context)],
    [
      'dialog that comes too late',
      staleDialog(parts.request(0, { total: 3, rejected: 3, lastDecision: decision }), parts.reason, context),
    ],
    [
      'dialog of a card from before',
      staleDialog(parts.request(many, { questions: asked, lastDecision: decision }), '', context),
    ],
  ];
}
