import { isAddress, normalizeAddress, type MailboxType } from '../model/mailbox.ts';

/** Where a row holds what; null: nowhere. */
export interface ImportColumns {
  readonly address: number;
  readonly type: number | null;
  readonly owner: number | null;
  /** Cells that a row may have. */
  readonly width: number;
}

/** Without a header line. */
export const usualColumns: ImportColumns = { address: 0, type: 1, owner: 2, width: 3 };

/**
 * Names of columns, by letters and digits alone: of the platform, of Exchange's own exports, and of people, in the languages
 * that Mailroom exports in. The first that a header has is taken, so a name comes after what is surely an address.
 */
const names = {
  address: [
    'primarysmtpaddress',
    'emailaddress',
    'email',
    'smtpaddress',
    'windowsemailaddress',
    'mailaddress',
    'address',
    'mail',
    'mailbox',
    'emailadresse',
    'mailadresse',
    'smtpadresse',
    'adresse',
    'postfach',
  ],
  type: ['type', 'mailboxtype', 'typ', 'postfachtyp'],
  owner: ['owner', 'mailboxowner', 'besitzer', 'eigentümer', 'postfachbesitzer'],
} as const;

/** No name of a column is longer, and no header has more of them: what is, costs nothing to read. */
const longest = { name: 60, header: 1000 } as const;

const plain = (name: string): string =>
  name.length > longest.name ? '' : name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/**
 * The columns that a header line names, in any order, and the names of those that an import does not read. Null: it is no
 * header, since it has no column of addresses or is a row with one.
 */
export function readHeader(
  cells: readonly string[],
): { readonly columns: ImportColumns; readonly ignored: readonly string[] } | null {
  const header = cells.slice(0, longest.header).map(plain);
  const find = (wanted: readonly string[]): number | null => {
    const name = wanted.find((candidate) => header.includes(candidate));
    return name === undefined ? null : header.indexOf(name);
  };
  const address = find(names.address);
  if (address === null || cells.some((cell) => isAddress(normalizeAddress(cell)))) return null;
  const [type, owner] = [find(names.type), find(names.owner)];
  const ignored = cells.filter((cell, index) => cell !== '' && ![address, type, owner].includes(index));
  return { columns: { address, type, owner, width: cells.length }, ignored };
}

const types: Readonly<Partial<Record<string, MailboxType>>> = {
  '': 'user',
  user: 'user',
  usermailbox: 'user',
  benutzer: 'user',
  benutzerpostfach: 'user',
  queue: 'queue',
  queuemailbox: 'queue',
  warteschlange: 'queue',
  warteschlangenpostfach: 'queue',
};

/** Null for a word that is no type. */
export function readType(cell: string): MailboxType | null {
  if (cell.length > longest.name) return null;
  const word = plain(cell);
  return Object.hasOwn(types, word) ? (types[word] ?? null) : null;
}
