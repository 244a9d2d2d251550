import { formatLocaleOf } from '../../locales/translate.ts';

type Cell = string | number | null;

/**
 * What stands between two cells. A spreadsheet takes the one of its region and puts everything into one column otherwise:
 * where the comma is the decimal sign it is the semicolon, and numbers are written with that comma.
 */
export type Separator = ',' | ';';

/** How a file is written, and for whom; without a time zone (null) the times of sentences are UTC. */
export interface FileFormat {
  readonly locale: string;
  /** Epoch ms. */
  readonly now: number;
  readonly timeZone?: string | null;
  readonly separator?: Separator;
}

/** For a spreadsheet in a person's language. Programs get commas, whoever asks (`file-download.ts`). */
export function separatorFor(locale: string): Separator {
  const decimal = new Intl.NumberFormat(formatLocaleOf(locale))
    .formatToParts(0.5)
    .find(({ type }) => type === 'decimal');
  return decimal?.value === ',' ? ';' : ',';
}

/** Excel takes UTF-8 for what it is only with this mark in front. */
export const byteOrderMark = '\uFEFF';

/**
 * A line of a CSV file (RFC 4180). Text is quoted throughout, and what a spreadsheet would take for a formula gets an
 * apostrophe in front (owasp.org, "CSV Injection"): addresses and names come from other people.
 */
export function csvLine(cells: readonly Cell[], separator: Separator = ','): string {
  return `${cells.map((cell) => cellText(cell, separator)).join(separator)}\r\n`;
}

function cellText(cell: Cell, separator: Separator): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return separator === ';' ? String(cell).replace('.', ',') : String(cell);
  // The full-width forms are formulas too in East Asian editions; blanks and what cannot be seen in front do not help.
  const guard = /^[\s\p{Cc}\p{Cf}]*[=+\-@|＝＋－＠]|^[\t\r\n]/u.test(cell) ? "'" : '';
  return `"${guard}${cell.replaceAll(/[\r\n\t\0]+/g, ' ').replaceAll('"', '""')}"`;
}
