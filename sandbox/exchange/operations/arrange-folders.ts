import { readExtendedProperty, readFieldPath } from '../mailbox/extended-property.ts';
import { isOwn, type Folder } from '../mailbox/folder-tree.ts';
import { EMPTY_FOLDER, MOVE_FOLDER, UPDATE_FOLDER } from '../soap/change-shapes.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, childText, isTrue, type XmlElement } from '../xml/read.ts';
import { element, type XmlNode } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { resolveFolder, type FoundFolder } from './folder-ids.ts';
import { writeFolderId } from './folder-view.ts';
import type { Answer, Operation, OperationContext } from './operation.ts';

/** Renames a folder, or writes extended properties onto it; anything else about it cannot be changed. */
export const updateFolder: Operation = {
  shape: UPDATE_FOLDER,
  onError: [element('m:Folders')],
  parts: (request) => child(request, 'FolderChanges')?.children ?? [],
  answer(part, _request, asked) {
    const id = part.children[0];
    if (!id) throw ewsMessageError('ErrorFolderNotFound');
    const found = resolveFolder(id, asked);
    mustBeWritable(found.folder.name, found.context);
    let folder = found.folder;
    for (const change of child(part, 'Updates')?.children ?? []) folder = applyChange(folder, change, found.context);
    return { content: [element('m:Folders', {}, folderRef(folder, found.context))] };
  },
};

export const moveFolder: Operation = {
  shape: MOVE_FOLDER,
  onError: [element('m:Folders')],
  parts: (request) => child(request, 'FolderIds')?.children ?? [],
  answer(part, request, asked) {
    const { source, target } = transferOf(part, request, asked);
    const { folder, context } = source;
    if (!isOwn(folder)) throw ewsMessageError('ErrorMoveDistinguishedFolder');
    mustBeWritable(folder.name, context);
    const { folders } = context.mailbox;
    folders.move(folder, target.folder);
    return { content: [element('m:Folders', {}, folderRef(folders.at(folder.index) ?? folder, context))] };
  },
};

export const copyFolder: Operation = {
  ...moveFolder,
  answer(part, request, asked): Answer {
    const { source, target } = transferOf(part, request, asked);
    const copy = copyTree(source, target.folder);
    return { content: [element('m:Folders', {}, folderRef(copy, source.context))] };
  },
};

export const emptyFolder: Operation = {
  shape: EMPTY_FOLDER,
  onError: [],
  parts: (request) => child(request, 'FolderIds')?.children ?? [],
  answer(part, request, asked) {
    const { folder, context } = resolveFolder(part, asked);
    mustBeWritable(folder.name, context);
    // As the server does: what these hold is not thrown away by the heap.
    if (/^IPF\.(?:Appointment|Contact)/.test(folder.folderClass ?? '') || folder.parent === undefined) {
      throw ewsMessageError('ErrorCannotEmptyFolder');
    }
    const { mailbox } = context;
    const how = request.attributes.get('DeleteType');
    for (const item of mailbox.itemsIn(folder.name)) {
      if (how === 'HardDelete') mailbox.remove(item);
      else mailbox.move(item, how === 'SoftDelete' ? 'recoverableitemsdeletions' : 'deleteditems');
    }
    const below = mailbox.folders.children(folder).filter(isOwn);
    if (isTrue(request.attributes.get('DeleteSubFolders'))) below.forEach((each) => mailbox.clear(each));
    return { content: [] };
  },
};

function applyChange(folder: Folder, change: XmlElement, context: OperationContext): Folder {
  const [path, source] = change.children;
  const { folders } = context.mailbox;
  if (path?.name === 'ExtendedFieldURI') {
    const property = child(source, 'ExtendedProperty');
    folders.setProperty(folder, readFieldPath(path).key, property && readExtendedProperty(property));
    return folder;
  }
  const displayName = childText(source, 'DisplayName') ?? '';
  const field = path?.attributes.get('FieldURI');
  // Who may do what is set when the stand-in starts.
  if (field === 'folder:PermissionSet') return folder;
  // The class tells what a folder is for, which is settled when it is made; saying it again does no harm.
  if (field === 'folder:FolderClass' && childText(source, 'FolderClass') === folder.folderClass) return folder;
  if (field !== 'folder:DisplayName') throw ewsMessageError('ErrorInvalidPropertySet');
  if (!isOwn(folder) || displayName === '') throw ewsMessageError('ErrorFolderSavePropertyError');
  const parent = folders.named(folder.parent ?? '');
  if (parent) mustBeNew(displayName, parent, context, folder);
  return folders.rename(folder, displayName);
}

/** No two folders of one parent have the same name, whatever the case. */
export function mustBeNew(displayName: string, parent: Folder, { mailbox }: OperationContext, self?: Folder): void {
  const isTaken = mailbox.folders
    .children(parent)
    .some((other) => other.index !== self?.index && other.displayName.toLowerCase() === displayName.toLowerCase());
  if (isTaken) throw ewsMessageError('ErrorFolderExists');
}

/** Source and target of a move or a copy; only within one mailbox, and never into itself. */
function transferOf(
  part: XmlElement,
  request: XmlElement,
  asked: OperationContext,
): { readonly source: FoundFolder; readonly target: FoundFolder } {
  const id = child(request, 'ToFolderId')?.children[0];
  if (!id) throw ewsMessageError('ErrorFolderNotFound');
  const source = resolveFolder(part, asked);
  const target = resolveFolder(id, asked);
  mustBeWritable(target.folder.name, target.context);
  const { mailbox } = source.context;
  const isInside = target.folder.index === source.folder.index || mailbox.folders.isBelow(target.folder, source.folder);
  if (mailbox !== target.context.mailbox || isInside) throw ewsMessageError('ErrorMoveCopyFailed');
  mustBeNew(source.folder.displayName, target.folder, source.context, source.folder);
  return { source, target };
}

function copyTree({ folder, context }: FoundFolder, parent: Folder): Folder {
  const { mailbox } = context;
  const copy = mailbox.folders.create(parent, folder.displayName, folder.folderClass ?? 'IPF.Note');
  for (const item of mailbox.itemsIn(folder.name)) mailbox.copy(item, copy.name);
  for (const below of mailbox.folders.children(folder)) copyTree({ folder: below, context }, copy);
  return copy;
}

function folderRef(folder: Folder, context: OperationContext): XmlNode {
  return element(`t:${folder.element}`, {}, writeFolderId('t:FolderId', folder, context));
}
