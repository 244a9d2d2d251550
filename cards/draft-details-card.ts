import { translate } from '../locales/translate.ts';
import type { DraftField, ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { draftFault, failedCheck } from './draft-checks.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/draft-details.json' with { type: 'json' };

const textFields = ['name', 'serverLocation', 'userName', 'probeAddress'] as const;
const choiceFields = ['authentication', 'access'] as const;
const fields = [...textFields, ...choiceFields, 'isDefault'] as const satisfies readonly DraftField[];

/** Step 1: the values, each with what is wrong with it right below. */
export function draftDetailsCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const wrong = fields.filter((field) => draft.errors[field] !== undefined);
  const state =
    wrong.length > 0
      ? { text: say('draft.to-correct', { count: wrong.length }), color: 'Attention' as const }
      : { text: say('draft.step', { step: 1 }), color: 'Accent' as const };
  const each = (part: string, of: readonly DraftField[]): Record<string, string> =>
    Object.fromEntries(of.map((field) => [field, say(`draft.${field}.${part}`)]));
  const { id, revision } = draft;
  return renderTemplate(
    template,
    {
      header: cardHeader(say(draft.editsProfileId === null ? 'draft.title' : 'draft.edit-title'), state),
      note: draftFault(draft, context),
      intro: say(draft.editsProfileId === null ? 'draft.intro' : 'draft.edit-intro'),
      labels: each('label', fields),
      hints: each('hint', [...textFields, 'isDefault']),
      choices: {
        authentication: choices(say, 'authentication', ['basic', 'ntlm']),
        access: choices(say, 'access', ['impersonation', 'delegate']),
      },
      missing: each('missing', textFields),
      values: { ...draft.values, isDefault: String(draft.values.isDefault) },
      errors: Object.fromEntries(fields.map((field) => [field, fieldError(draft, field, context)])),
      next: nextStep(context, say(nextKey(wrong.length, draft))),
      actions: cardButtons(context, [
        { verb: 'profile.answer', title: say('button.continue'), id, revision, style: 'positive' },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    wrong.length > 0 ? say('draft.to-correct-summary', { count: wrong.length }) : say('draft.details-summary'),
    context,
  );
}

function choices(say: Say, field: DraftField, values: readonly string[]): object[] {
  return values.map((value) => ({ title: say(`draft.${field}.${value}`), value }));
}

function nextKey(wrong: number, draft: ProfileDraft): string {
  if (wrong > 0) return 'draft.correct-next';
  return failedCheck(draft) === undefined ? 'draft.details-next' : 'draft.fix-next';
}

function fieldError(draft: ProfileDraft, field: DraftField, context: CardContext): object[] {
  const code = draft.errors[field];
  if (code === undefined) return [];
  const text = translate(context.locale, `error.${code}`, { field, value: String(draft.values[field]).slice(0, 100) });
  return remark(speaker(context)('field-error', { text }), 'Attention').map((block) => ({
    ...block,
    spacing: 'Small',
  }));
}
