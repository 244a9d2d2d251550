import { createHash } from 'node:crypto';

/**
 * Ids look like those of a real server (folder 120 characters, item 152, change key 40, conversation 80; shared facts,
 * exchange.md §6.2) since clients store them in columns of a given width. They carry what they name, so that no table
 * of ids has to be kept for thousands of mailboxes; the rest is a digest, so that an altered id is recognised.
 */
const FOLDER = 1;
const ITEM = 2;
const CONVERSATION = 3;
const ATTACHMENT = 4;
const OCCURRENCE = 5;
const LENGTHS = { [FOLDER]: 90, [ITEM]: 114, [CONVERSATION]: 60, [ATTACHMENT]: 132, [OCCURRENCE]: 120 } as const;
/** Gives the well-known beginning AAMkA. */
const PREFIX = [0x00, 0x03, 0x24] as const;
const HEAD = PREFIX.length + 1;

type Kind = keyof typeof LENGTHS;

export interface DecodedId {
  readonly what: 'folder' | 'item' | 'attachment' | 'occurrence';
  readonly mailbox: number;
  /** Of the folder or item. */
  readonly number: number;
  /** Of the attachment of that item, or of the occurrence of that series, which counts from 1; 0 for the others. */
  readonly part: number;
}

export const folderId = (mailbox: number, folder: number): string => encode(FOLDER, mailbox, folder);
export const itemId = (mailbox: number, item: number): string => encode(ITEM, mailbox, item);
export const conversationId = (mailbox: number, conversation: number): string =>
  encode(CONVERSATION, mailbox, conversation);

export const attachmentId = (mailbox: number, item: number, attachment: number): string =>
  encode(ATTACHMENT, mailbox, item, attachment);
export const occurrenceId = (mailbox: number, master: number, index: number): string =>
  encode(OCCURRENCE, mailbox, master, index);

/** Differs for every version of every object. */
export function changeKey(mailbox: number, what: 'folder' | 'item', number: number, version: number): string {
  const digest = createHash('sha512').update(`${mailbox}/${what}/${number}/${version}`).digest();
  return Buffer.concat([Buffer.from([0x09, 0, 0, 0, 0x16, 0, 0, 0]), digest])
    .subarray(0, 30)
    .toString('base64');
}

const WHATS: ReadonlyMap<number | undefined, DecodedId['what']> = new Map([
  [FOLDER, 'folder'],
  [ITEM, 'item'],
  [ATTACHMENT, 'attachment'],
  [OCCURRENCE, 'occurrence'],
]);

/** Undefined for an id this server never gave out. */
export function decodeId(id: string): DecodedId | undefined {
  const bytes = Buffer.from(id, 'base64');
  const what = WHATS.get(bytes[PREFIX.length]);
  if (!what || bytes.length < HEAD + 12) return undefined;
  const hasPart = what === 'attachment' || what === 'occurrence';
  const mailbox = bytes.readUInt32BE(HEAD);
  const number = bytes.readUInt32BE(HEAD + 4);
  const part = hasPart ? bytes.readUInt32BE(HEAD + 8) : 0;
  const write = { folder: folderId, item: itemId, attachment: attachmentId, occurrence: occurrenceId }[what];
  return write(mailbox, number, part) === id ? { what, mailbox, number, part } : undefined;
}

function encode(kind: Kind, ...numbers: readonly number[]): string {
  const head = Buffer.alloc(HEAD + 4 * numbers.length);
  head.set(PREFIX);
  head[PREFIX.length] = kind;
  for (const [index, number] of numbers.entries()) head.writeUInt32BE(number, HEAD + 4 * index);
  const digest = createHash('sha512').update(head).digest();
  const more = createHash('sha512').update(digest).digest();
  return Buffer.concat([head, digest, more]).subarray(0, LENGTHS[kind]).toString('base64');
}
