import type { ApprovalRequest } from '../services/model/approval-request.ts';
import { cardButtons, executeAction } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/pending.json' with { type: 'json' };

const most = 10;

/** The requests that wait for a decision, oldest first. */
export function pendingCard(requests: readonly ApprovalRequest[], context: CardContext): CardView {
  const say = speaker(context);
  const open = requests.filter(({ pending }) => pending > 0);
  const mailboxes = open.reduce((sum, { pending }) => sum + pending, 0);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('pending.title'),
        open.length === 0
          ? { text: say('pending.none'), color: 'Good' }
          : { text: say('pending.total', { count: mailboxes }), color: 'Warning' },
      ),
      rows: open.slice(0, most).map((request) => ({
        title: say('pending.request', { count: request.pending }),
        asked: say('pending.asked', {
          who: personName(say, request.requestedByName),
          date: localTime(request.requestedAt),
        }),
        open: executeAction({
          verb: 'approval.show',
          title: say('button.show'),
          id: request.id,
          revision: request.revision,
        }),
      })),
      more: remark(open.length > most ? say('more', { count: open.length - most }) : null),
      next: nextStep(
        context,
        say(`pending.${open.length === 0 ? 'empty-next' : mayUse(context, 'decide') ? 'next' : 'others-next'}`),
      ),
      actions:
        open.length === 0
          ? []
          : cardButtons(context, [
              { verb: 'approval.choose-all', title: say('button.choose-all'), id: 'all', revision: 0 },
              { verb: 'approval.approve-pending', title: say('button.approve-pending'), id: 'all', revision: 0 },
            ]),
    },
    say('pending.summary', { count: mailboxes }),
    context,
  );
}
