import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval.json' with { type: 'json' };

/** In place of a request, or of a question about it, that stands in the chat of somebody whose roles are gone: nothing of it. */
export function closedCard(context: CardContext): CardView {
  const say = speaker(context);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('approve.title-closed'), { text: say('approve.closed'), color: 'Default' }),
      facts: [],
      groups: [],
      questions: [],
      next: nextStep(context, say('approve.closed-next')),
      actions: [],
    },
    say('approve.summary-closed'),
    context,
  );
}
