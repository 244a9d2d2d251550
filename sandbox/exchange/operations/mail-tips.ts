import { GET_MAIL_TIPS } from '../soap/directory-shapes.ts';
import { responseMessage } from '../soap/envelope.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { copyXml } from '../xml/copy.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { SUCCESS } from './out-of-office.ts';
import type { OperationContext, WholeOperation } from './operation.ts';
import { wholeMessage } from './whole-message.ts';

const MAX_MESSAGE_BYTES = 36 * 1024 * 1024;

/** What is worth knowing before writing to somebody: absence, the size of a list, whether the address is good. */
export const getMailTips: WholeOperation = {
  shape: GET_MAIL_TIPS,
  responseName: 'm:GetMailTipsResponse',
  respond: (request, context, refusal) =>
    wholeMessage(refusal, () => {
      const recipients = child(request, 'Recipients')?.children ?? [];
      const messages = recipients.map((recipient) => {
        const content = [element('m:MailTips', {}, ...tips(recipient, context))];
        return responseMessage('m:MailTipsResponseMessageType', { ...SUCCESS, content });
      });
      return [element('m:ResponseMessages', {}, ...messages)];
    }),
};

function tips(recipient: XmlElement, { organization }: OperationContext): readonly (XmlNode | undefined)[] {
  const address = childText(recipient, 'EmailAddress') ?? '';
  const mailbox = organization.find(address);
  const count = organization.recipients(address).length;
  const reply = child(mailbox?.oofSettings, 'InternalReply');
  const isAway = (childText(mailbox?.oofSettings, 'OofState') ?? 'Disabled') !== 'Disabled';
  const isOurs = address.toLowerCase().endsWith(`@${organization.domain}`);
  return [
    element(
      't:RecipientAddress',
      {},
      textElement('t:Name', mailbox?.displayName ?? address),
      textElement('t:EmailAddress', address),
      textElement('t:RoutingType', 'SMTP'),
    ),
    element('t:PendingMailTips'),
    mailbox &&
      element(
        't:OutOfOffice',
        {},
        element('t:ReplyBody', {}, ...(isAway && reply ? reply.children.map(copyXml) : [element('t:Message')])),
      ),
    textElement('t:MailboxFull', false),
    textElement('t:TotalMemberCount', Math.max(count, 1)),
    textElement('t:ExternalMemberCount', isOurs ? 0 : 1),
    textElement('t:MaxMessageSize', MAX_MESSAGE_BYTES),
    textElement('t:DeliveryRestricted', false),
    textElement('t:IsModerated', false),
    textElement('t:InvalidRecipient', isOurs && count === 0),
  ];
}
