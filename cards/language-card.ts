import { languageName } from '../locales/language-name.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/confirm.json' with { type: 'json' };

/** What a button says for "as the client does", beside the codes of the languages. */
export const automatic = 'auto';

export interface LanguageView {
  /** Code that was chosen; null: as the client says. */
  readonly chosen: string | null;
  /** Codes that there are. */
  readonly languages: readonly string[];
  /** `own`: all that goes to the reader; `shared`: the cards of a conversation of many. */
  readonly whose: 'own' | 'shared';
}

/** The language, and the others as buttons; each in its own words, for whoever cannot read this one. */
export function languageCard({ chosen, languages, whose }: LanguageView, context: CardContext): CardView {
  const say = speaker(context);
  const name = languageName(chosen ?? context.locale);
  const others = languages.filter((language) => language !== chosen);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('language.title'), {
        text: chosen === null ? say('language.as-teams', { name }) : name,
        color: 'Accent',
      }),
      text: say(`language.${whose}`),
      sample: [],
      choices: [],
      next: nextStep(context, say(`language.${whose}-next`)),
      actions: cardButtons(context, [
        ...others.map((language) => ({
          verb: 'language.choose' as const,
          title: languageName(language),
          id: language,
          revision: 0,
        })),
        chosen === null
          ? null
          : { verb: 'language.choose', title: say('button.language-auto'), id: automatic, revision: 0 },
      ]),
    },
    say('language.summary', { name }),
    context,
  );
}
