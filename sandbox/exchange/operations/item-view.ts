import { hasAttachments } from '../mailbox/attachment.ts';
import { writeExtendedProperty, type ExtendedProperty } from '../mailbox/extended-property.ts';
import { writeCalendar } from '../mailbox/icalendar.ts';
import type { Correspondent, ItemBody, StoredItem } from '../mailbox/item.ts';
import { wrapBase64, writeMime } from '../mailbox/mime.ts';
import { readMoment, wireTime } from '../mailbox/moment.ts';
import { isMail, ITEM_ORDER } from '../mailbox/property-order.ts';
import { element, textElement, type XmlContent, type XmlNode } from '../xml/write.ts';
import { rightsIn } from './access.ts';
import { attachmentList } from './attachment-view.ts';
import { calendarProperty } from './calendar-properties.ts';
import { contactProperty } from './contact-properties.ts';
import { effectiveRights, writeFolderId } from './folder-view.ts';
import { given } from './given-property.ts';
import { mapiProperty } from './mapi-properties.ts';
import { messageProperty } from './message-properties.ts';
import type { OperationContext } from './operation.ts';
import type { ResponseShape } from './response-shape.ts';
import { responseObjects } from './response-objects.ts';
import { taskProperty } from './task-properties.ts';

/** FindItem brings no bodies and no lists of recipients, GetItem does. */
export type ItemDetail = 'found' | 'full';

const DEFAULT_FOUND = new Set(
  'Subject Sensitivity Size DateTimeSent DateTimeCreated HasAttachments From IsRead IsReadReceiptRequested Start End Location LegacyFreeBusyStatus IsAllDayEvent DueDate PercentComplete StartDate Status FileAs'.split(
    ' ',
  ),
);
const DEFAULT_FULL = new Set(
  'Subject Sensitivity Body Attachments Size DateTimeSent DateTimeCreated HasAttachments IsAssociated ToRecipients CcRecipients From IsRead IsReadReceiptRequested Start End Location LegacyFreeBusyStatus IsAllDayEvent DueDate PercentComplete StartDate Status FileAs GivenName Surname EmailAddresses'.split(
    ' ',
  ),
);
/** Only on request, even of AllProperties; or never from FindItem. */
const ON_REQUEST = new Set(
  'MimeContent ExtendedProperty TextBody InternetMessageHeaders UniqueBody NormalizedBody Preview DisplayBcc'.split(
    ' ',
  ),
);
export const FULL_ONLY: ReadonlySet<string> = new Set([
  'MimeContent',
  'Body',
  'Attachments',
  'TextBody',
  'UniqueBody',
  'NormalizedBody',
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
    else if (shape.indexed.has(name)) nodes.push(indexedProperty(name, item, shape, context));
  }
  return element(`t:${item.content.kind}`, {}, ...nodes);
}

/** The entries of a property that were asked for one by one, and of an entry the parts. */
function indexedProperty(
  name: string,
  item: StoredItem,
  shape: ResponseShape,
  context: OperationContext,
): XmlNode | undefined {
  const whole = writeProperty(name, item, shape, context);
  const paths = shape.indexed.get(name) ?? [];
  const content = whole?.content.flatMap((entry): XmlContent[] => {
    if (typeof entry !== 'object') return [];
    const wanted = paths.filter(({ index }) =>
      [entry.attributes['Key'], entry.attributes['HeaderName']].includes(index),
    );
    if (wanted.length === 0) return [];
    const parts = new Set(wanted.map(({ part }) => part && `t:${part}`));
    const inner = parts.has(undefined)
      ? entry.content
      : entry.content.filter((part) => typeof part === 'object' && parts.has(part.name));
    return [{ ...entry, content: inner }];
  });
  return content && content.length > 0 && whole ? { ...whole, content } : undefined;
}

/** Nothing but which item it is: what answers to a change bring. */
export function writeItemRef(item: StoredItem): XmlNode {
  return element(`t:${item.content.kind}`, {}, writeItemId(item));
}

export function writeItemId(item: StoredItem): XmlNode {
  return element('t:ItemId', { Id: item.id, ChangeKey: item.changeKey });
}

const PLAIN: ResponseShape = {
  base: 'IdOnly',
  fields: new Set(),
  extended: [],
  indexed: new Map(),
  includeMime: false,
  bodyType: 'Best',
};

/** One property of an item as it would be written; undefined where it has none. */
export function itemProperty(name: string, item: StoredItem, context: OperationContext): XmlNode | undefined {
  return writeProperty(name, item, PLAIN, context);
}

function writeProperty(
  name: string,
  item: StoredItem,
  shape: ResponseShape,
  context: OperationContext,
): XmlNode | undefined {
  const { content } = item;
  const isMessage = isMail(content.kind);
  const text = (value: string | number | boolean): XmlNode => textElement(`t:${name}`, value);
  const time = (value: Date | undefined): XmlNode | undefined => (value ? text(wireTime(value)) : undefined);
  switch (name) {
    case 'MimeContent':
      return mimeContent(item);
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
    case 'UniqueBody':
    case 'NormalizedBody':
      return content.body && bodyNode(name, convertBody(content.body, shape.bodyType));
    case 'TextBody':
      return content.body && bodyNode(name, convertBody(content.body, 'Text'));
    case 'Preview':
      return text(content.body ? convertBody(content.body, 'Text').text.slice(0, 255) : '');
    case 'DateTimeReceived':
      return time(item.receivedAt);
    case 'Size':
      return text(item.size);
    case 'Importance':
      return text(content.importance);
    case 'Attachments':
      return attachmentList(item, context);
    case 'HasAttachments':
      return text(hasAttachments(content.attachments));
    case 'IsSubmitted':
    case 'IsResend':
      return text(false);
    case 'ReminderIsSet':
      return given(name, item) ?? text(false);
    case 'ReminderMinutesBeforeStart':
      return given(name, item) ?? text(0);
    case 'ReminderDueBy':
      return given(name, item) ?? reminderDue(item);
    case 'Flag':
      return given(name, item) ?? element('t:Flag', {}, textElement('t:FlagStatus', 'NotFlagged'));
    case 'ResponseObjects':
      return responseObjects(item);
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
    case 'DisplayBcc':
      return text(names(content.bcc));
    case 'Culture':
      return text('en-US');
    case 'EffectiveRights':
      return effectiveRights(rightsIn(item.folder, context), true);
    case 'LastModifiedName':
      return text(context.mailbox.displayName);
    case 'ConversationId':
      return isMessage ? element('t:ConversationId', { Id: item.conversationId }) : undefined;
    default:
      return kindProperty(name, item, context);
  }
}

/** The reminder of an appointment is due when it begins. */
function reminderDue(item: StoredItem): XmlNode | undefined {
  const start = readMoment(item.content.others.get('Start')?.text);
  return Number.isNaN(start) ? undefined : textElement('t:ReminderDueBy', wireTime(start));
}

function kindProperty(name: string, item: StoredItem, context: OperationContext): XmlNode | undefined {
  switch (item.content.kind) {
    case 'CalendarItem':
      return calendarProperty(name, item, context);
    case 'Contact':
      return contactProperty(name, item);
    case 'DistributionList':
      return given(name, item);
    case 'Task':
      return taskProperty(name, item, context);
    default:
      return messageProperty(name, item, context);
  }
}

function extendedProperties(item: StoredItem, shape: ResponseShape): XmlNode[] {
  return shape.extended.flatMap((path) => {
    const found = findExtended(item, path.key);
    return found ? [writeExtendedProperty(found.values, path.attributes)] : [];
  });
}

/** The values of an extended property: as they were set, or what the store itself knows under that tag. */
export function findExtended(item: StoredItem, key: string): Pick<ExtendedProperty, 'values'> | undefined {
  const set = item.content.extendedProperties.find((property) => property.path.key === key);
  if (set) return set;
  const known = mapiProperty(item, key);
  return known === undefined ? undefined : { values: [known] };
}

/** Messages and appointments have an Internet format; of the other items none is told. */
function mimeContent(item: StoredItem): XmlNode | undefined {
  const { content } = item;
  const isCalendar = content.kind === 'CalendarItem';
  if (!isCalendar && !isMail(content.kind) && content.kind !== 'PostItem') return undefined;
  const bytes = isCalendar ? writeCalendar(item) : writeMime(content, item.sentAt);
  return element('t:MimeContent', { CharacterSet: 'UTF-8' }, wrapBase64(bytes));
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

function names(people: readonly Correspondent[]): string {
  return people.map((person) => person.name).join('; ');
}
