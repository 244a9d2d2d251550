import { IntlMessageFormat } from 'intl-messageformat';
import { catalogues, type Catalogue } from './catalogues.ts';

/** Values for a sentence. Booleans are for ICU `select`: `{flag, select, true {…} other {…}}`. */
export type TextParams = Readonly<Record<string, string | number | boolean>>;

export const fallbackLocale = 'en';

const texts: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(catalogues).map(([language, files]) => [language, merge(Object.values(files))]),
);

/** Sentences by locale and key. People of all regions may be served, and the locale comes from their client: hence a bound. */
const compiled = new Map<string, IntlMessageFormat>();
const mostCompiled = 20_000;

/**
 * The sentence of a key, as plain text: whoever puts it on a card escapes it. A language or a key that a language lacks
 * falls back to English.
 * @throws Error when English lacks the key, or a value of the sentence is missing: both are mistakes of ours.
 */
export function translate(locale: string, key: string, params: TextParams = {}): string {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(params)) values[name] = typeof value === 'boolean' ? String(value) : value;
  return String(messageOf(locale, key).format(values));
}

/** True when there is a sentence for the key. */
export function hasText(key: string): boolean {
  return texts.get(fallbackLocale)?.has(key) ?? false;
}

function messageOf(locale: string, key: string): IntlMessageFormat {
  const own = texts.get(languageOf(locale))?.get(key);
  const used = own === undefined ? fallbackLocale : formatLocaleOf(locale);
  const id = `${used}/${key}`;
  const cached = compiled.get(id);
  if (cached !== undefined) return cached;
  const source = own ?? texts.get(fallbackLocale)?.get(key);
  if (source === undefined) throw new Error(`no text for the key ${key}`);
  // ignoreTag: `<` is only a character here; sentences carry no markup.
  const message = new IntlMessageFormat(source, used, undefined, { ignoreTag: true });
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(id, message);
  return message;
}

/**
 * The locale whose manner of writing numbers, dates and times is used, for `Intl`: `de-CH` keeps its region, and `ja-JP`,
 * which is served in English, is `en`. Safe for any text.
 */
export function formatLocaleOf(locale: string): string {
  const known = formatLocales.get(locale);
  if (known !== undefined) return known;
  const language = languageOf(locale);
  const [, region] = /^[a-z]+-([A-Z]{2})\b/i.exec(locale) ?? [];
  const found = region === undefined || !isServed(locale) ? language : `${language}-${region.toUpperCase()}`;
  if (formatLocales.size >= mostFormatLocales) formatLocales.clear();
  formatLocales.set(locale, found);
  return found;
}

const formatLocales = new Map<string, string>();
const mostFormatLocales = 1000;

/** The language in which a locale is served: `de-CH` by `de` if there is one. */
export function languageOf(locale: string): string {
  const language = primaryTag(locale);
  return texts.has(language) ? language : fallbackLocale;
}

/** True when the language of this locale has sentences of its own. */
export function isServed(locale: string): boolean {
  return texts.has(primaryTag(locale));
}

function primaryTag(locale: string): string {
  return locale.toLowerCase().split('-')[0] ?? '';
}

function merge(files: readonly Catalogue[]): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const file of files) {
    for (const [key, text] of Object.entries(file)) {
      if (all.has(key)) throw new Error(`the key ${key} is in two catalogues`);
      all.set(key, text);
    }
  }
  return all;
}
