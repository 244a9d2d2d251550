import { escapeMarkdown } from '../cards/escape-markdown.ts';
import { plainText } from '../cards/plain-text.ts';
import { translate, type TextParams } from '../locales/translate.ts';

/** Values that are our own words: nothing in them draws anything, and they are read as they are typed. */
const ownWords = new Set(['usage', 'suggestion']);

/**
 * A sentence for a chat message, which Teams reads as markdown: what came from people (names, addresses, what they typed)
 * is shown as it is and can neither draw a link nor break the sentence.
 */
export function chatText(locale: string, key: string, params: TextParams = {}): string {
  const safe = Object.entries(params).map(
    ([name, value]) =>
      [name, typeof value === 'string' && !ownWords.has(name) ? escapeMarkdown(plainText(value, 200)) : value] as const,
  );
  return translate(locale, key, Object.fromEntries(safe));
}
