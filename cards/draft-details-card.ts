import type { DraftField, ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { draftFault } from './draft-checks.ts';
import { draftChoices, draftErrors, draftPurpose, draftState, draftWords } from './draft-fields.ts';
import { draftPlace } from './draft-progress.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/draft-details.json' with { type: 'json' };

const textFields = ['name', 'serverLocation', 'outgoingServerLocation', 'userName', 'probeAddress'] as const;
const choiceFields = ['autodiscover', 'authentication', 'access'] as const;
const toggles = ['useSameSettingsForOutgoing', 'isDefault'] as const;
const fields = [...textFields, ...choiceFields, ...toggles] as const satisfies readonly DraftField[];

/** Step 1: the values, each with what is wrong with it right below. */
export function draftDetailsCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const errors = draftErrors(draft, fields, context);
  const fault = draftFault(draft, context);
  const { id, revision } = draft;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say(`draft.${draftPurpose(draft)}title`),
        draftState(say, draft, errors.count),
        errors.count > 0 ? draftPlace(say, draft) : undefined,
      ),
      note: fault,
      intro: say(`draft.${draftPurpose(draft)}intro`),
      labels: draftWords(say, 'label', fields),
      hints: draftWords(say, 'hint', [...textFields, ...toggles]),
      choices: {
        autodiscover: draftChoices(say, 'autodiscover', ['active', 'inactive']),
        authentication: draftChoices(say, 'authentication', ['basic', 'ntlm', 'oauth']),
        access: draftChoices(say, 'access', ['impersonation', 'delegate']),
      },
      // What depends on a choice (server address, account) is judged by Mailroom: the client would ask for it in any case.
      missing: draftWords(say, 'missing', ['name', 'probeAddress']),
      values: {
        ...draft.values,
        isDefault: String(draft.values.isDefault),
        useSameSettingsForOutgoing: String(draft.values.useSameSettingsForOutgoing),
      },
      errors: errors.notes,
      next: nextStep(context, say(nextKey(errors.count, fault.length > 0))),
      actions: cardButtons(context, [
        { verb: 'profile.answer', title: say('button.continue'), id, revision, style: 'positive' },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    errors.count > 0 ? say('draft.to-correct-summary', { count: errors.count }) : say('draft.details-summary'),
    context,
  );
}

function nextKey(wrong: number, hasFault: boolean): string {
  if (wrong > 0) return 'draft.correct-next';
  return hasFault ? 'draft.fix-next' : 'draft.details-next';
}
