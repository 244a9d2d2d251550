import { randomUUID } from 'node:crypto';
import { ewsMessageError } from '../soap/ews-error.ts';
import type { ItemContent, StoredItem } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import type { Organization } from './organization.ts';

export interface SendSetup {
  readonly saveTo: { readonly mailbox: Mailbox; readonly folder: string } | undefined;
  readonly maySendAs: (address: string) => boolean;
}

/**
 * Sends a message from a mailbox: every recipient that has a mailbox here finds it in its inbox at once. Header
 * properties travel with the message; the other extended properties stay on the sender's copy, as on a real server,
 * which is why a client that looks for its marker on the delivered copy must make it a header.
 *
 * @param setup.saveTo where the sender's copy goes, if one is wanted
 * @param setup.maySendAs whether the sender may put this address into From
 */
export function sendMessage(
  organization: Organization,
  mailbox: Mailbox,
  content: ItemContent,
  { saveTo, maySendAs }: SendSetup,
): StoredItem | undefined {
  const recipients = [...content.to, ...content.cc, ...content.bcc];
  if (recipients.length === 0) throw ewsMessageError('ErrorMissingRecipients');
  if (recipients.some(({ address }) => !/^[^\s@<>]+@[^\s@<>]+$/.test(address))) {
    throw ewsMessageError('ErrorInvalidRecipients');
  }
  for (const author of [content.from, content.sender]) {
    if (author && !mailbox.isAddressedBy(author.address) && !maySendAs(author.address))
      throw ewsMessageError('ErrorSendAsDenied');
  }

  const at = organization.now();
  const self = { name: mailbox.displayName, address: mailbox.address };
  const internetMessageId = content.internetMessageId ?? `<${randomUUID().replaceAll('-', '')}@${organization.domain}>`;
  const sent: ItemContent = {
    ...content,
    from: content.from ?? self,
    sender: content.sender ?? self,
    internetMessageId,
  };
  const delivered: ItemContent = {
    ...sent,
    bcc: [],
    extendedProperties: sent.extendedProperties.filter((property) => property.path.header !== undefined),
  };

  const targets = new Set<Mailbox>();
  for (const { address } of recipients) {
    for (const target of organization.recipients(address)) targets.add(target);
  }
  for (const target of targets) {
    target.add({
      folder: 'inbox',
      content: delivered,
      at,
      isDraft: false,
      isRead: false,
      isFromMe: target === mailbox,
      isSent: true,
      isReceived: true,
    });
  }
  const deliveredTo = [...targets].map((target) => target.address);
  organization.mail.record({ mailbox: mailbox.address, content: sent, internetMessageId, at, deliveredTo });

  if (saveTo === undefined) return undefined;
  return saveTo.mailbox.add({
    folder: saveTo.folder,
    content: sent,
    at,
    isDraft: false,
    isRead: true,
    isFromMe: true,
    isSent: true,
    isReceived: true,
  });
}
