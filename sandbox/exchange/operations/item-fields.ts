import type { StoredItem } from '../mailbox/item.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { findExtended, wireTime } from './item-view.ts';
import type { PropertySource } from './restriction.ts';

type ReadField = (item: StoredItem) => string | undefined;

/** The properties an item can be searched and sorted by. */
const FIELDS: ReadonlyMap<string, ReadField> = new Map<string, ReadField>([
  ['item:ItemClass', (item) => item.content.itemClass],
  ['item:Subject', (item) => item.content.subject],
  ['item:Body', (item) => item.content.body?.text],
  ['item:Importance', (item) => item.content.importance],
  ['item:Sensitivity', (item) => item.content.sensitivity],
  ['item:Size', (item) => String(item.size)],
  ['item:IsDraft', (item) => String(item.isDraft)],
  ['item:IsFromMe', (item) => String(item.isFromMe)],
  ['item:HasAttachments', () => 'false'],
  ['item:DateTimeReceived', (item) => item.receivedAt && wireTime(item.receivedAt)],
  ['item:DateTimeSent', (item) => item.sentAt && wireTime(item.sentAt)],
  ['item:DateTimeCreated', (item) => wireTime(item.createdAt)],
  ['item:LastModifiedTime', (item) => wireTime(item.modifiedAt)],
  ['item:DisplayTo', (item) => item.content.to.map((person) => person.name).join('; ')],
  ['item:DisplayCc', (item) => item.content.cc.map((person) => person.name).join('; ')],
  ['message:From', (item) => item.content.from?.address],
  ['message:Sender', (item) => item.content.sender?.address],
  ['message:ToRecipients', (item) => item.content.to.map((person) => person.address).join('; ')],
  ['message:InternetMessageId', (item) => item.content.internetMessageId],
  ['message:IsRead', (item) => String(item.isRead)],
  ['message:ConversationTopic', (item) => item.content.subject],
]);

/** An item, seen as something a restriction or a sort order can look at. */
export function itemSource(item: StoredItem): PropertySource {
  return {
    field(uri) {
      const read = FIELDS.get(uri);
      if (read) return read(item);
      const given = item.content.others.get(uri.slice(uri.indexOf(':') + 1));
      if (!given && !/^(?:calendar|task|contacts):/.test(uri)) throw ewsMessageError('ErrorUnsupportedPathForQuery');
      return given?.text.trim();
    },
    extended: (path) => findExtended(item, path.key)?.values,
  };
}
