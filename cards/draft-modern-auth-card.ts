import type { DraftField, ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { draftFault } from './draft-checks.ts';
import { draftChoices, draftErrors, draftState, draftWords } from './draft-fields.ts';
import { draftPlace } from './draft-progress.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/draft-modern-auth.json' with { type: 'json' };

const textFields = ['tenant', 'clientId', 'resource', 'vaultUrl', 'certificateName', 'vaultClientId'] as const;
const fields = [...textFields, 'certificateSource'] as const satisfies readonly DraftField[];

/** The second card of a profile with OAuth: the app and where its certificate is. */
export function draftModernAuthCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, values } = draft;
  const errors = draftErrors(draft, fields, context);
  const fault = draftFault(draft, context);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('draft.modern-auth-title'),
        draftState(say, draft, errors.count),
        errors.count > 0 ? draftPlace(say, draft) : say('draft.of-profile', { name: plainText(values.name) }),
      ),
      note: fault,
      intro: say('draft.modern-auth-intro'),
      labels: draftWords(say, 'label', fields),
      examples: draftWords(say, 'example', textFields),
      hints: draftWords(say, 'hint', textFields),
      missing: draftWords(say, 'missing', ['tenant', 'clientId']),
      choices: { certificateSource: draftChoices(say, 'certificateSource', ['file', 'key-vault']) },
      vaultTitle: say('draft.vault-title'),
      values,
      errors: errors.notes,
      next: nextStep(context, say(nextKey(errors.count, fault.length > 0))),
      actions: cardButtons(context, [
        { verb: 'profile.answer', title: say('button.continue'), id, revision, style: 'positive' },
        { verb: 'profile.back', title: say('button.back'), id, revision, inputs: 'none' },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    errors.count > 0
      ? say('draft.to-correct-summary', { count: errors.count })
      : say('draft.modern-auth-summary', { name: plainText(values.name) }),
    context,
  );
}

function nextKey(wrong: number, hasFault: boolean): string {
  if (wrong > 0) return 'draft.correct-next';
  return hasFault ? 'draft.fix-next' : 'draft.modern-auth-next';
}
