import type { ItemContent, StoredItem } from '../mailbox/item.ts';
import { attendeesOf, invite, organized } from '../mailbox/meeting.ts';
import { readMoment, wireTime } from '../mailbox/moment.ts';
import { isMail, type ItemKind } from '../mailbox/property-order.ts';
import { sendMessage } from '../mailbox/send.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { CREATE_ITEM } from '../soap/request-shapes.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { madeElement } from '../xml/make.ts';
import { element, type XmlNode } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { resolveFolder, type FoundFolder } from './folder-ids.ts';
import { writeItemRef } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { readItem } from './read-item.ts';
import { isResponse, respondToMeeting, smartMessage } from './respond.ts';

const HALF_HOUR_MS = 30 * 60_000;

/** Where an item goes if the request does not say; a message that is only saved is a draft. */
const HOME: Readonly<Record<ItemKind, string>> = {
  Message: 'drafts',
  CalendarItem: 'calendar',
  Contact: 'contacts',
  DistributionList: 'contacts',
  MeetingRequest: 'drafts',
  MeetingResponse: 'drafts',
  MeetingCancellation: 'drafts',
  Task: 'tasks',
  PostItem: 'inbox',
};

export const createItem: Operation = {
  shape: CREATE_ITEM,
  onError: [element('m:Items')],
  parts: (request) => child(request, 'Items')?.children ?? [],
  answer(part, request, context) {
    const disposition = request.attributes.get('MessageDisposition');
    const smart = isResponse(part) ? smartMessage(part, context) : undefined;
    if (isResponse(part) && !smart) {
      const changed = respondToMeeting(part, disposition === 'SaveOnly', context);
      return { content: [element('m:Items', {}, changed && writeItemRef(changed))] };
    }
    const content = smart ?? readItem(part);
    if (content.kind === 'CalendarItem')
      return { content: [element('m:Items', {}, schedule(content, request, context))] };
    if (!isMail(content.kind)) return { content: [save(content, request, HOME[content.kind], context)] };
    if (disposition === undefined) throw ewsMessageError('ErrorMessageDispositionRequired');
    if (disposition === 'SaveOnly') return { content: [save(content, request, HOME[content.kind], context)] };
    send(content, disposition === 'SendAndSaveCopy', request, context);
    // The copy is filed after the answer on a real server, so its id is never in it.
    return { content: [element('m:Items')] };
  },
};

/** Puts an appointment into the calendar and invites whom the request says. */
function schedule(content: ItemContent, request: XmlElement, asked: OperationContext): XmlNode {
  const invitations = request.attributes.get('SendMeetingInvitations');
  if (invitations === undefined) throw ewsMessageError('ErrorSendMeetingInvitationsRequired');
  const { start, end } = appointmentTimes(content, asked);
  if (end < start) throw ewsMessageError('ErrorCalendarEndDateIsEarlierThanStartDate');
  const target = targetFolder(request, HOME.CalendarItem, asked);
  const { mailbox, organization } = target.context;
  const invites = invitations !== 'SendToNone' && attendeesOf(content).length > 0;
  const others = new Map(content.others)
    .set('Start', madeElement('Start', wireTime(start)))
    .set('End', madeElement('End', wireTime(end)));
  if (invites) others.set('MeetingRequestWasSent', madeElement('MeetingRequestWasSent', 'true'));
  const item = addTo(target, organized(mailbox, { ...content, others }));
  if (invites) invite(organization, mailbox, item, invitations === 'SendToAllAndSaveCopy');
  return writeItemRef(item);
}

/** An appointment without times begins at the next half hour and takes half an hour. */
function appointmentTimes({ others }: ItemContent, { organization }: OperationContext): { start: number; end: number } {
  const given = (name: string): number | undefined =>
    others.has(name) ? readMoment(others.get(name)?.text) : undefined;
  const start = given('Start') ?? Math.ceil(organization.now().getTime() / HALF_HOUR_MS) * HALF_HOUR_MS;
  return { start, end: given('End') ?? start + HALF_HOUR_MS };
}

/** Sends from the caller's mailbox; the copy goes to Sent Items or where the request says. */
export function send(content: ItemContent, keepsCopy: boolean, request: XmlElement, context: OperationContext): void {
  const { organization, mailbox, delegates } = context;
  const copy = keepsCopy ? targetFolder(request, 'sentitems', context) : undefined;
  sendMessage(organization, mailbox, content, {
    saveTo: copy && { mailbox: copy.context.mailbox, folder: copy.folder.name },
    maySendAs(address) {
      const author = organization.find(address);
      return author !== undefined && delegates.find(mailbox, author)?.rights === 'editor';
    },
  });
}

function save(content: ItemContent, request: XmlElement, home: string, asked: OperationContext): XmlNode {
  return element('m:Items', {}, writeItemRef(addTo(targetFolder(request, home, asked), content)));
}

function addTo({ folder, context }: FoundFolder, content: ItemContent): StoredItem {
  return context.mailbox.add({
    folder: folder.name,
    content,
    at: context.organization.now(),
    isDraft: isMail(content.kind),
    isRead: content.others.get('IsRead')?.text.trim() !== 'false',
    isFromMe: true,
    isSent: false,
    isReceived: false,
  });
}

/** The folder of SavedItemFolderId, or the usual one; one without rights takes nothing. */
export function targetFolder(request: XmlElement, home: string, context: OperationContext): FoundFolder {
  const id = child(request, 'SavedItemFolderId')?.children[0];
  const usual = context.mailbox.folders.named(home);
  const found = id ? resolveFolder(id, context) : usual && { folder: usual, context };
  if (!found || context.conditions.missing.has(found.folder.name)) throw ewsMessageError('ErrorFolderNotFound');
  mustBeWritable(found.folder.name, found.context, 'ErrorCreateItemAccessDenied');
  return found;
}
