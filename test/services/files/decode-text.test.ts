import { expect, it } from 'vitest';
import { decodeText } from '../../../services/files/decode-text.ts';
import { checkFileType, readTextFile } from '../../../services/files/read-text-file.ts';

const text = 'address;owner\nkim@contoso.test;Zoë Müller';
const utf16be = (what: string): Buffer => Buffer.from(what, 'utf16le').swap16();

it.each([
  ['UTF-8', Buffer.from(text), 'utf-8'],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), 'utf-8'],
  ['UTF-16LE with a mark, Excel’s Unicode Text', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'utf-16le'],
  ['UTF-16BE with a mark', utf16be(`\uFEFF${text}`), 'utf-16be'],
  ['Windows-1252, Excel’s plain CSV', Buffer.from(text, 'latin1'), 'windows-1252'],
])('reads %s', (_, bytes, encoding) => {
  expect(decodeText(bytes)).toEqual({ text, encoding });
});

it('reads what only Windows-1252 has, and takes the end mark of DOS off', () => {
  expect(decodeText(Buffer.from([0x80, 0x20, 0x96, 0x1a]))).toEqual({ text: '€ –', encoding: 'windows-1252' });
});

it.each([
  ['zero bytes', Buffer.from('a@b.test\0')],
  ['UTF-16 without a mark', Buffer.from(text, 'utf16le')],
  ['UTF-16 that is cut off', Buffer.from(`\uFEFF${text}`, 'utf16le').subarray(0, -1)],
  ['UTF-16 with half a pair', Buffer.from('\uFEFFa\uD800', 'utf16le')],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
  ['control characters', Buffer.from('%PDF-1.7\n\u0001\u0002')],
])('takes %s for no text', (_, bytes) => {
  expect(decodeText(bytes)).toBeNull();
});

const named = (name: string, fileType = '') => ({ name, fileType });
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it.each([
  [named('list.csv', 'csv'), undefined],
  [named('LIST.TXT', 'TXT'), undefined],
  [named('list.tsv'), undefined],
  [named('list'), undefined],
  [named('list.xlsx', 'xlsx'), 'import.file-workbook'],
  [named('list.XLS'), 'import.file-workbook'],
  [named('list.ods', 'ods'), 'import.file-workbook'],
  [named('list.csv.exe', 'exe'), 'import.file-type'],
  [named('list.json'), 'import.file-type'],
])('judges %o by its name', (file, code) => {
  expect(codeOf(() => checkFileType(file))).toBe(code);
});

it.each([
  ['a workbook that calls itself CSV', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'import.file-workbook'],
  ['one of before 2007', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'import.file-workbook'],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]), 'import.file-not-text'],
  ['nothing', Buffer.alloc(0), 'import.file-empty'],
  ['nothing but blanks', Buffer.from('\uFEFF \r\n'), 'import.file-empty'],
])('refuses %s by what is in it', (_, bytes, code) => {
  expect(codeOf(() => readTextFile({ name: 'list.csv' }, bytes))).toBe(code);
});
