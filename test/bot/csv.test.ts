import { expect, test } from 'vitest';
import { csvLine, separatorFor } from '../../bot/web/csv.ts';

test('a spreadsheet gets the separator of its region, and a program commas', () => {
  expect(['de', 'de-AT', 'en-GB', 'en', 'ja-JP', 'not a locale'].map(separatorFor)).toEqual([
    ';',
    ';',
    ',',
    ',',
    ',',
    ',',
  ]);
  const cells = ['a;b', 'say "no"', 1234.5, null, '=cmd()'];
  expect(csvLine(cells)).toBe(`"a;b","say ""no""",1234.5,,"'=cmd()"\r\n`);
  expect(csvLine(cells, ';')).toBe(`"a;b";"say ""no""";1234,5;;"'=cmd()"\r\n`);
});
