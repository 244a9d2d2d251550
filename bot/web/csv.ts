type Cell = string | number | null;

/** Excel takes UTF-8 for what it is only with this mark in front. */
export const byteOrderMark = '\uFEFF';

/**
 * A line of a CSV file (RFC 4180). Text is quoted throughout, and what a spreadsheet would take for a formula gets an
 * apostrophe in front (owasp.org, "CSV Injection"): addresses and names come from other people.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // The full-width forms are formulas too in East Asian editions; blanks in front do not help.
  const guard = /^\s*[=+\-@|＝＋－＠]|^[\t\r\n]/u.test(cell) ? "'" : '';
  return `"${guard}${cell.replaceAll(/[\r\n\t\0]+/g, ' ').replaceAll('"', '""')}"`;
}
