import type { Correspondent, ItemContent, StoredItem } from '../mailbox/item.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { answerInvitation, callOff, isOrganizer, meetingIn, type MeetingAnswer } from '../mailbox/meeting.ts';
import { isMail } from '../mailbox/property-order.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { mustBeWritable } from './access.ts';
import { resolveItem, type FoundItem } from './folder-ids.ts';
import type { OperationContext } from './operation.ts';
import { readItem } from './read-item.ts';

const SMART_RESPONSES = new Set(['ReplyToItem', 'ReplyAllToItem', 'ForwardItem', 'CancelCalendarItem']);
const ANSWERS: ReadonlyMap<string, MeetingAnswer> = new Map([
  ['AcceptItem', 'Accept'],
  ['TentativelyAcceptItem', 'Tentative'],
  ['DeclineItem', 'Decline'],
]);

/** True for the elements of CreateItem that answer to another item. */
export function isResponse({ name }: XmlElement): boolean {
  return SMART_RESPONSES.has(name) || ANSWERS.has(name) || name === 'RemoveItem' || name === 'SuppressReadReceipt';
}

/** The message a reply or a forwarding stands for; undefined for the other responses. */
export function smartMessage(part: XmlElement, context: OperationContext): ItemContent | undefined {
  if (part.name === 'CancelCalendarItem' || !SMART_RESPONSES.has(part.name)) return undefined;
  const { item, context: found } = referenced(part, context);
  const { content } = item;
  const draft = readItem({
    ...part,
    name: 'Message',
    children: part.children.filter(({ name }) => name !== 'ReferenceItemId' && name !== 'NewBodyContent'),
  });
  const isForward = part.name === 'ForwardItem';
  const isToAll = part.name === 'ReplyAllToItem';
  const isSet = (name: string): boolean => child(part, name) !== undefined;
  const { to, cc } = answered(content, found.mailbox, isToAll);
  return {
    ...draft,
    subject: isSet('Subject') ? draft.subject : `${isForward ? 'FW' : 'RE'}: ${content.subject}`,
    body: answerBody(child(part, 'NewBodyContent'), draft, content),
    to: isForward || isSet('ToRecipients') ? draft.to : to,
    cc: isForward || isSet('CcRecipients') ? draft.cc : cc,
    attachments: isForward ? content.attachments : [],
    headers: content.internetMessageId === undefined ? [] : [['In-Reply-To', content.internetMessageId]],
  };
}

/** Whom an answer goes to: the author, of one's own messages their recipients; or all of them but oneself, each once. */
function answered(
  { from, to, cc }: ItemContent,
  mailbox: Mailbox,
  isToAll: boolean,
): { readonly to: readonly Correspondent[]; readonly cc: readonly Correspondent[] } {
  const isOther = ({ address }: Correspondent): boolean => !mailbox.isAddressedBy(address);
  const authors = from && isOther(from) ? [from] : to;
  if (!isToAll) return { to: authors, cc: [] };
  const everybody = new Map([...authors, ...to].map((person) => [person.address.toLowerCase(), person]));
  return { to: [...everybody.values()].filter(isOther), cc: cc.filter(isOther) };
}

/** Carries out a response that is about a meeting; tells what became of the item in the calendar. */
export function respondToMeeting(
  part: XmlElement,
  isSilent: boolean,
  context: OperationContext,
): StoredItem | undefined {
  const found = referenced(part, context);
  const { item, context: target } = found;
  const { mailbox, organization } = target;
  if (part.name === 'SuppressReadReceipt') return undefined;
  mustBeWritable(item.folder, target);
  if (part.name === 'CancelCalendarItem') return cancel(found);
  const entry = item.content.kind === 'CalendarItem' ? item : meetingIn(mailbox, item.content);
  if (part.name === 'RemoveItem') {
    if (entry) mailbox.move(entry, 'deleteditems');
    return entry === item ? undefined : mailbox.move(item, 'deleteditems');
  }
  const answer = ANSWERS.get(part.name);
  if (!answer || !entry) throw ewsMessageError('ErrorCalendarMeetingRequestIsOutOfDate');
  if (isOrganizer(mailbox, entry.content)) throw ewsMessageError(`ErrorCalendarIsOrganizerFor${answer}`);
  const mine = answerInvitation(organization, mailbox, entry, answer, isSilent);
  // The request has done its work.
  if (item !== entry) mailbox.move(item, 'deleteditems');
  return mine;
}

function cancel({ item, context }: FoundItem): StoredItem {
  const { mailbox, organization } = context;
  if (item.content.kind !== 'CalendarItem') throw ewsMessageError('ErrorCalendarIsNotOrganizer');
  if (!isOrganizer(mailbox, item.content)) throw ewsMessageError('ErrorCalendarIsNotOrganizer');
  callOff(organization, mailbox, item.content);
  return mailbox.move(item, 'deleteditems');
}

function referenced(part: XmlElement, context: OperationContext): FoundItem {
  const id = child(part, 'ReferenceItemId');
  if (!id) throw ewsMessageError('ErrorMissingInformationReferenceItemId');
  const found = resolveItem({ ...id, name: 'ItemId' }, context, 'ignore');
  const { kind } = found.item.content;
  if (!isMail(kind) && kind !== 'CalendarItem' && kind !== 'PostItem') {
    throw ewsMessageError('ErrorInvalidReferenceItem');
  }
  return found;
}

/** What is new stands above what is answered, in the kind of text the answer has. */
function answerBody(
  fresh: XmlElement | undefined,
  draft: ItemContent,
  { body: old }: ItemContent,
): ItemContent['body'] {
  if (draft.body) return draft.body;
  const isHtml = (fresh?.attributes.get('BodyType') ?? old?.type) === 'HTML';
  const gap = isHtml ? '<hr>' : '\r\n\r\n________________________________\r\n';
  return { type: isHtml ? 'HTML' : 'Text', text: `${fresh?.text ?? ''}${gap}${old?.text ?? ''}` };
}
