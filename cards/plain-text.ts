import { disturbing, invisible } from '../services/model/visible-text.ts';

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * A value from outside (a name, an address, a reason) as one line of at most `longest` characters. A name written from
 * right to left is isolated, so that it does not reorder the sentence around it.
 */
export function plainText(value: string, longest = 100): string {
  const line = value
    .slice(0, longest * 20)
    .replaceAll(invisible, '')
    .replaceAll(disturbing, ' ')
    // `{{DATE(…)}}` is filled in by the client, but not where a person wrote it.
    .replaceAll(/\{(?=\{)/g, '{ ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  const cut = shorten(line, longest);
  return rightToLeft.test(cut) ? `\u2068${cut}\u2069` : cut;
}

/** Cuts between what a reader sees as characters: an emoji of several code points stays whole or goes. */
function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let end = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > longest - 1) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end).trimEnd()}…`;
}
