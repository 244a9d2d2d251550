import { expect, it } from 'vitest';
import { csvLine } from '../../bot/web/csv.ts';

/** Spreadsheets drop what cannot be seen, or the file does (`\0` becomes a blank): what is behind it is the cell. */
it.each(['\0', '\u0001', '\u200b', '\u202e', '\u2060', '\ufeff', ' \u200b '])(
  'a formula behind %j is text in a file',
  (front) => {
    expect(csvLine([`${front}=1+1`])).toMatch(/^"'/);
    expect(csvLine([`${front}plain`])).not.toMatch(/^"'/);
  },
);
