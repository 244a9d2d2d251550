import { isFile } from '../mailbox/attachment.ts';
import { attachmentId, decodeId } from '../mailbox/ids.ts';
import type { Attachment, ItemContent, StoredItem } from '../mailbox/item.ts';
import { CREATE_ATTACHMENT, DELETE_ATTACHMENT, GET_ATTACHMENT } from '../soap/attachment-shapes.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { writeAttachment } from './attachment-view.ts';
import { itemByNumber, resolveItem, type FoundItem } from './folder-ids.ts';
import { writeItem } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { readAttachment } from './read-item.ts';
import { readShape, type ResponseShape } from './response-shape.ts';

interface FoundAttachment extends FoundItem {
  readonly attachment: Attachment;
}

/** Each attachment changes the item: its id tells the new change key. */
export const createAttachment: Operation = {
  shape: CREATE_ATTACHMENT,
  onError: [element('m:Attachments')],
  parts: (request) => child(request, 'Attachments')?.children ?? [],
  answer(part, request, asked) {
    const id = child(request, 'ParentItemId');
    if (!id) throw ewsMessageError('ErrorItemNotFound');
    const { item, context } = resolveItem({ ...id, name: 'ItemId' }, asked, 'ignore');
    mustBeWritable(item.folder, context);
    const attachment = readAttachment(part);
    const changed = withAttachments(item, [...item.content.attachments, attachment], context);
    const { mailbox } = context;
    const written = element(
      part.name === 'FileAttachment' ? 't:FileAttachment' : 't:ItemAttachment',
      {},
      element('t:AttachmentId', {
        Id: attachmentId(mailbox.number, changed.number, attachment.number),
        RootItemId: changed.id,
        RootItemChangeKey: changed.changeKey,
      }),
    );
    return { content: [element('m:Attachments', {}, written)] };
  },
};

export const getAttachment: Operation = {
  shape: GET_ATTACHMENT,
  onError: [element('m:Attachments')],
  parts: (request) => child(request, 'AttachmentIds')?.children ?? [],
  answer(part, request, asked) {
    const { attachment, item, context } = findAttachment(part, asked);
    const shape: ResponseShape = { ...readShape(child(request, 'AttachmentShape')), base: 'AllProperties' };
    const content = isFile(attachment)
      ? textElement('t:Content', attachment.content.toString('base64'))
      : writeItem(attached(item, attachment, context), shape, 'full', context);
    const written = writeAttachment(context.mailbox.number, item, attachment, [content]);
    return { content: [element('m:Attachments', {}, written)] };
  },
};

export const deleteAttachment: Operation = {
  shape: DELETE_ATTACHMENT,
  onError: [],
  parts: (request) => child(request, 'AttachmentIds')?.children ?? [],
  answer(part, _request, asked) {
    const { attachment, item, context } = findAttachment(part, asked);
    mustBeWritable(item.folder, context);
    const others = item.content.attachments.filter((other) => other !== attachment);
    const changed = withAttachments(item, others, context);
    const root: XmlNode = element('m:RootItemId', { RootItemId: changed.id, RootItemChangeKey: changed.changeKey });
    return { content: [root] };
  },
};

function findAttachment(id: XmlElement, asked: OperationContext): FoundAttachment {
  const decoded = decodeId(id.attributes.get('Id') ?? '');
  if (decoded?.what !== 'attachment') throw ewsMessageError('ErrorInvalidAttachmentId');
  const found = itemByNumber(decoded, asked);
  const attachment = found.item.content.attachments.find(({ number }) => number === decoded.part);
  if (!attachment) throw ewsMessageError('ErrorItemNotFound');
  return { ...found, attachment };
}

function withAttachments(
  item: StoredItem,
  attachments: readonly Attachment[],
  { mailbox, organization }: OperationContext,
): StoredItem {
  // What the message was as MIME, it no longer is.
  const content: ItemContent = { ...item.content, attachments, mime: undefined };
  return mailbox.update(item, content, item.isRead, organization.now());
}

/** The item inside another, which has no place in any folder. */
function attached(item: StoredItem, { number, content }: Attachment, { mailbox }: OperationContext): StoredItem {
  const inner = Buffer.isBuffer(content) ? item.content : content;
  return { ...item, id: attachmentId(mailbox.number, item.number, number), content: inner, isAssociated: false };
}
