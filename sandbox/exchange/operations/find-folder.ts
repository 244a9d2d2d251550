import type { Folder } from '../mailbox/folder-tree.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { FIND_FOLDER } from '../soap/request-shapes.ts';
import { child } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { folderProperty } from './folder-properties.ts';
import { writeFolder } from './folder-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { cutPage } from './paging.ts';
import { readShape } from './response-shape.ts';
import { readRestriction, type PropertySource } from './restriction.ts';

export const findFolder: Operation = {
  shape: FIND_FOLDER,
  onError: [],
  parts: (request) => child(request, 'ParentFolderIds')?.children ?? [],
  answer(part, request, asked) {
    const { folder: parent, context } = resolveFolder(part, asked);
    const shape = readShape(child(request, 'FolderShape'));
    const matches = readRestriction(child(request, 'Restriction'));
    const view = child(request, 'IndexedPageFolderView') ?? child(request, 'FractionalPageFolderView');
    const below = foldersBelow(parent, request.attributes.get('Traversal'), context);
    const visible = below.filter(
      (folder) => !context.conditions.missing.has(folder.name) && matches(folderSource(folder, context)),
    );
    const page = cutPage(visible, view);
    const folders = page.entries.map((folder) => writeFolder(folder, shape, context));
    return { content: [element('m:RootFolder', page.attributes, element('t:Folders', {}, ...folders))] };
  },
};

function foldersBelow(parent: Folder, traversal: string | undefined, { mailbox }: OperationContext): readonly Folder[] {
  // SoftDeleted looks for folders in the dumpster, and none is kept there.
  if (traversal === 'SoftDeleted') return [];
  return traversal === 'Deep' ? mailbox.folders.descendants(parent) : mailbox.folders.children(parent);
}

function folderSource(folder: Folder, context: OperationContext): PropertySource {
  const { mailbox } = context;
  return {
    field(uri) {
      switch (uri) {
        case 'folder:DisplayName':
          return [folder.displayName];
        case 'folder:FolderClass':
          return folder.folderClass === undefined ? undefined : [folder.folderClass];
        case 'folder:TotalCount':
          return [String(mailbox.countIn(folder.name))];
        case 'folder:UnreadCount':
          return [String(mailbox.unreadIn(folder.name))];
        case 'folder:ChildFolderCount':
          return [String(mailbox.folders.children(folder).length)];
        default:
          throw ewsMessageError('ErrorUnsupportedPathForQuery');
      }
    },
    indexed: () => undefined,
    extended: (path) => folderProperty(folder, path.key, context),
  };
}
