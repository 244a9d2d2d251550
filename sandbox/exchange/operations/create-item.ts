import type { ItemContent } from '../mailbox/item.ts';
import type { ItemKind } from '../mailbox/property-order.ts';
import { sendMessage } from '../mailbox/send.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { CREATE_ITEM } from '../soap/request-shapes.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { resolveFolder, type FoundFolder } from './folder-ids.ts';
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
    send(content, disposition === 'SendAndSaveCopy', request, context);
    // The copy is filed after the answer on a real server, so its id is never in it.
    return { content: [element('m:Items')] };
  },
};

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

function save(content: ItemContent, request: XmlElement, home: string, asked: OperationContext) {
  const { folder, context } = targetFolder(request, home, asked);
  const item = context.mailbox.add({
    folder: folder.name,
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
export function targetFolder(request: XmlElement, home: string, context: OperationContext): FoundFolder {
  const id = child(request, 'SavedItemFolderId')?.children[0];
  const usual = context.mailbox.folders.named(home);
  const found = id ? resolveFolder(id, context) : usual && { folder: usual, context };
  if (!found || context.conditions.missing.has(found.folder.name)) throw ewsMessageError('ErrorFolderNotFound');
  mustBeWritable(found.folder.name, found.context, 'ErrorCreateItemAccessDenied');
  return found;
}
