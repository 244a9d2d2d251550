import { formatDuration } from '../locales/format-time.ts';
import { translate, type TextParams } from '../locales/translate.ts';
import type { CardContext } from './card-context.ts';

/** A sentence of the cards' catalogue, as plain text. */
export type Say = (key: string, params?: TextParams) => string;

export function speaker(context: CardContext): Say {
  return (key, params) => translate(context.locale, `card.${key}`, params);
}

/**
 * A moment, for a text on a card: the client fills in date and time of the reader's own time zone. It takes exactly this
 * form, without milliseconds.
 */
export function localTime(ms: number): string {
  const iso = `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${iso}, SHORT)}} {{TIME(${iso})}}`;
}

/** The time between two moments, in words. */
export function timeBetween(context: CardContext, from: number, to: number): string {
  return formatDuration(context.locale, to - from);
}
