import type { StoredItem } from '../mailbox/item.ts';
import { isMail } from '../mailbox/property-order.ts';
import { element, type XmlNode } from '../xml/write.ts';

/** What may be answered to an item. */
export function responseObjects(item: StoredItem): XmlNode | undefined {
  const names = possible(item);
  return names.length === 0
    ? undefined
    : element('t:ResponseObjects', {}, ...names.map((name) => element(`t:${name}`)));
}

function possible({ content, isDraft, receivedAt }: StoredItem): readonly string[] {
  if (content.kind === 'MeetingRequest') {
    return ['AcceptItem', 'TentativelyAcceptItem', 'DeclineItem', 'ReplyToItem', 'ReplyAllToItem', 'ForwardItem'];
  }
  if (content.kind === 'MeetingCancellation') return ['RemoveItem', 'ReplyToItem', 'ReplyAllToItem', 'ForwardItem'];
  if (isMail(content.kind) && receivedAt && !isDraft) return ['ReplyToItem', 'ReplyAllToItem', 'ForwardItem'];
  return isMail(content.kind) || content.kind === 'CalendarItem' ? ['ForwardItem'] : [];
}
