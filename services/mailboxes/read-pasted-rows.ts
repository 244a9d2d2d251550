import { parse } from 'csv-parse/sync';
import { MailroomError } from '../model/error.ts';
import { importRowLimit, type ImportRefusal } from '../model/import-batch.ts';
import { isAddress, normalizeAddress, type MailboxType } from '../model/mailbox.ts';

/** A row as it was pasted, judged by itself: what it would become, or why it cannot. */
export interface PastedRow {
  readonly line: number;
  readonly address: string;
  readonly type: MailboxType;
  readonly owner: string;
  readonly refusal: { readonly code: ImportRefusal; readonly value: string } | null;
}

const addressHeaders = [
  'address',
  'email',
  'e-mail',
  'mail',
  'mailbox',
  'emailaddress',
  'email address',
  'primarysmtpaddress',
];
const columns = 3;

/**
 * Reads rows `address, type, owner` from a chat message: comma, semicolon or tab (Excel cells), with or without a header
 * line, BOM, quotes, and the links that Teams makes of addresses. Rows are never dropped: one that cannot be used carries
 * its reason and its line.
 * @throws MailroomError `import.empty`, `import.too-many-rows` {limit}, `import.unreadable` {line}
 */
export function readPastedRows(text: string): PastedRow[] {
  const plain = untangle(text);
  if (plain.trim() === '') throw new MailroomError('import.empty');
  const records = readCells(plain, delimiterOf(plain));
  const rows = records.filter(
    ({ cells }, index) => cells.some((cell) => cell !== '') && !(index === 0 && isHeader(cells)),
  );
  if (rows.length === 0) throw new MailroomError('import.empty');
  if (rows.length > importRowLimit) throw new MailroomError('import.too-many-rows', { limit: importRowLimit });
  const seen = new Set<string>();
  return rows.map(({ cells, line }) => judge(cells, line, seen));
}

/**
 * Takes away what Teams and Excel put around the text: links, non-breaking spaces, BOM, CRLF. Each pattern stops at the
 * sign that opens the next one of its kind: one that reads on to the end takes minutes for a paste of nothing but openings.
 */
function untangle(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll(/<a ([^<>]*)>[^<]*<\/a>/gi, (link, attributes: string) => mailtoOf(attributes) ?? link)
    .replaceAll(/\[[^[\]\n]*\]\(mailto:([^()[\]\s]*)\)/gi, '$1')
    .replaceAll(/<mailto:([^|<>\s]*)(\|[^<>]*)?>/gi, '$1')
    .replaceAll(/(^|[\s,;"<])mailto:/gi, '$1')
    .replaceAll(/<br\s*\/?>/gi, '\n')
    .replaceAll(/&nbsp;|\u00A0/gi, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll(/\u200B|\uFEFF/g, '')
    .replaceAll(/\r\n?/g, '\n');
}

const mailtoOf = (attributes: string): string | undefined => /href="mailto:([^"]*)"/i.exec(attributes)?.[1];

/** The separator that the first line with one uses; a tab wins, since Excel cells may hold commas. */
function delimiterOf(text: string): string {
  const line = text.split('\n').find((candidate) => /[\t;,]/.test(candidate)) ?? '';
  return ['\t', ';', ','].find((candidate) => line.includes(candidate)) ?? ',';
}

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
    }) as unknown as {
      info: { lines: number };
      record: string[];
    }[];
    return records.map(({ info, record }) => ({ cells: record.map((cell) => cell.trim()), line: info.lines }));
  } catch (error) {
    const line =
      error !== null && typeof error === 'object' && 'lines' in error && typeof error.lines === 'number'
        ? error.lines
        : 1;
    throw new MailroomError('import.unreadable', { line }, error);
  }
}

function isHeader(cells: readonly string[]): boolean {
  return addressHeaders.includes((cells[0] ?? '').toLowerCase());
}

function judge(cells: readonly string[], line: number, seen: Set<string>): PastedRow {
  const [first = '', second = '', third = ''] = cells;
  const address = normalizeAddress(first);
  const type = second.toLowerCase();
  const row = {
    line,
    address: address.slice(0, 200),
    type: type === 'queue' ? ('queue' as const) : ('user' as const),
    owner: third.slice(0, 200),
  };
  const refuse = (code: ImportRefusal, value: string): PastedRow => ({
    ...row,
    refusal: { code, value: value.slice(0, 100) },
  });

  if (address === '') return refuse('address-missing', '');
  if (!isAddress(address)) return refuse('address-invalid', first);
  if (cells.slice(columns).some((cell) => cell !== '')) return refuse('too-many-cells', String(cells.length));
  if (type !== '' && type !== 'user' && type !== 'queue') return refuse('type-unknown', second);
  if (seen.has(address)) return refuse('duplicate', address);
  seen.add(address);
  // A user mailbox without an owner belongs to its user (dynamics: the owner of a user's mailbox is the user).
  return { ...row, owner: row.owner === '' && row.type === 'user' ? address : row.owner, refusal: null };
}
