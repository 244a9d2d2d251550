import { attachmentNumber } from '../mailbox/attachment.ts';
import { readExtendedProperty } from '../mailbox/extended-property.ts';
import type { Attachment, Correspondent, ItemContent } from '../mailbox/item.ts';
import { readMime } from '../mailbox/mime.ts';
import { readMoment, wireTime } from '../mailbox/moment.ts';
import { isItemKind, type ItemKind } from '../mailbox/property-order.ts';
import { readCalendar } from '../mailbox/read-icalendar.ts';
import { ewsMessageError, schemaError } from '../soap/ews-error.ts';
import { child, childText, isTrue, type XmlElement } from '../xml/read.ts';

const ITEM_CLASSES: Readonly<Record<ItemKind, string>> = {
  Message: 'IPM.Note',
  CalendarItem: 'IPM.Appointment',
  Contact: 'IPM.Contact',
  DistributionList: 'IPM.DistList',
  MeetingRequest: 'IPM.Schedule.Meeting.Request',
  MeetingResponse: 'IPM.Schedule.Meeting.Resp.Pos',
  MeetingCancellation: 'IPM.Schedule.Meeting.Canceled',
  Task: 'IPM.Task',
  PostItem: 'IPM.Post',
};
/** Read below; everything else a client sets is kept as it came. */
const KNOWN = new Set(
  'MimeContent ItemClass Subject Body Attachments Importance Sensitivity From Sender ToRecipients CcRecipients BccRecipients ExtendedProperty InternetMessageId'.split(
    ' ',
  ),
);
/** Kept in UTC whatever zone they are given in, as the store keeps them. */
const TIMES = new Set(
  'Start End OriginalStart ReminderDueBy DueDate StartDate CompleteDate Birthday WeddingAnniversary'.split(' '),
);

/** Properties that are true or false. */
const TRUTHS = /^(?:Is[A-Z]|Has[A-Z]|Allow|ReminderIsSet|MeetingRequestWasSent|DoNotForward|NotIn|InviteFree)/;

/** Reads an item of CreateItem. Properties that are set win over those of MimeContent. */
export function readItem(source: XmlElement): ItemContent {
  const kind = source.name;
  if (!isItemKind(kind)) throw ewsMessageError('ErrorInvalidRequest');
  const mime = mimeBytes(childText(source, 'MimeContent'));
  const calendar = mime && kind === 'CalendarItem' ? readCalendar(mime) : undefined;
  const parsed = mime && kind !== 'CalendarItem' ? readMime(mime) : undefined;
  if (mime && !parsed && !calendar) throw ewsMessageError('ErrorMimeContentInvalid');
  const set = source.children.filter(({ name }) => !KNOWN.has(name)).map(normalized);
  const body = child(source, 'Body');
  return {
    kind,
    itemClass: childText(source, 'ItemClass') ?? ITEM_CLASSES[kind],
    subject: child(source, 'Subject')?.text ?? parsed?.subject ?? calendar?.subject ?? '',
    body: body
      ? { type: body.attributes.get('BodyType') === 'HTML' ? 'HTML' : 'Text', text: body.text }
      : (parsed?.body ?? calendar?.body),
    importance: childText(source, 'Importance') ?? 'Normal',
    sensitivity: childText(source, 'Sensitivity') ?? 'Normal',
    from: readMailboxes(child(source, 'From'))[0] ?? parsed?.from,
    sender: readMailboxes(child(source, 'Sender'))[0] ?? parsed?.sender,
    to: recipients(source, 'ToRecipients') ?? parsed?.to ?? [],
    cc: recipients(source, 'CcRecipients') ?? parsed?.cc ?? [],
    bcc: recipients(source, 'BccRecipients') ?? parsed?.bcc ?? [],
    attachments: child(source, 'Attachments')?.children.map(readAttachment) ?? parsed?.attachments ?? [],
    extendedProperties: source.children.filter(({ name }) => name === 'ExtendedProperty').map(readExtendedProperty),
    headers: parsed?.headers ?? [],
    // The text of an appointment is written anew from its properties.
    mime: calendar ? undefined : mime,
    internetMessageId: childText(source, 'InternetMessageId') ?? parsed?.internetMessageId,
    others: new Map([...(calendar?.others ?? []), ...set].map((part) => [part.name, part])),
  };
}

/** Reads a FileAttachment or an ItemAttachment. */
export function readAttachment(source: XmlElement): Attachment {
  const text = (name: string): string | undefined => childText(source, name);
  const about = {
    number: attachmentNumber(),
    name: text('Name') ?? '',
    contentType: text('ContentType'),
    contentId: text('ContentId'),
    contentLocation: text('ContentLocation'),
    isInline: isTrue(text('IsInline')),
    isContactPhoto: isTrue(text('IsContactPhoto')),
  };
  if (source.name === 'FileAttachment') return { ...about, content: readBytes(child(source, 'Content')) };
  const item = source.children.find(({ name }) => isItemKind(name) || name === 'Item');
  if (!item) throw ewsMessageError('ErrorInvalidAttachmentId');
  return { ...about, content: readItem(item.name === 'Item' ? { ...item, name: 'Message' } : item) };
}

function mimeBytes(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = base64Bytes(text);
  if (!bytes || bytes.length === 0) throw ewsMessageError('ErrorMimeContentInvalidBase64String');
  return bytes;
}

/** The content of a file, which may be empty. */
function readBytes(content: XmlElement | undefined): Buffer {
  const bytes = base64Bytes(content?.text ?? '');
  if (!bytes) violate(content, 'Base64Binary');
  return bytes;
}

function base64Bytes(text: string): Buffer | undefined {
  const compact = text.replace(/\s+/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64');
}

/** What may be written in several ways is kept in the one the server writes. */
function normalized(part: XmlElement): XmlElement {
  const text = part.text.trim();
  if (TRUTHS.test(part.name) && /^[01]$/.test(text)) return { ...part, text: text === '1' ? 'true' : 'false' };
  if (!TIMES.has(part.name)) return part;
  const time = readMoment(part.text);
  if (Number.isNaN(time)) violate(part, 'DateTime');
  return { ...part, text: wireTime(time) };
}

function violate(part: XmlElement | undefined, type: string): never {
  const { name = '', text = '', line = 0, column = 0 } = part ?? {};
  const reason = `The value '${text}' is invalid according to its datatype '${type}'.`;
  throw schemaError({ line, column, text: `The '${name}' element is invalid - ${reason}` });
}

function recipients(source: XmlElement, name: string): Correspondent[] | undefined {
  const list = child(source, name);
  return list && readMailboxes(list);
}

/** The people in a list of Mailbox elements; one without an address is refused. */
export function readMailboxes(list: XmlElement | undefined): Correspondent[] {
  return (list?.children ?? []).flatMap((mailbox) => {
    const address = childText(mailbox, 'EmailAddress') ?? '';
    if (address === '') throw ewsMessageError('ErrorInvalidRecipients');
    return [{ name: childText(mailbox, 'Name') ?? address, address }];
  });
}
