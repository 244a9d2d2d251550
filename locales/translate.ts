import { IntlMessageFormat } from 'intl-messageformat';
import { catalogues, type Catalogue } from './catalogues.ts';

/** Values for a sentence. Booleans are for ICU `select`: `{flag, select, true {…} other {…}}`. */
export type TextParams = Readonly<Record<string, string | number | boolean>>;

export const fallbackLocale = 'en';

const texts: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(catalogues).map(([language, files]) => [language, merge(Object.values(files))]),
);

const compiled = new Map<string, IntlMessageFormat>();

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
  const language = languageOf(locale);
  const own = texts.get(language)?.get(key);
  const used = own === undefined ? fallbackLocale : language;
  const id = `${used}/${key}`;
  const cached = compiled.get(id);
  if (cached !== undefined) return cached;
  const source = own ?? texts.get(fallbackLocale)?.get(key);
  if (source === undefined) throw new Error(`no text for the key ${key}`);
  // ignoreTag: `<` is only a character here; sentences carry no markup.
  const message = new IntlMessageFormat(source, used, undefined, { ignoreTag: true });
  compiled.set(id, message);
  return message;
}

/** The language in which a locale is served: `de-CH` by `de` if there is one. The set of languages is ours, so the cache cannot be grown from outside. */
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
