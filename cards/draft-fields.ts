import { translate } from '../locales/translate.ts';
import type { DraftField, ProfileDraft } from '../services/model/draft.ts';
import type { CardContext } from './card-context.ts';
import type { StateWord } from './card-header.ts';
import { remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { draftProgress } from './draft-progress.ts';

/** What a draft is for, as the beginning of a key: a new profile has none. */
export const draftPurpose = ({ editsProfileId, copiesProfileId }: ProfileDraft): '' | 'edit-' | 'copy-' =>
  editsProfileId !== null ? 'edit-' : copiesProfileId !== null ? 'copy-' : '';

/** Sentences of fields, by field: `draft.FIELD.PART`. */
export function draftWords(say: Say, part: string, fields: readonly DraftField[]): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field, say(`draft.${field}.${part}`)]));
}

/** The choices of a field: `draft.FIELD.VALUE`. */
export function draftChoices(say: Say, field: DraftField, values: readonly string[]): object[] {
  return values.map((value) => ({ title: say(`draft.${field}.${value}`), value }));
}

/** What is wrong with the fields of a card, each as a line to stand right below its field. */
export function draftErrors(
  { errors, values }: ProfileDraft,
  fields: readonly DraftField[],
  context: CardContext,
): { readonly count: number; readonly notes: Record<string, object[]> } {
  const noteOf = (field: DraftField): object[] => {
    const code = errors[field];
    if (code === undefined) return [];
    const text = translate(context.locale, `error.${code}`, { field, value: String(values[field]).slice(0, 100) });
    return remark(speaker(context)('field-error', { text }), 'Attention').map((block) => ({
      ...block,
      spacing: 'Small',
    }));
  };
  return {
    count: fields.filter((field) => errors[field] !== undefined).length,
    notes: Object.fromEntries(fields.map((field) => [field, noteOf(field)])),
  };
}

/** The state of a card with fields: how many are wrong, or which step it is. */
export function draftState(say: Say, draft: ProfileDraft, wrong: number): StateWord {
  return wrong > 0
    ? { text: say('draft.to-correct', { count: wrong }), color: 'Attention' }
    : { text: draftProgress(say, draft), color: 'Accent' };
}
