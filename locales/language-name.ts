import { languageOf } from './translate.ts';

/** The name of a locale's language in that language, as its speakers look for it: `Deutsch`. */
export function languageName(locale: string): string {
  const language = languageOf(locale);
  return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
}
