import { readFieldPath } from '../mailbox/extended-property.ts';
import type { ItemContent, StoredItem } from '../mailbox/item.ts';
import { attendeesOf, invite, isOrganizer } from '../mailbox/meeting.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { UPDATE_ITEM } from '../soap/change-shapes.ts';
import { madeElement } from '../xml/make.ts';
import { child, isTrue, type XmlElement } from '../xml/read.ts';
import { element, textElement } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { send } from './create-item.ts';
import { resolveItem } from './folder-ids.ts';
import { writeItemRef } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { readItem } from './read-item.ts';

/** An item on its way through the changes of a request. */
interface Draft {
  readonly content: ItemContent;
  readonly isRead: boolean;
}

export const updateItem: Operation = {
  shape: UPDATE_ITEM,
  onError: [element('m:Items')],
  parts: (request) => child(request, 'ItemChanges')?.children ?? [],
  answer(part, request, asked) {
    const id = part.children[0];
    if (id?.name !== 'ItemId') throw ewsMessageError('ErrorItemNotFound');
    const { item, context } = resolveItem(id, asked, 'ignore');
    checkConflict(id, item, request.attributes.get('ConflictResolution'));
    mustBeWritable(item.folder, context);
    const disposition = dispositionOf(item, request);
    const changes = child(part, 'Updates')?.children ?? [];
    const { content, isRead } = changes.reduce<Draft>(applyChange, item);
    const { mailbox, organization } = context;
    const updated = mailbox.update(item, content, isRead, organization.now());
    if (disposition === 'SaveOnly') {
      tellGuests(updated, request.attributes.get('SendMeetingInvitationsOrCancellations'), context);
      return answer(updated);
    }
    sendDraft(updated, disposition === 'SendAndSaveCopy', request, context);
    return { content: [element('m:Items'), conflicts()] };
  },
};

/** Whoever was invited hears of a meeting that changed, if the request says so; of single occurrences nobody is told. */
function tellGuests(item: StoredItem, how: string | undefined, { organization, mailbox }: OperationContext): void {
  const { content, occurrence } = item;
  if (content.kind !== 'CalendarItem' || occurrence || how === undefined || how === 'SendToNone') return;
  if (!isOrganizer(mailbox, content) || attendeesOf(content).length === 0) return;
  invite(organization, mailbox, item, how.endsWith('SaveCopy'));
}

function answer(item: StoredItem) {
  return { content: [element('m:Items', {}, writeItemRef(item)), conflicts()] };
}

function conflicts() {
  return element('m:ConflictResults', {}, textElement('t:Count', 0));
}

/** NeverOverwrite wants to know the newest version; with the others the last one wins, as nothing is merged here. */
function checkConflict(id: XmlElement, item: StoredItem, resolution: string | undefined): void {
  const sent = id.attributes.get('ChangeKey');
  if (resolution === 'AlwaysOverwrite') return;
  if (sent === undefined) throw ewsMessageError('ErrorChangeKeyRequired');
  if (resolution === 'NeverOverwrite' && sent !== item.changeKey) throw ewsMessageError('ErrorIrresolvableConflict');
}

function dispositionOf({ content, isAssociated }: StoredItem, { attributes }: XmlElement): string {
  if (content.kind === 'CalendarItem' && !attributes.has('SendMeetingInvitationsOrCancellations')) {
    throw ewsMessageError('ErrorSendMeetingInvitationsOrCancellationsRequired');
  }
  if (content.kind !== 'Message' || isAssociated) return 'SaveOnly';
  const disposition = attributes.get('MessageDisposition');
  if (disposition === undefined) throw ewsMessageError('ErrorMessageDispositionRequired');
  return disposition;
}

function sendDraft(item: StoredItem, keepsCopy: boolean, request: XmlElement, context: OperationContext): void {
  send(item.content, keepsCopy, request, context);
  context.mailbox.remove(item);
}

/** Fields of ItemContent that hold what a property of that name sets. */
const FIELDS: ReadonlyMap<string, (from: ItemContent) => Partial<ItemContent>> = new Map<
  string,
  (from: ItemContent) => Partial<ItemContent>
>([
  ['ItemClass', ({ itemClass }) => ({ itemClass })],
  ['Subject', ({ subject }) => ({ subject })],
  ['Body', ({ body }) => ({ body })],
  ['Importance', ({ importance }) => ({ importance })],
  ['Sensitivity', ({ sensitivity }) => ({ sensitivity })],
  ['From', ({ from }) => ({ from })],
  ['Sender', ({ sender }) => ({ sender })],
  ['ToRecipients', ({ to }) => ({ to })],
  ['CcRecipients', ({ cc }) => ({ cc })],
  ['BccRecipients', ({ bcc }) => ({ bcc })],
]);

function applyChange(draft: Draft, change: XmlElement): Draft {
  const [path, source] = change.children;
  if (!path) throw ewsMessageError('ErrorInvalidPropertyRequest');
  const { content } = draft;
  // One element of a property, such as a single address of a contact, is named with an index.
  const name = (path.attributes.get('FieldURI') ?? '').replace(/^.*?:/, '').replace(/:.*$/, '');
  const given = source && readItem({ ...source, name: content.kind });
  // What the message was as MIME, it no longer is.
  const base: ItemContent = { ...content, mime: undefined };
  if (path.name === 'ExtendedFieldURI') {
    const { key } = readFieldPath(path);
    const others = base.extendedProperties.filter((property) => property.path.key !== key);
    return { ...draft, content: { ...base, extendedProperties: [...others, ...(given?.extendedProperties ?? [])] } };
  }
  if (name === 'IsRead') return { content, isRead: isTrue(child(source, 'IsRead')?.text.trim()) };
  const field = FIELDS.get(name);
  if (field) {
    const empty = readItem({ ...change, name: content.kind, children: [] });
    const next = field(given ?? empty);
    return { ...draft, content: { ...base, ...(change.name === 'AppendToItemField' ? append(base, next) : next) } };
  }
  return { ...draft, content: { ...base, others: withOther(base, path, name, change, given) } };
}

function append(old: ItemContent, next: Partial<ItemContent>): Partial<ItemContent> {
  if (next.body)
    return { body: { type: old.body?.type ?? next.body.type, text: (old.body?.text ?? '') + next.body.text } };
  if (next.to) return { to: [...old.to, ...next.to] };
  if (next.cc) return { cc: [...old.cc, ...next.cc] };
  if (next.bcc) return { bcc: [...old.bcc, ...next.bcc] };
  throw ewsMessageError('ErrorInvalidPropertyRequest');
}

function withOther(
  { others }: ItemContent,
  path: XmlElement,
  name: string,
  change: XmlElement,
  given: ItemContent | undefined,
): ReadonlyMap<string, XmlElement> {
  const next = new Map(others);
  const [entry] = given?.others ?? [];
  const index = path.attributes.get('FieldIndex');
  const property = entry?.[0] ?? pluralOf(name);
  const old = next.get(property);
  if (index === undefined || !old) {
    if (entry) next.set(...entry);
    else next.delete(name);
    return next;
  }
  const part = path.attributes.get('FieldURI')?.split(':')[2];
  const former = old.children.find(({ attributes }) => attributes.get('Key') === index);
  const kept = old.children.filter((each) => each !== former);
  const added = change.name === 'DeleteItemField' ? [] : (entry?.[1].children ?? []);
  const entries = part === undefined ? added : mergePart(former, part, added, index);
  next.set(property, { ...old, children: [...kept, ...entries] });
  return next;
}

/** The parts of an address in the order of the schema. */
const ADDRESS_PARTS = ['Street', 'City', 'State', 'CountryOrRegion', 'PostalCode'];

/** An address of which one part was set or deleted. */
function mergePart(
  former: XmlElement | undefined,
  part: string,
  added: readonly XmlElement[],
  index: string,
): readonly XmlElement[] {
  const fresh = added.flatMap(({ children }) => children.filter(({ name }) => name === part));
  const others = former?.children.filter(({ name }) => name !== part) ?? [];
  const children = [...others, ...fresh].toSorted(
    (left, right) => ADDRESS_PARTS.indexOf(left.name) - ADDRESS_PARTS.indexOf(right.name),
  );
  return children.length === 0 ? [] : [madeElement('Entry', '', children, { Key: index })];
}

/** The element that holds the entries an indexed path names: `contacts:EmailAddress` lies in EmailAddresses. */
function pluralOf(name: string): string {
  return name.endsWith('Address') ? `${name}es` : `${name}s`;
}
