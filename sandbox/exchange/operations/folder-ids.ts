import type { Folder } from '../mailbox/folder-tree.ts';
import { decodeId, type DecodedId } from '../mailbox/ids.ts';
import type { StoredItem } from '../mailbox/item.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { isSeries, occurrenceOf } from '../mailbox/series.ts';
import { ewsMessageError, noSuchMailbox } from '../soap/ews-error.ts';
import { childText, descend, type XmlElement } from '../xml/read.ts';
import type { OperationContext } from './operation.ts';

/** A folder, and the context to go on with: that of its mailbox, which may be another than the caller's. */
export interface FoundFolder {
  readonly folder: Folder;
  readonly context: OperationContext;
}

export interface FoundItem {
  readonly item: StoredItem;
  readonly context: OperationContext;
}

/** The folder a FolderId or DistinguishedFolderId names, in the caller's mailbox or in one opened to the caller. */
export function resolveFolder(id: XmlElement, context: OperationContext): FoundFolder {
  const found = id.name === 'DistinguishedFolderId' ? byName(id, context) : byId(id, context);
  if (!found || context.conditions.missing.has(found.folder.name)) throw ewsMessageError('ErrorFolderNotFound');
  return found;
}

function byName(id: XmlElement, context: OperationContext): FoundFolder | undefined {
  const address = childText(descend(id, 'Mailbox'), 'EmailAddress');
  const name = id.attributes.get('Id') ?? '';
  const { mailbox, organization } = context;
  if (address === undefined || mailbox.isAddressedBy(address)) return inMailbox(mailbox.folders.named(name), context);
  const target = organization.find(address);
  if (!target) throw noSuchMailbox('message', address);
  return opened(target, target.folders.named(name), context);
}

function byId(id: XmlElement, context: OperationContext): FoundFolder | undefined {
  const decoded = decodeId(id.attributes.get('Id') ?? '');
  if (!decoded) throw ewsMessageError('ErrorInvalidIdMalformed');
  if (decoded.what !== 'folder') throw ewsMessageError('ErrorCannotUseItemIdForFolderId');
  const target = context.organization.all()[decoded.mailbox];
  return target && opened(target, target.folders.at(decoded.number), context);
}

/** Whoever has no rights in a mailbox sees no folder in it. */
function opened(target: Mailbox, folder: Folder | undefined, context: OperationContext): FoundFolder | undefined {
  if (target === context.mailbox) return inMailbox(folder, context);
  const grant = context.delegates.find(context.mailbox, target);
  if (!folder || !grant?.allows(folder.name)) return undefined;
  return {
    folder,
    context: { ...context, mailbox: target, access: grant.rights },
  };
}

function inMailbox(folder: Folder | undefined, context: OperationContext): FoundFolder | undefined {
  return folder && { folder, context };
}

/**
 * The item an ItemId names, or an occurrence of a series that is named by its number, or the series an occurrence
 * belongs to. A change key is compared where one is sent and the caller says it matters.
 */
export function resolveItem(id: XmlElement, context: OperationContext, changeKey: 'ignore' | 'require'): FoundItem {
  const isByIndex = id.name === 'OccurrenceItemId';
  const isMaster = id.name === 'RecurringMasterItemId';
  const attribute = isByIndex ? 'RecurringMasterId' : isMaster ? 'OccurrenceId' : 'Id';
  const decoded = decodeId(id.attributes.get(attribute) ?? '');
  if (!decoded || decoded.what === 'attachment') throw ewsMessageError('ErrorInvalidIdMalformed');
  if (decoded.what === 'folder') throw ewsMessageError('ErrorCannotUseFolderIdForItemId');
  const found = itemByNumber(decoded, context);
  const item = chosen(
    found.item,
    isByIndex ? Number(id.attributes.get('InstanceIndex')) : decoded.part,
    decoded.mailbox,
  );
  if (isByIndex && (!item.occurrence || decoded.what === 'occurrence')) {
    throw ewsMessageError('ErrorCalendarCannotUseIdForOccurrenceId');
  }
  if (isMaster && !item.occurrence) throw ewsMessageError('ErrorCalendarCannotUseIdForRecurringMasterId');
  if (changeKey === 'require') {
    const sent = id.attributes.get('ChangeKey');
    if (sent === undefined) throw ewsMessageError('ErrorChangeKeyRequired');
    if (sent !== item.changeKey) throw ewsMessageError('ErrorStaleObject');
  }
  return { item: isMaster ? found.item : item, context: found.context };
}

/** The item a decoded id is about, for whoever may see it. */
export function itemByNumber(
  { mailbox, number }: Pick<DecodedId, 'mailbox' | 'number'>,
  context: OperationContext,
): FoundItem {
  const target = context.organization.all()[mailbox];
  const item = target?.item(number);
  const found = target && item && opened(target, target.folders.named(item.folder), context);
  if (!found || context.conditions.missing.has(item.folder)) throw ewsMessageError('ErrorItemNotFound');
  return { item, context: found.context };
}

/** @param index of an occurrence; 0 for the item itself */
function chosen(item: StoredItem, index: number, mailbox: number): StoredItem {
  if (index === 0 || !isSeries(item)) return item;
  const occurrence = occurrenceOf(item, index, mailbox);
  if (occurrence === 'deleted') throw ewsMessageError('ErrorCalendarOccurrenceIsDeletedFromRecurrence');
  if (occurrence === 'none') throw ewsMessageError('ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
  return occurrence;
}

const ID_ELEMENTS = new Set(['FolderId', 'ItemId', 'ParentItemId', 'ReferenceItemId', 'AttachmentId']);

/** The address of the mailbox a request without impersonation is about, if it is another than the caller's own. */
export function delegatedAddress(
  request: XmlElement,
  organization: OperationContext['organization'],
): string | undefined {
  for (const element of request.children) {
    if (element.name === 'DistinguishedFolderId') {
      const address = childText(descend(element, 'Mailbox'), 'EmailAddress');
      if (address !== undefined && address !== '') return address;
    } else if (ID_ELEMENTS.has(element.name)) {
      const decoded = decodeId(element.attributes.get('Id') ?? '');
      if (decoded) return organization.all()[decoded.mailbox]?.address;
    }
    const below = delegatedAddress(element, organization);
    if (below !== undefined) return below;
  }
  return undefined;
}
