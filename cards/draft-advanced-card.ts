import { advancedFields, type DraftField, type ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { draftErrors, draftState, draftWords } from './draft-fields.ts';
import { draftPlace } from './draft-progress.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/draft-advanced.json' with { type: 'json' };

const toggles = ['moveUndeliveredEmails', 'sendEmailAlert'] as const satisfies readonly DraftField[];
const numbers = [
  'minPollingIntervalMinutes',
  'maxConcurrentConnections',
  'timeoutMailboxConnectionAfterAmount',
] as const satisfies readonly DraftField[];

/** What few profiles need: reached from the review, and gone back to it. It says what has an effect in Mailroom. */
export function draftAdvancedCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, values } = draft;
  const errors = draftErrors(draft, advancedFields, context);
  const name = plainText(values.name);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('draft.advanced-title'),
        draftState(say, draft, errors.count),
        errors.count > 0 ? draftPlace(say, draft) : say('draft.of-profile', { name }),
      ),
      intro: say('draft.advanced-intro'),
      keptTitle: say('draft.advanced-kept'),
      labels: draftWords(say, 'label', advancedFields),
      hints: draftWords(say, 'hint', [...numbers, 'processEmailsReceivedAfter', ...toggles]),
      values: {
        ...values,
        ...Object.fromEntries(numbers.map((field) => [field, numberOrNothing(values[field])])),
        ...Object.fromEntries(toggles.map((field) => [field, String(values[field])])),
      },
      errors: errors.notes,
      next: nextStep(context, say(errors.count > 0 ? 'draft.correct-next' : 'draft.advanced-next')),
      actions: cardButtons(context, [
        { verb: 'profile.answer', title: say('button.continue'), id, revision, style: 'positive' },
        { verb: 'profile.back', title: say('button.back'), id, revision, inputs: 'none' },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    errors.count > 0
      ? say('draft.to-correct-summary', { count: errors.count })
      : say('draft.advanced-summary', { name }),
    context,
  );
}

/** A field for numbers shows nothing else; what was typed then stands in the sentence below it. */
function numberOrNothing(typed: string): number | '' {
  return /^-?\d{1,9}$/.test(typed) ? Number(typed) : '';
}
