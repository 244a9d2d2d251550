import { decodeId } from '../mailbox/ids.ts';
import type { StoredItem } from '../mailbox/item.ts';
import { WELL_KNOWN_FOLDERS, wellKnownFolder, type WellKnownFolder } from '../mailbox/well-known-folders.ts';
import { ewsMessageError, noSuchMailbox } from '../soap/ews-error.ts';
import { childText, descend, type XmlElement } from '../xml/read.ts';
import type { OperationContext } from './operation.ts';

/** The folder a FolderId or DistinguishedFolderId names in the caller's mailbox. */
export function resolveFolder(id: XmlElement, context: OperationContext): WellKnownFolder {
  const folder = id.name === 'DistinguishedFolderId' ? byName(id, context) : byId(id, context);
  if (!folder || context.conditions.missing.has(folder.name)) throw ewsMessageError('ErrorFolderNotFound');
  return folder;
}

function byName(id: XmlElement, { mailbox, organization }: OperationContext): WellKnownFolder | undefined {
  const address = childText(descend(id, 'Mailbox'), 'EmailAddress');
  if (address !== undefined && !mailbox.isAddressedBy(address)) {
    // Nobody has delegate rights here, so a mailbox that exists shows no folder.
    if (!organization.find(address)) throw noSuchMailbox('message', address);
    return undefined;
  }
  return wellKnownFolder(id.attributes.get('Id') ?? '');
}

function byId(id: XmlElement, { mailbox }: OperationContext): WellKnownFolder | undefined {
  const decoded = decodeId(id.attributes.get('Id') ?? '');
  if (!decoded) throw ewsMessageError('ErrorInvalidIdMalformed');
  if (decoded.what !== 'folder') throw ewsMessageError('ErrorCannotUseItemIdForFolderId');
  return decoded.mailbox === mailbox.number ? WELL_KNOWN_FOLDERS[decoded.number] : undefined;
}

/** The item an ItemId names. A change key is compared where one is sent and the caller says it matters. */
export function resolveItem(id: XmlElement, context: OperationContext, changeKey: 'ignore' | 'require'): StoredItem {
  const decoded = decodeId(id.attributes.get('Id') ?? '');
  if (!decoded) throw ewsMessageError('ErrorInvalidIdMalformed');
  if (decoded.what !== 'item') throw ewsMessageError('ErrorCannotUseFolderIdForItemId');
  const item = decoded.mailbox === context.mailbox.number ? context.mailbox.item(decoded.number) : undefined;
  if (!item || context.conditions.missing.has(item.folder)) throw ewsMessageError('ErrorItemNotFound');
  if (changeKey === 'require') {
    const sent = id.attributes.get('ChangeKey');
    if (sent === undefined) throw ewsMessageError('ErrorChangeKeyRequired');
    if (sent !== item.changeKey) throw ewsMessageError('ErrorStaleObject');
  }
  return item;
}
