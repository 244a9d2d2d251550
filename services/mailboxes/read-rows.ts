import { parse } from 'csv-parse/sync';
import { MailroomError } from '../model/error.ts';
import { importRowLimit, type ImportRefusal } from '../model/import-batch.ts';
import { isAddress, normalizeAddress, normalizeOwner, type MailboxType } from '../model/mailbox.ts';
import { readHeader, readType, usualColumns, type ImportColumns } from './import-columns.ts';

/** A row by itself: what it would become, or why it cannot. */
export interface ReadRow {
  readonly line: number;
  readonly address: string;
  readonly type: MailboxType;
  readonly owner: string;
  readonly refusal: { readonly code: ImportRefusal; readonly value: string } | null;
}

export interface ReadRows {
  readonly rows: readonly ReadRow[];
  /** Names of columns that a header has and an import does not read. */
  readonly ignoredColumns: readonly string[];
}

/** Names of columns that are kept, to be told; a header of thousands of cells is somebody's mistake. */
const mostIgnored = 10;

/**
 * Reads rows of comma-, semicolon- or tab-separated cells. With a header line its columns may stand in any order; without
 * one they are address, type, owner. Rows are never dropped: one that cannot be used carries its reason and its line.
 * @throws MailroomError `import.empty`, `import.too-many-rows` {limit}, `import.unreadable` {line}
 */
export function readRows(text: string): ReadRows {
  const { cellsText, delimiter } = takeDirective(text);
  if (cellsText.trim() === '') throw new MailroomError('import.empty');
  const records = readCells(cellsText, delimiter ?? delimiterOf(cellsText));
  const filled = records.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const header = readHeader(filled[0]?.cells ?? []);
  const rows = header === null ? filled : filled.slice(1);
  // Reading stopped there, also when most of what was read is empty.
  if (rows.length > importRowLimit || records.length > importRowLimit + 1)
    throw new MailroomError('import.too-many-rows', { limit: importRowLimit });
  if (rows.length === 0) throw new MailroomError('import.empty');
  const seen = new Set<string>();
  return {
    rows: rows.map(({ cells, line }) => judge(cells, line, header?.columns ?? usualColumns, seen)),
    ignoredColumns: (header?.ignored ?? []).slice(0, mostIgnored).map((name) => name.slice(0, 60)),
  };
}

/** `sep=;` in the first line is for Excel alone. It is emptied and not taken away, so that lines count as in the file. */
function takeDirective(text: string): { cellsText: string; delimiter: string | null } {
  const directive = /^sep=([^\n])\n/i.exec(text);
  if (directive === null) return { cellsText: text, delimiter: null };
  return { cellsText: text.slice(directive[0].length - 1), delimiter: directive[1] ?? null };
}

/** The first separator there is: it ends an address or the name of a column, while those behind it may be part of an owner. */
const delimiterOf = (text: string): string => /[\t;,]/.exec(text)?.[0] ?? ',';

function readCells(text: string, delimiter: string): { cells: string[]; line: number }[] {
  try {
    // Without the option `info` csv-parse gives bare arrays, but the line is what the reader needs to find a mistake.
    const records = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      // A header, the rows, and one more that shows there are too many.
      to: importRowLimit + 2,
    }) as unknown as {
      info: { lines: number };
      record: string[];
    }[];
    return records.map(({ info, record }) => ({
      cells: record.map((cell) => withoutGuard(cell.trim()).trim()),
      line: info.lines,
    }));
  } catch (error) {
    const line =
      error !== null && typeof error === 'object' && 'lines' in error && typeof error.lines === 'number'
        ? error.lines
        : 1;
    throw new MailroomError('import.unreadable', { line }, error);
  }
}

/** Exports put an apostrophe in front of what a spreadsheet would calculate; an import of one takes it off again. */
const withoutGuard = (cell: string): string => cell.replace(/^'(?=[\s\p{Cc}\p{Cf}]*[=+\-@|＝＋－＠])/u, '');

function judge(cells: readonly string[], line: number, columns: ImportColumns, seen: Set<string>): ReadRow {
  const cell = (index: number | null): string => (index === null ? '' : (cells[index] ?? ''));
  const [first, second] = [cell(columns.address), cell(columns.type)];
  const address = normalizeAddress(first);
  const type = readType(second);
  const row = {
    line,
    address: address.slice(0, 200),
    type: type ?? 'user',
    owner: normalizeOwner(cell(columns.owner).slice(0, 200)),
  };
  const refuse = (code: ImportRefusal, value: string): ReadRow => ({
    ...row,
    refusal: { code, value: value.slice(0, 100) },
  });

  if (address === '') return refuse('address-missing', '');
  if (!isAddress(address)) return refuse('address-invalid', first);
  if (cells.slice(columns.width).some((text) => text !== '')) return refuse('too-many-cells', String(cells.length));
  if (type === null) return refuse('type-unknown', second);
  if (seen.has(address)) return refuse('duplicate', address);
  seen.add(address);
  return { ...row, owner: ownerOf(row), refusal: null };
}

/** A user mailbox without an owner belongs to its user (dynamics: the owner of a user's mailbox is the user). */
const ownerOf = ({ owner, type, address }: Pick<ReadRow, 'owner' | 'type' | 'address'>): string =>
  owner === '' && type === 'user' ? address : owner;
