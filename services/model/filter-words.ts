import { MailroomError } from './error.ts';

/** How filters of the chat commands are written: words, and `key:value` with quotes around what has spaces. */

/** Marks that turn the direction of text: a card puts them around what it shows, so what comes back from it has them. */
const directionMarks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** One word of a filter. Key null: a word to look for. */
export interface FilterWord {
  /** In lower case. */
  readonly key: string | null;
  readonly value: string;
}

/** Quotes hold a value with spaces together, and a quote inside is doubled: `profile:"The ""old"" one"`. */
export function filterWords(text: string): FilterWord[] {
  return (text.replaceAll(directionMarks, '').match(/(?:[a-z]+:)?"(?:[^"]|"")*"|\S+/gi) ?? []).map((token) => {
    const [, key, given] = /^([a-z]+):(.*)$/is.exec(token) ?? [];
    return { key: key?.toLowerCase() ?? null, value: unquoted(given ?? token).trim() };
  });
}

/** A closed pair of quotes holds what a doubled quote stands for; quotes that hold nothing together are left out. */
function unquoted(text: string): string {
  const [, inside] = /^"((?:[^"]|"")*)"$/s.exec(text) ?? [];
  return inside === undefined ? text.replaceAll('"', '') : inside.replaceAll('""', '"');
}

export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A word to look for, so that it is read again as one and not as something else. */
export const wordToLookFor = (word: string): string =>
  word === 'all' || /["\s]|^[a-z]+:/i.test(word) ? quoted(word) : word;

/**
 * The value that a word means.
 * @throws MailroomError `filter.unknown-value` {key, value, allowed}
 */
export function oneOf<T>(key: string, value: string, allowed: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(allowed, value.toLowerCase()) ? allowed[value.toLowerCase()] : undefined;
  if (found === undefined)
    throw new MailroomError('filter.unknown-value', {
      key,
      value: value.slice(0, 40),
      allowed: Object.keys(allowed).slice(0, 6).join(', '),
    });
  return found;
}
