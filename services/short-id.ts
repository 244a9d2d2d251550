import { randomInt } from 'node:crypto';

/** Letters and digits that are not mistaken for each other when read aloud or typed. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** An id that people can read and type: eight characters, about 8.5e11 values. */
export function shortId(length = 8): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
