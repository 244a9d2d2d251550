import type { ItemContent } from '../mailbox/item.ts';
import type { ItemKind } from '../mailbox/property-order.ts';
import { sendMessage } from '../mailbox/send.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { CREATE_ITEM } from '../soap/request-shapes.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { writeItemId } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { readItem } from './read-item.ts';

/** Where an item goes if the request does not say; a message that is only saved is a draft. */
const HOME: Readonly<Record<ItemKind, string>> = {
  Message: 'drafts',
  CalendarItem: 'calendar',
  Contact: 'contacts',
  Task: 'tasks',
};

export const createItem: Operation = {
  shape: CREATE_ITEM,
  onError: [element('m:Items')],
  parts: (request) => child(request, 'Items')?.children ?? [],
  answer(part, request, context) {
    const content = readItem(part);
    const disposition = request.attributes.get('MessageDisposition');
    if (content.kind === 'CalendarItem' && !request.attributes.has('SendMeetingInvitations')) {
      throw ewsMessageError('ErrorSendMeetingInvitationsRequired');
    }
    if (content.kind !== 'Message') return { content: [save(content, request, HOME[content.kind], context)] };
    if (disposition === undefined) throw ewsMessageError('ErrorMessageDispositionRequired');
    if (disposition === 'SaveOnly') return { content: [save(content, request, HOME.Message, context)] };
    const saveTo = disposition === 'SendAndSaveCopy' ? targetFolder(request, 'sentitems', context) : undefined;
    sendMessage(context.organization, context.mailbox, content, saveTo);
    // The copy is filed after the answer on a real server, so its id is never in it.
    return { content: [element('m:Items')] };
  },
};

function save(content: ItemContent, request: XmlElement, home: string, context: OperationContext) {
  const item = context.mailbox.add({
    folder: targetFolder(request, home, context),
    content,
    at: context.organization.now(),
    isDraft: content.kind === 'Message',
    isRead: true,
    isFromMe: true,
    isSent: false,
    isReceived: false,
  });
  return element('m:Items', {}, element(`t:${content.kind}`, {}, writeItemId(item)));
}

/** The folder of SavedItemFolderId, or the usual one; one without rights takes nothing. */
export function targetFolder(request: XmlElement, home: string, context: OperationContext): string {
  const id = child(request, 'SavedItemFolderId')?.children[0];
  const folder = id ? resolveFolder(id, context).name : home;
  if (context.conditions.missing.has(folder)) throw ewsMessageError('ErrorFolderNotFound');
  if (context.conditions.readOnly.has(folder)) throw ewsMessageError('ErrorCreateItemAccessDenied');
  return folder;
}
