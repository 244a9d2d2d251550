import { languageOf } from './translate.ts';

/**
 * The locale to speak in: the chosen language, in the manner of the region that the client names where it is of that
 * language (`de` and `de-CH` make `de-CH`); without a choice the client's.
 */
export function chooseLocale(language: string | null, locale: string): string {
  return language === null || languageOf(locale) === language ? locale : language;
}
