import type { Correspondent } from '../mailbox/item.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';

/** Somebody with an address, as MailboxType of the schema says. */
export function mailboxNode(person: Correspondent, type = 'Mailbox'): XmlNode {
  return element(
    't:Mailbox',
    {},
    textElement('t:Name', person.name),
    textElement('t:EmailAddress', person.address),
    textElement('t:RoutingType', 'SMTP'),
    textElement('t:MailboxType', type),
  );
}
