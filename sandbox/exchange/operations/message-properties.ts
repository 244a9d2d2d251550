import { createHash } from 'node:crypto';
import type { Correspondent, StoredItem } from '../mailbox/item.ts';
import { wireTime } from '../mailbox/moment.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { given, givenOr } from './given-property.ts';
import { mailboxNode } from './mailbox-node.ts';
import type { OperationContext } from './operation.ts';

/** The properties of MessageType, PostItemType and the messages about meetings. */
export function messageProperty(
  name: string,
  item: StoredItem,
  { mailbox }: Pick<OperationContext, 'mailbox'>,
): XmlNode | undefined {
  const { content } = item;
  const self = { name: mailbox.displayName, address: mailbox.address };
  switch (name) {
    case 'Sender':
      return content.sender && element('t:Sender', {}, mailboxNode(content.sender));
    case 'From':
      return content.from && element('t:From', {}, mailboxNode(content.from));
    case 'ToRecipients':
      return recipients(name, content.to);
    case 'CcRecipients':
      return recipients(name, content.cc);
    case 'BccRecipients':
      return recipients(name, content.bcc);
    case 'IsReadReceiptRequested':
    case 'IsDeliveryReceiptRequested':
    case 'IsResponseRequested':
    case 'IsDelegated':
    case 'IsOutOfDate':
    case 'HasBeenProcessed':
      return givenOr(name, item, false);
    case 'ConversationIndex':
      return textElement(`t:${name}`, conversationIndex(item));
    case 'ConversationTopic':
      return content.subject === '' ? undefined : textElement(`t:${name}`, content.subject);
    case 'InternetMessageId':
      return content.internetMessageId === undefined ? undefined : textElement(`t:${name}`, content.internetMessageId);
    case 'IsRead':
      return textElement('t:IsRead', item.isRead);
    case 'PostedTime':
      return textElement(`t:${name}`, wireTime(item.createdAt));
    case 'ReceivedBy':
    case 'ReceivedRepresenting':
      return item.receivedAt && !item.isFromMe ? element(`t:${name}`, {}, mailboxNode(self)) : undefined;
    default:
      return given(name, item);
  }
}

/** 22 bytes, as those of a message that begins a conversation. */
function conversationIndex({ conversationId }: StoredItem): string {
  const digest = createHash('sha256').update(conversationId).digest();
  return Buffer.concat([Buffer.from([1]), digest])
    .subarray(0, 22)
    .toString('base64');
}

function recipients(name: string, people: readonly Correspondent[]): XmlNode | undefined {
  return people.length === 0 ? undefined : element(`t:${name}`, {}, ...people.map((person) => mailboxNode(person)));
}
