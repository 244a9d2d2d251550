import { writeExtendedProperty, type ExtendedProperty } from '../mailbox/extended-property.ts';
import type { Correspondent, ItemBody, StoredItem } from '../mailbox/item.ts';
import { wrapBase64, writeMime } from '../mailbox/mime.ts';
import { ITEM_ORDER } from '../mailbox/property-order.ts';
import { copyXml } from '../xml/copy.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { rightsIn } from './access.ts';
import { effectiveRights, writeFolderId } from './folder-view.ts';
import type { OperationContext } from './operation.ts';
import type { ResponseShape } from './response-shape.ts';

/** FindItem brings no bodies and no lists of recipients, GetItem does. */
export type ItemDetail = 'found' | 'full';

const DEFAULT_FOUND = new Set(
  'Subject Sensitivity Size DateTimeSent DateTimeCreated HasAttachments From IsRead IsReadReceiptRequested Start End Location LegacyFreeBusyStatus IsAllDayEvent DueDate PercentComplete StartDate Status FileAs'.split(
    ' ',
  ),
);
const DEFAULT_FULL = new Set(
  'Subject Sensitivity Body Size DateTimeSent DateTimeCreated HasAttachments IsAssociated ToRecipients CcRecipients From IsRead IsReadReceiptRequested Start End Location LegacyFreeBusyStatus IsAllDayEvent DueDate PercentComplete StartDate Status FileAs GivenName Surname EmailAddresses'.split(
    ' ',
  ),
);
/** Only on request, even of AllProperties; or never from FindItem. */
const ON_REQUEST = new Set(['MimeContent', 'ExtendedProperty', 'TextBody', 'InternetMessageHeaders']);
export const FULL_ONLY: ReadonlySet<string> = new Set([
  'MimeContent',
  'Body',
  'TextBody',
  'InternetMessageHeaders',
  'ToRecipients',
  'CcRecipients',
  'BccRecipients',
]);

/** Writes an item as far as the shape asks for it, in the order of its type in the schema. */
export function writeItem(
  item: StoredItem,
  shape: ResponseShape,
  detail: ItemDetail,
  context: OperationContext,
): XmlNode {
  const requested = new Set([...shape.fields].map((uri) => uri.slice(uri.indexOf(':') + 1)));
  if (shape.includeMime) requested.add('MimeContent');
  const inBase = (name: string): boolean => {
    if (shape.base === 'IdOnly' || ON_REQUEST.has(name)) return false;
    if (shape.base === 'AllProperties') return detail === 'full' || !FULL_ONLY.has(name);
    return (detail === 'full' ? DEFAULT_FULL : DEFAULT_FOUND).has(name);
  };
  const nodes: (XmlNode | undefined)[] = [];
  for (const name of ITEM_ORDER[item.content.kind]) {
    if (name === 'ItemId') nodes.push(writeItemId(item));
    else if (name === 'ExtendedProperty') nodes.push(...extendedProperties(item, shape));
    else if (requested.has(name) || inBase(name)) nodes.push(writeProperty(name, item, shape, context));
  }
  return element(`t:${item.content.kind}`, {}, ...nodes);
}

export function writeItemId(item: StoredItem): XmlNode {
  return element('t:ItemId', { Id: item.id, ChangeKey: item.changeKey });
}

/** Times on the wire have whole seconds and are UTC. */
export function wireTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

function writeProperty(
  name: string,
  item: StoredItem,
  shape: ResponseShape,
  context: OperationContext,
): XmlNode | undefined {
  const { content } = item;
  const isMessage = content.kind === 'Message';
  const text = (value: string | number | boolean): XmlNode => textElement(`t:${name}`, value);
  const time = (value: Date | undefined): XmlNode | undefined => (value ? text(wireTime(value)) : undefined);
  switch (name) {
    case 'MimeContent':
      return isMessage ? mimeContent(item) : undefined;
    case 'ParentFolderId': {
      const folder = context.mailbox.folders.named(item.folder);
      return folder && writeFolderId('t:ParentFolderId', folder, context);
    }
    case 'ItemClass':
      return text(content.itemClass);
    case 'Subject':
      return content.subject === '' ? undefined : text(content.subject);
    case 'Sensitivity':
      return text(content.sensitivity);
    case 'Body':
      return content.body && bodyNode(name, convertBody(content.body, shape.bodyType));
    case 'TextBody':
      return content.body && bodyNode(name, convertBody(content.body, 'Text'));
    case 'DateTimeReceived':
      return time(item.receivedAt);
    case 'Size':
      return text(item.size);
    case 'Importance':
      return text(content.importance);
    case 'IsSubmitted':
    case 'IsResend':
    case 'HasAttachments':
      return text(false);
    case 'IsDraft':
      return text(item.isDraft);
    case 'IsAssociated':
      return text(item.isAssociated);
    case 'IsFromMe':
      return text(item.isFromMe);
    case 'IsUnmodified':
      return text(!item.isDraft);
    case 'InternetMessageHeaders':
      return internetHeaders(item);
    case 'DateTimeSent':
      return time(item.sentAt);
    case 'DateTimeCreated':
      return time(item.createdAt);
    case 'LastModifiedTime':
      return time(item.modifiedAt);
    case 'DisplayTo':
      return text(names(content.to));
    case 'DisplayCc':
      return text(names(content.cc));
    case 'Culture':
      return text('en-US');
    case 'EffectiveRights':
      return effectiveRights(rightsIn(item.folder, context), true);
    case 'LastModifiedName':
      return text(context.mailbox.displayName);
    case 'ConversationId':
      return isMessage ? element('t:ConversationId', { Id: item.conversationId }) : undefined;
    default:
      return isMessage ? messageProperty(name, item) : other(name, item);
  }
}

function messageProperty(name: string, item: StoredItem): XmlNode | undefined {
  const { content } = item;
  switch (name) {
    case 'Sender':
      return content.sender && element('t:Sender', {}, mailboxNode(content.sender));
    case 'From':
      return content.from && element('t:From', {}, mailboxNode(content.from));
    case 'ToRecipients':
      return recipients(name, content.to);
    case 'CcRecipients':
      return recipients(name, content.cc);
    case 'BccRecipients':
      return recipients(name, content.bcc);
    case 'IsReadReceiptRequested':
    case 'IsDeliveryReceiptRequested':
    case 'IsResponseRequested':
      return textElement(`t:${name}`, false);
    case 'ConversationTopic':
      return content.subject === '' ? undefined : textElement(`t:${name}`, content.subject);
    case 'InternetMessageId':
      return content.internetMessageId === undefined ? undefined : textElement(`t:${name}`, content.internetMessageId);
    case 'IsRead':
      return textElement('t:IsRead', item.isRead);
    default:
      return other(name, item);
  }
}

function other(name: string, item: StoredItem): XmlNode | undefined {
  const given = item.content.others.get(name);
  return given && copyXml(given);
}

function extendedProperties(item: StoredItem, shape: ResponseShape): XmlNode[] {
  return shape.extended.flatMap((path) => {
    const found = findExtended(item, path.key);
    return found ? [writeExtendedProperty(found, path.attributes)] : [];
  });
}

export function findExtended(item: StoredItem, key: string): ExtendedProperty | undefined {
  return item.content.extendedProperties.find((property) => property.path.key === key);
}

function mimeContent(item: StoredItem): XmlNode {
  return element('t:MimeContent', { CharacterSet: 'UTF-8' }, wrapBase64(writeMime(item.content, item.sentAt)));
}

function bodyNode(name: string, body: ItemBody): XmlNode {
  return element(`t:${name}`, { BodyType: body.type }, body.text);
}

function convertBody(body: ItemBody, wanted: ResponseShape['bodyType']): ItemBody {
  if (wanted === 'Best' || wanted === body.type) return body;
  if (wanted === 'Text') return { type: 'Text', text: body.text.replace(/<[^>]*>/g, '').trim() };
  const escaped = body.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return { type: 'HTML', text: `<html><body><div>${escaped}</div></body></html>` };
}

function internetHeaders(item: StoredItem): XmlNode | undefined {
  const fromProperties = item.content.extendedProperties.flatMap(({ path, values }) =>
    path.header === undefined ? [] : [[path.header, values.join(', ')] as const],
  );
  const all = [...item.content.headers, ...fromProperties];
  if (all.length === 0) return undefined;
  const nodes = all.map(([name, value]) => element('t:InternetMessageHeader', { HeaderName: name }, value));
  return element('t:InternetMessageHeaders', {}, ...nodes);
}

function recipients(name: string, people: readonly Correspondent[]): XmlNode | undefined {
  return people.length === 0 ? undefined : element(`t:${name}`, {}, ...people.map((person) => mailboxNode(person)));
}

export function mailboxNode(person: Correspondent, type = 'Mailbox'): XmlNode {
  return element(
    't:Mailbox',
    {},
    textElement('t:Name', person.name),
    textElement('t:EmailAddress', person.address),
    textElement('t:RoutingType', 'SMTP'),
    textElement('t:MailboxType', type),
  );
}

function names(people: readonly Correspondent[]): string {
  return people.map((person) => person.name).join('; ');
}
