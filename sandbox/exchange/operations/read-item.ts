import { readExtendedProperty } from '../mailbox/extended-property.ts';
import type { Correspondent, ItemContent } from '../mailbox/item.ts';
import { readMime } from '../mailbox/mime.ts';
import { isItemKind, type ItemKind } from '../mailbox/property-order.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';

const ITEM_CLASSES: Readonly<Record<ItemKind, string>> = {
  Message: 'IPM.Note',
  CalendarItem: 'IPM.Appointment',
  Contact: 'IPM.Contact',
  Task: 'IPM.Task',
};
/** Read below; everything else a client sets is kept as it came. */
const KNOWN = new Set(
  'MimeContent ItemClass Subject Body Importance Sensitivity From Sender ToRecipients CcRecipients BccRecipients ExtendedProperty InternetMessageId'.split(
    ' ',
  ),
);

/** Reads an item of CreateItem. Properties that are set win over those of MimeContent. */
export function readItem(source: XmlElement): ItemContent {
  const kind = source.name;
  if (!isItemKind(kind)) throw ewsMessageError('ErrorInvalidRequest');
  const mime = mimeBytes(childText(source, 'MimeContent'));
  const parsed = mime && readMime(mime);
  if (mime && !parsed) throw ewsMessageError('ErrorMimeContentInvalid');
  const body = child(source, 'Body');
  return {
    kind,
    itemClass: childText(source, 'ItemClass') ?? ITEM_CLASSES[kind],
    subject: child(source, 'Subject')?.text ?? parsed?.subject ?? '',
    body: body ? { type: body.attributes.get('BodyType') === 'HTML' ? 'HTML' : 'Text', text: body.text } : parsed?.body,
    importance: childText(source, 'Importance') ?? 'Normal',
    sensitivity: childText(source, 'Sensitivity') ?? 'Normal',
    from: mailboxes(child(source, 'From'))[0] ?? parsed?.from,
    sender: mailboxes(child(source, 'Sender'))[0] ?? parsed?.sender,
    to: recipients(source, 'ToRecipients') ?? parsed?.to ?? [],
    cc: recipients(source, 'CcRecipients') ?? parsed?.cc ?? [],
    bcc: recipients(source, 'BccRecipients') ?? parsed?.bcc ?? [],
    extendedProperties: source.children.filter(({ name }) => name === 'ExtendedProperty').map(readExtendedProperty),
    headers: parsed?.headers ?? [],
    mime,
    internetMessageId: childText(source, 'InternetMessageId') ?? parsed?.internetMessageId,
    others: new Map(source.children.filter(({ name }) => !KNOWN.has(name)).map((part) => [part.name, part])),
  };
}

function mimeBytes(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const compact = text.replace(/\s+/g, '');
  if (compact === '' || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    throw ewsMessageError('ErrorMimeContentInvalidBase64String');
  }
  return Buffer.from(compact, 'base64');
}

function recipients(source: XmlElement, name: string): Correspondent[] | undefined {
  const list = child(source, name);
  return list && mailboxes(list);
}

function mailboxes(list: XmlElement | undefined): Correspondent[] {
  return (list?.children ?? []).flatMap((mailbox) => {
    const address = childText(mailbox, 'EmailAddress') ?? '';
    if (address === '') throw ewsMessageError('ErrorInvalidRecipients');
    return [{ name: childText(mailbox, 'Name') ?? address, address }];
  });
}
