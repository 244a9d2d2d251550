import { isOwn } from '../mailbox/folder-tree.ts';
import { CREATE_FOLDER, DELETE_FOLDER } from '../soap/change-shapes.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, childText } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { mustBeNew } from './arrange-folders.ts';
import { resolveFolder } from './folder-ids.ts';
import { writeFolderId } from './folder-view.ts';
import type { Operation } from './operation.ts';

const CLASSES: Readonly<Record<string, string>> = {
  CalendarFolder: 'IPF.Appointment',
  ContactsFolder: 'IPF.Contact',
  TasksFolder: 'IPF.Task',
};

export const createFolder: Operation = {
  shape: CREATE_FOLDER,
  onError: [element('m:Folders')],
  parts: (request) => child(request, 'Folders')?.children ?? [],
  answer(part, request, asked) {
    const id = child(request, 'ParentFolderId')?.children[0];
    if (!id) throw ewsMessageError('ErrorFolderNotFound');
    const { folder: parent, context } = resolveFolder(id, asked);
    mustBeWritable(parent.name, context);
    const displayName = childText(part, 'DisplayName') ?? '';
    if (part.name === 'SearchFolder') throw ewsMessageError('ErrorInvalidOperation');
    if (displayName === '') throw ewsMessageError('ErrorFolderSavePropertyError');
    const { folders } = context.mailbox;
    mustBeNew(displayName, parent, context);
    const folderClass = childText(part, 'FolderClass') ?? CLASSES[part.name] ?? 'IPF.Note';
    const folder = folders.create(parent, displayName, folderClass);
    const written = element(`t:${folder.element}`, {}, writeFolderId('t:FolderId', folder, context));
    return { content: [element('m:Folders', {}, written)] };
  },
};

export const deleteFolder: Operation = {
  shape: DELETE_FOLDER,
  onError: [],
  parts: (request) => child(request, 'FolderIds')?.children ?? [],
  answer(part, request, asked) {
    const { folder, context } = resolveFolder(part, asked);
    if (!isOwn(folder)) throw ewsMessageError('ErrorDeleteDistinguishedFolder');
    mustBeWritable(folder.name, context);
    const { mailbox } = context;
    const bin = mailbox.folders.named('deleteditems');
    if (request.attributes.get('DeleteType') === 'MoveToDeletedItems' && bin) mailbox.folders.move(folder, bin);
    else mailbox.clear(folder);
    return { content: [] };
  },
};
