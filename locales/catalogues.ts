import cards from './en/cards.json' with { type: 'json' };
import chat from './en/chat.json' with { type: 'json' };
import errors from './en/errors.json' with { type: 'json' };
import faults from './en/faults.json' with { type: 'json' };
import form from './en/form.json' with { type: 'json' };
import report from './en/report.json' with { type: 'json' };

/** Sentences by key; a file has one subject, and a key is in exactly one of them. */
export type Catalogue = Readonly<Record<string, string>>;

/** The files of each language, by subject. English has every key. */
export const catalogues: Readonly<Record<'en', Readonly<Record<string, Catalogue>>>> = {
  en: { cards, chat, errors, faults, form, report },
};
