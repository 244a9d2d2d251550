import type { StoredItem } from '../mailbox/item.ts';
import { MOVE_ITEM } from '../soap/change-shapes.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { resolveFolder, resolveItem } from './folder-ids.ts';
import { writeItemRef } from './item-view.ts';
import type { Answer, Operation, OperationContext } from './operation.ts';

/** The new item has an id of its own, as on a real server. */
export const moveItem: Operation = {
  shape: MOVE_ITEM,
  onError: [element('m:Items')],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer: (part, request, context) => transfer(part, request, context, true),
};

export const copyItem: Operation = {
  ...moveItem,
  answer: (part, request, context) => transfer(part, request, context, false),
};

function transfer(part: XmlElement, request: XmlElement, asked: OperationContext, removes: boolean): Answer {
  const id = child(request, 'ToFolderId')?.children[0];
  if (!id) throw ewsMessageError('ErrorFolderNotFound');
  const target = resolveFolder(id, asked);
  const source = resolveItem(part, asked, 'ignore');
  if (source.item.occurrence) throw ewsMessageError('ErrorCalendarCannotMoveOrCopyOccurrence');
  mustBeWritable(target.folder.name, target.context, 'ErrorCreateItemAccessDenied');
  if (removes) mustBeWritable(source.item.folder, source.context);
  const arrived: StoredItem = target.context.mailbox.copy(source.item, target.folder.name);
  if (removes) source.context.mailbox.remove(source.item);
  return { content: [element('m:Items', {}, writeItemRef(arrived))] };
}
