import { MailroomError } from '../model/error.ts';
import { decodeText, type DecodedText } from './decode-text.ts';
import { shownName, type SharedFile } from './shared-file.ts';

const workbooks: ReadonlySet<string> = new Set(['xlsx', 'xls', 'xlsm', 'xlsb', 'xltx', 'ods', 'numbers']);
const texts: ReadonlySet<string> = new Set(['csv', 'tsv', 'tab', 'txt', '']);

/** How a workbook begins: a ZIP archive, or the compound file of before 2007. */
const workbookStarts = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
] as const;

/**
 * What a name already tells, before anything is fetched.
 * @throws MailroomError `import.file-workbook`, `import.file-type`
 */
export function checkFileType(file: Pick<SharedFile, 'name' | 'fileType'>): void {
  const type = (file.fileType === '' ? endingOf(file.name) : file.fileType).toLowerCase();
  if (workbooks.has(type)) throw new MailroomError('import.file-workbook', { name: shownName(file) });
  if (!texts.has(type)) throw new MailroomError('import.file-type', { name: shownName(file) });
}

/**
 * The text of a file, whatever its name says it is.
 * @throws MailroomError `import.file-workbook`, `import.file-not-text`, `import.file-empty`
 */
export function readTextFile(file: Pick<SharedFile, 'name'>, bytes: Uint8Array): DecodedText {
  const name = shownName(file);
  if (workbookStarts.some((start) => start.every((byte, index) => bytes[index] === byte)))
    throw new MailroomError('import.file-workbook', { name });
  const decoded = decodeText(bytes);
  if (decoded === null) throw new MailroomError('import.file-not-text', { name });
  if (decoded.text.trim() === '') throw new MailroomError('import.file-empty', { name });
  return decoded;
}

const endingOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1] ?? '';
