import type { ApprovalRequest } from '../services/model/approval-request.ts';
import { askedFacts } from './approval-facts.ts';
import { groupLines } from './approval-groups.ts';
import type { ApprovalView } from './approval-card.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval.json' with { type: 'json' };

/**
 * Before all mailboxes of a request are approved: how many of which, by name what there is room for. The revision that it
 * carries stands for exactly those that were counted.
 */
export function approvalConfirmCard(
  request: ApprovalRequest,
  { pending, profileNames }: Pick<ApprovalView, 'pending' | 'profileNames'>,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { id, revision, pending: count } = request;
  const deed = say('button.approve-all', { count });
  return renderTemplate(
    template,
    {
      header: cardHeader(say('approve.confirm-title', { count }), { text: say('state.waiting'), color: 'Warning' }),
      facts: cardFacts([
        ...askedFacts(request, say),
        [say('fact.then'), say(request.testWhenApproved ? 'approve.then-test' : 'approve.then-wait')],
      ]),
      groups: groupLines(pending, profileNames, { total: count, withAddresses: true }, say),
      questions: [],
      next: nextStep(context, say('approve.confirm-next', { deed })),
      actions: cardButtons(context, [
        { verb: 'approval.confirm-all', title: deed, id, revision, style: 'positive' },
        { verb: 'approval.view', title: say('button.cancel'), id, revision },
      ]),
    },
    say('approve.confirm-summary', { count, who: personName(say, request.requestedByName) }),
    context,
  );
}
