import type { SyncPosition } from '../mailbox/change-journal.ts';
import type { Folder } from '../mailbox/folder-tree.ts';
import { folderId, itemId } from '../mailbox/ids.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { decodeSyncState, encodeSyncState } from '../mailbox/sync-state.ts';
import { isAtLeast } from '../products.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { SYNC_FOLDER_HIERARCHY, SYNC_FOLDER_ITEMS } from '../soap/sync-shapes.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { writeFolder } from './folder-view.ts';
import { writeItem, writeItemId } from './item-view.ts';
import type { Operation } from './operation.ts';
import { readShape } from './response-shape.ts';

/** What changed in a folder since the state the client brings; everything without one. */
export const syncFolderItems: Operation = {
  shape: SYNC_FOLDER_ITEMS,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, asked) {
    const id = child(request, 'SyncFolderId')?.children[0];
    if (!id) throw ewsMessageError('ErrorFolderNotFound');
    const { folder, context } = resolveFolder(id, asked);
    const { mailbox } = context;
    const shape = readShape(child(request, 'ItemShape'));
    const knowsReadFlags = isAtLeast(context.product, context.version, 'Exchange2010');
    const ignored = new Set(child(request, 'Ignore')?.children.map(({ attributes }) => attributes.get('Id')));
    const position = readPosition(request, mailbox, folder.index);
    const max = Number(childText(request, 'MaxChangesReturned'));
    const batch = mailbox.journal(folder.name).since(position, max);
    const changes = batch.changes.flatMap(({ kind, number }): XmlNode[] => {
      const deletedId = itemId(mailbox.number, number);
      if (ignored.has(deletedId)) return [];
      if (kind === 'Delete') return [element('t:Delete', {}, element('t:ItemId', { Id: deletedId }))];
      const item = mailbox.item(number);
      if (item && kind === 'ReadFlag' && knowsReadFlags) {
        return [element('t:ReadFlagChange', {}, writeItemId(item), textElement('t:IsRead', item.isRead))];
      }
      return item
        ? [element(`t:${kind === 'ReadFlag' ? 'Update' : kind}`, {}, writeItem(item, shape, 'found', context))]
        : [];
    });
    return { content: answer(mailbox, folder.index, batch.position, 'Item', batch.isLast, changes) };
  },
};

/** What changed among the folders below one, the root without it. */
export const syncFolderHierarchy: Operation = {
  shape: SYNC_FOLDER_HIERARCHY,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, asked) {
    const id = child(request, 'SyncFolderId')?.children[0];
    const root = asked.mailbox.folders.named('root');
    const start = id ? resolveFolder(id, asked) : root && { folder: root, context: asked };
    if (!start) throw ewsMessageError('ErrorFolderNotFound');
    const { folder, context } = start;
    const { mailbox, conditions } = context;
    const shape = readShape(child(request, 'FolderShape'));
    const below = new Set(mailbox.folders.descendants(folder).map(({ index }) => index));
    const place = hierarchyOf(folder);
    const batch = mailbox.folders.journal.since(readPosition(request, mailbox, place), Number.MAX_SAFE_INTEGER);
    const changes = batch.changes.flatMap(({ kind, number }): XmlNode[] => {
      const gone = element('t:Delete', {}, element('t:FolderId', { Id: folderId(mailbox.number, number) }));
      if (kind === 'Delete') return [gone];
      const changed = mailbox.folders.at(number);
      if (!changed || !below.has(number) || conditions.missing.has(changed.name)) return [];
      return [element(`t:${kind}`, {}, writeFolder(changed, shape, context))];
    });
    return { content: answer(mailbox, place, batch.position, 'Folder', true, changes) };
  },
};

/** A state of the hierarchy below a folder must not pass for one of its items. */
function hierarchyOf(folder: Folder): number {
  return -1 - folder.index;
}

function readPosition(request: XmlElement, mailbox: Mailbox, folder: number): SyncPosition {
  const text = childText(request, 'SyncState');
  if (text === undefined || text === '') return { base: 0, cursor: 0 };
  const state = decodeSyncState(text);
  if (state?.mailbox !== mailbox.number || state.folder !== folder) throw ewsMessageError('ErrorInvalidSyncStateData');
  return state;
}

function answer(
  mailbox: Mailbox,
  folder: number,
  position: SyncPosition,
  what: 'Item' | 'Folder',
  isLast: boolean,
  changes: readonly XmlNode[],
): XmlNode[] {
  return [
    textElement('m:SyncState', encodeSyncState({ mailbox: mailbox.number, folder, ...position })),
    textElement(`m:IncludesLast${what}InRange`, isLast),
    element('m:Changes', {}, ...changes),
  ];
}
