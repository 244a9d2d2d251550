import type { ApprovalRequest } from '../services/model/approval-request.ts';
import type { PendingCount } from '../services/model/pending-group.ts';
import {
  askedFacts,
  countsOf,
  lastDecision,
  rejectionFacts,
  withdrawalFact,
  withdrawButton,
} from './approval-facts.ts';
import { questionRounds } from './approval-question-card.ts';
import { viewButton } from './approval-refresh.ts';
import { cardButtons } from './card-action-buttons.ts';
import { isShared, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval.json' with { type: 'json' };

/** Nobody decided in time: the card is over, and the mailboxes wait for whoever asks anew. */
export function expiredCard(request: ApprovalRequest, pending: PendingCount, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision } = request;
  return renderTemplate(
    template,
    {
      header: cardHeader(titleOf(request, pending, say), {
        text: say('approve.expired'),
        color: 'Warning',
      }),
      facts: cardFacts([
        ...askedFacts(request, say),
        [say('fact.progress'), say('approve.progress', countsOf(request))],
        ...lastDecision(request, say),
        ...rejectionFacts(request, pending.rejections, say),
        ...withdrawalFact(request, say),
      ]),
      groups: [],
      questions: questionRounds(request.questions, context),
      next: nextStep(context, say('approve.expired-next', { count: request.pending })),
      actions: cardButtons(
        context,
        isShared(context)
          ? [viewButton(say, request)]
          : [
              { verb: 'approval.ask-again', title: say('button.ask-again'), id, revision, style: 'positive' },
              withdrawButton(say, request),
            ],
      ),
    },
    say('approve.expired-summary', { count: request.pending }),
    context,
  );
}

/** The final card: who, when, how many, and why. It has no button: nothing on it can come too late. */
export function decidedCard(request: ApprovalRequest, pending: PendingCount, context: CardContext): CardView {
  const say = speaker(context);
  const { approved, rejected } = request;
  const outcome = approved === 0 ? 'rejected' : rejected === 0 ? 'approved' : 'mixed';
  const color = { approved: 'Good', rejected: 'Attention', mixed: 'Warning' } as const;
  const next =
    approved === 0
      ? 'approve.rejected-next'
      : request.testWhenApproved
        ? 'approve.testing-next'
        : 'approve.approved-next';
  return renderTemplate(
    template,
    {
      header: cardHeader(titleOf(request, pending, say), {
        text: say(`approve.${outcome}`),
        color: color[outcome],
      }),
      facts: cardFacts([
        ...askedFacts(request, say),
        [say('approve.approved-count'), say('number', { count: approved })],
        [say('approve.rejected-count'), say('number', { count: rejected })],
        ...lastDecision(request, say),
        ...rejectionFacts(request, pending.rejections, say),
        ...withdrawalFact(request, say),
      ]),
      groups: [],
      questions: questionRounds(request.questions, context),
      next: nextStep(context, say(next)),
      actions: [],
    },
    say('approve.summary-decided', countsOf(request)),
    context,
  );
}

/** A request about one mailbox is told by its name. */
function titleOf({ total }: ApprovalRequest, { only }: PendingCount, say: Say): string {
  return only === null
    ? say('approve.title-decided', { count: total })
    : say('approve.title-decided-one', { address: plainText(only.address) });
}

/** Nobody of it waits any more, and nobody decided: there is nothing to count. */
export function withdrawnCard(request: ApprovalRequest, context: CardContext): CardView {
  const say = speaker(context);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('approve.title-withdrawn'), { text: say('approve.withdrawn'), color: 'Default' }),
      facts: cardFacts([...askedFacts(request, say), ...withdrawalFact(request, say)]),
      groups: [],
      questions: questionRounds(request.questions, context),
      next: nextStep(context, say(request.withdrawal === null ? 'approve.withdrawn-next' : 'approve.taken-back-next')),
      actions: [],
    },
    say('approve.summary-withdrawn'),
    context,
  );
}
