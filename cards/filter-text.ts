import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

/** The filter of a change as its card names it: `all` is a word of the command, and not of every language. */
export function filterText(say: Say, filter: string): string {
  return filter.trim().toLowerCase() === 'all' ? say('mailbox-change.all') : plainText(filter, 120);
}
