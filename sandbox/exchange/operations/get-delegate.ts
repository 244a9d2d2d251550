import type { DelegateRights } from '../mailbox/delegates.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { GET_DELEGATE } from '../soap/directory-shapes.ts';
import { responseMessage } from '../soap/envelope.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, childText, isTrue } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { SUCCESS } from './out-of-office.ts';
import type { WholeOperation } from './operation.ts';
import { wholeMessage } from './whole-message.ts';

/** Folder of the schema's permissions, and its DistinguishedFolderId. */
const FOLDERS = [
  ['Calendar', 'calendar'],
  ['Tasks', 'tasks'],
  ['Inbox', 'inbox'],
  ['Contacts', 'contacts'],
  ['Notes', 'notes'],
  ['Journal', 'journal'],
] as const;

/** Who may open the caller's mailbox, as the stand-in was set up. */
export const getDelegate: WholeOperation = {
  shape: GET_DELEGATE,
  responseName: 'm:GetDelegateResponse',
  respond: (request, { mailbox, organization, delegates }, refusal) =>
    wholeMessage(refusal, () => {
      const address = childText(child(request, 'Mailbox'), 'EmailAddress') ?? '';
      if (!mailbox.isAddressedBy(address)) throw ewsMessageError('ErrorAccessDenied');
      const asked = child(request, 'UserIds')?.children.map((user) => childText(user, 'PrimarySmtpAddress') ?? '');
      const withPermissions = isTrue(request.attributes.get('IncludePermissions'));
      const users = organization.all().flatMap((other): XmlNode[] => {
        const rights = other === mailbox ? undefined : delegates.find(other, mailbox);
        const isAsked = asked?.some((wanted) => other.isAddressedBy(wanted)) ?? true;
        return rights && isAsked ? [delegate(other, withPermissions ? rights : undefined)] : [];
      });
      const list = users.length === 0 ? [] : [element('m:ResponseMessages', {}, ...users)];
      return [...list, textElement('m:DeliverMeetingRequests', 'DelegatesAndSendInformationToMe')];
    }),
};

function delegate(other: Mailbox, rights: DelegateRights | undefined): XmlNode {
  const permissions =
    rights && element('t:DelegatePermissions', {}, ...FOLDERS.map(([name, folder]) => level(name, folder, rights)));
  const user = element(
    'm:DelegateUser',
    {},
    element(
      't:UserId',
      {},
      textElement('t:PrimarySmtpAddress', other.address),
      textElement('t:DisplayName', other.displayName),
    ),
    permissions,
    textElement('t:ReceiveCopiesOfMeetingMessages', false),
    textElement('t:ViewPrivateItems', false),
  );
  return responseMessage('m:DelegateUserResponseMessageType', { ...SUCCESS, content: [user] });
}

function level(name: string, folder: string, { rights, allows }: DelegateRights): XmlNode {
  const given = rights === 'editor' ? 'Editor' : 'Reviewer';
  return textElement(`t:${name}FolderPermissionLevel`, allows(folder) ? given : 'None');
}
