import { createHash } from 'node:crypto';

/**
 * Ids look like those of a real server (folder 120 characters, item 152, change key 40, conversation 80; shared facts,
 * exchange.md §6.2) since clients store them in columns of a given width. They carry what they name, so that no table
 * of ids has to be kept for thousands of mailboxes; the rest is a digest, so that an altered id is recognised.
 */
const FOLDER = 1;
const ITEM = 2;
const CONVERSATION = 3;
const LENGTHS = { [FOLDER]: 90, [ITEM]: 114, [CONVERSATION]: 60 } as const;
/** Gives the well-known beginning AAMkA. */
const PREFIX = [0x00, 0x03, 0x24] as const;
const HEAD = PREFIX.length + 1 + 4 + 4;

export interface DecodedId {
  readonly what: 'folder' | 'item';
  readonly mailbox: number;
  readonly number: number;
}

export const folderId = (mailbox: number, folder: number): string => encode(FOLDER, mailbox, folder);
export const itemId = (mailbox: number, item: number): string => encode(ITEM, mailbox, item);
export const conversationId = (mailbox: number, conversation: number): string =>
  encode(CONVERSATION, mailbox, conversation);

/** Differs for every version of every object. */
export function changeKey(mailbox: number, what: 'folder' | 'item', number: number, version: number): string {
  const digest = createHash('sha512').update(`${mailbox}/${what}/${number}/${version}`).digest();
  return Buffer.concat([Buffer.from([0x09, 0, 0, 0, 0x16, 0, 0, 0]), digest])
    .subarray(0, 30)
    .toString('base64');
}

/** Undefined for an id this server never gave out. */
export function decodeId(id: string): DecodedId | undefined {
  const bytes = Buffer.from(id, 'base64');
  if (bytes.length < HEAD) return undefined;
  const kind = bytes[PREFIX.length];
  if (kind !== FOLDER && kind !== ITEM) return undefined;
  const mailbox = bytes.readUInt32BE(PREFIX.length + 1);
  const number = bytes.readUInt32BE(PREFIX.length + 5);
  if (encode(kind, mailbox, number) !== id) return undefined;
  return { what: kind === FOLDER ? 'folder' : 'item', mailbox, number };
}

function encode(kind: typeof FOLDER | typeof ITEM | typeof CONVERSATION, mailbox: number, number: number): string {
  const head = Buffer.alloc(HEAD);
  head.set(PREFIX);
  head[PREFIX.length] = kind;
  head.writeUInt32BE(mailbox, PREFIX.length + 1);
  head.writeUInt32BE(number, PREFIX.length + 5);
  const digest = createHash('sha512').update(head).digest();
  const more = createHash('sha512').update(digest).digest();
  return Buffer.concat([head, digest, more]).subarray(0, LENGTHS[kind]).toString('base64');
}
