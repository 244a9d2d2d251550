import { attachmentSize, isFile } from '../mailbox/attachment.ts';
import { attachmentId } from '../mailbox/ids.ts';
import type { Attachment, StoredItem } from '../mailbox/item.ts';
import { wireTime } from '../mailbox/moment.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import type { OperationContext } from './operation.ts';

/** What an item tells about its attachments: everything but their content. */
export function attachmentList(item: StoredItem, { mailbox }: OperationContext): XmlNode | undefined {
  const { attachments } = item.content;
  if (attachments.length === 0) return undefined;
  return element('t:Attachments', {}, ...attachments.map((each) => writeAttachment(mailbox.number, item, each)));
}

/** @param content what follows, the file or the item */
export function writeAttachment(
  mailbox: number,
  item: StoredItem,
  attachment: Attachment,
  content: readonly XmlNode[] = [],
): XmlNode {
  const { contentType, contentId, contentLocation } = attachment;
  const text = (name: string, value: string | number | boolean | undefined): XmlNode | undefined =>
    value === undefined ? undefined : textElement(`t:${name}`, value);
  const file = isFile(attachment);
  return element(
    file ? 't:FileAttachment' : 't:ItemAttachment',
    {},
    element('t:AttachmentId', { Id: attachmentId(mailbox, item.number, attachment.number) }),
    text('Name', attachment.name),
    text('ContentType', contentType),
    text('ContentId', contentId),
    text('ContentLocation', contentLocation),
    text('Size', attachmentSize(attachment)),
    text('LastModifiedTime', wireTime(item.modifiedAt)),
    text('IsInline', attachment.isInline),
    file ? text('IsContactPhoto', attachment.isContactPhoto) : undefined,
    ...content,
  );
}
