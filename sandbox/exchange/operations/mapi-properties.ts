import { createHash } from 'node:crypto';
import { hasAttachments } from '../mailbox/attachment.ts';
import { namedKey, tagKey } from '../mailbox/extended-property.ts';
import type { StoredItem } from '../mailbox/item.ts';
import { wireTime } from '../mailbox/moment.ts';
import { isSeries } from '../mailbox/series.ts';

type Read = (item: StoredItem) => string | undefined;

const IMPORTANCES = ['Low', 'Normal', 'High'];
const SENSITIVITIES = ['Normal', 'Personal', 'Private', 'Confidential'];
const BUSY_STATUSES = ['Free', 'Tentative', 'Busy', 'OOF', 'WorkingElsewhere'];
const READ = 0x1;
const UNMODIFIED = 0x2;
const UNSENT = 0x8;
const HAS_ATTACHMENTS = 0x10;
const FROM_ME = 0x20;
const UTF8_CODE_PAGE = 65_001;

const people = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join('; ');
const time = (value: Date | undefined): string | undefined => value && wireTime(value);
const binary = (item: StoredItem, what: string): string =>
  createHash('sha256').update(`${what}/${item.id}`).digest().subarray(0, 16).toString('base64');

/**
 * What the store knows of an item as a MAPI property, by the key of its path (MS-OXPROPS). Clients that come from MAPI or
 * speak IMAP ask for these instead of the properties of the schema.
 */
const KNOWN: ReadonlyMap<string, Read> = new Map<string, Read>([
  [tagKey(0x001a, 'String'), ({ content }) => content.itemClass],
  [tagKey(0x0017, 'Integer'), ({ content }) => String(IMPORTANCES.indexOf(content.importance))],
  [tagKey(0x0036, 'Integer'), ({ content }) => String(SENSITIVITIES.indexOf(content.sensitivity))],
  [tagKey(0x0037, 'String'), ({ content }) => content.subject],
  [tagKey(0x0039, 'SystemTime'), ({ sentAt }) => time(sentAt)],
  [tagKey(0x0042, 'String'), ({ content }) => content.from?.name],
  [tagKey(0x0065, 'String'), ({ content }) => content.from?.address],
  [tagKey(0x0070, 'String'), ({ content }) => content.subject],
  [tagKey(0x0c1a, 'String'), ({ content }) => content.sender?.name],
  [tagKey(0x0c1f, 'String'), ({ content }) => content.sender?.address],
  [tagKey(0x0e02, 'String'), ({ content }) => people(content.bcc)],
  [tagKey(0x0e03, 'String'), ({ content }) => people(content.cc)],
  [tagKey(0x0e04, 'String'), ({ content }) => people(content.to)],
  [tagKey(0x0e06, 'SystemTime'), ({ receivedAt, createdAt }) => time(receivedAt ?? createdAt)],
  [tagKey(0x0e07, 'Integer'), (item) => String(messageFlags(item))],
  [tagKey(0x0e08, 'Integer'), ({ size }) => String(size)],
  [tagKey(0x0e1b, 'Boolean'), ({ content }) => String(hasAttachments(content.attachments))],
  [tagKey(0x0e1d, 'String'), ({ content }) => content.subject],
  // The number of the article: IMAP gateways make their UID of it.
  [tagKey(0x0e23, 'Integer'), ({ number }) => String(number)],
  [tagKey(0x0ff9, 'Binary'), (item) => binary(item, 'record')],
  [tagKey(0x1000, 'String'), ({ content }) => content.body?.text],
  [tagKey(0x1035, 'String'), ({ content }) => content.internetMessageId],
  [tagKey(0x10f3, 'String'), ({ content }) => `${content.subject}.EML`],
  [tagKey(0x3001, 'String'), ({ content }) => content.others.get('DisplayName')?.text.trim() ?? content.subject],
  [tagKey(0x3007, 'SystemTime'), ({ createdAt }) => time(createdAt)],
  [tagKey(0x3008, 'SystemTime'), ({ modifiedAt }) => time(modifiedAt)],
  [tagKey(0x300b, 'Binary'), (item) => binary(item, 'search')],
  [tagKey(0x3fde, 'Integer'), () => String(UTF8_CODE_PAGE)],
  [tagKey(0x5d01, 'String'), ({ content }) => content.sender?.address],
  [tagKey(0x5d02, 'String'), ({ content }) => content.from?.address],
  [namedKey('Appointment', 0x8205, 'Integer'), (item) => busyStatus(item)],
  [namedKey('Appointment', 0x8208, 'String'), (item) => calendarText(item, 'Location')],
  [namedKey('Appointment', 0x820d, 'SystemTime'), (item) => calendarText(item, 'Start')],
  [namedKey('Appointment', 0x820e, 'SystemTime'), (item) => calendarText(item, 'End')],
  [namedKey('Appointment', 0x8215, 'Boolean'), (item) => calendarText(item, 'IsAllDayEvent', 'false')],
  [namedKey('Appointment', 0x8223, 'Boolean'), (item) => (isCalendar(item) ? String(isSeries(item)) : undefined)],
  [namedKey('Common', 0x8516, 'SystemTime'), (item) => calendarText(item, 'Start')],
  [namedKey('Common', 0x8517, 'SystemTime'), (item) => calendarText(item, 'End')],
  [
    namedKey('PublicStrings', 'urn:schemas:calendar:instancetype', 'Integer'),
    (item) => (isCalendar(item) ? (isSeries(item) ? '1' : '0') : undefined),
  ],
]);

/** The value of a property by the key of its path (ExtendedFieldPath); undefined where the item has none. */
export function mapiProperty(item: StoredItem, key: string): string | undefined {
  return KNOWN.get(key)?.(item);
}

function isCalendar({ content }: StoredItem): boolean {
  return content.kind === 'CalendarItem';
}

function calendarText(item: StoredItem, name: string, otherwise?: string): string | undefined {
  return isCalendar(item) ? (item.content.others.get(name)?.text.trim() ?? otherwise) : undefined;
}

function busyStatus(item: StoredItem): string | undefined {
  const status = calendarText(item, 'LegacyFreeBusyStatus', 'Busy');
  return status === undefined ? undefined : String(BUSY_STATUSES.indexOf(status));
}

function messageFlags({ isRead, isDraft, isFromMe, version, content }: StoredItem): number {
  return (
    (isRead ? READ : 0) |
    (version === 0 ? UNMODIFIED : 0) |
    (isDraft ? UNSENT : 0) |
    (hasAttachments(content.attachments) ? HAS_ATTACHMENTS : 0) |
    (isFromMe ? FROM_ME : 0)
  );
}
