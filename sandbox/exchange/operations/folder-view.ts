import { writeExtendedProperty } from '../mailbox/extended-property.ts';
import { isOwn, type Folder } from '../mailbox/folder-tree.ts';
import { isAtLeast } from '../products.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { rightsIn, type Rights } from './access.ts';
import { permissionSet } from './folder-permissions.ts';
import { folderProperty } from './folder-properties.ts';
import type { OperationContext } from './operation.ts';
import { wants, type ResponseShape } from './response-shape.ts';

/** Writes a folder as far as the shape asks for it, in the order of BaseFolderType. */
export function writeFolder(folder: Folder, shape: ResponseShape, context: OperationContext): XmlNode {
  const { mailbox } = context;
  const isModern = isAtLeast(context.product, context.version, 'Exchange2013');
  const inDefault = shape.base !== 'IdOnly';
  const inAll = shape.base === 'AllProperties';
  const parent = folder.parent === undefined ? folder : mailbox.folders.named(folder.parent);
  const when = (name: string, inBase: boolean, write: () => XmlNode | undefined): XmlNode | undefined =>
    wants(shape, `folder:${name}`, inBase) ? write() : undefined;

  return element(
    `t:${folder.element}`,
    {},
    writeFolderId('t:FolderId', folder, context),
    when('ParentFolderId', inAll, () => parent && writeFolderId('t:ParentFolderId', parent, context)),
    when('FolderClass', inAll, () =>
      folder.folderClass === undefined ? undefined : textElement('t:FolderClass', folder.folderClass),
    ),
    when('DisplayName', inDefault, () => textElement('t:DisplayName', folder.displayName)),
    when('TotalCount', inDefault, () => textElement('t:TotalCount', mailbox.countIn(folder.name))),
    when('ChildFolderCount', inDefault, () =>
      textElement('t:ChildFolderCount', mailbox.folders.children(folder).length),
    ),
    ...shape.extended.flatMap((path) => {
      const values = folderProperty(folder, path.key, context);
      return values ? [writeExtendedProperty(values, path.attributes)] : [];
    }),
    when('EffectiveRights', inAll, () => effectiveRights(rightsIn(folder.name, context), isModern)),
    when('DistinguishedFolderId', inAll && isModern, () =>
      isOwn(folder) ? undefined : textElement('t:DistinguishedFolderId', folder.name),
    ),
    // Never without being asked for, whatever the base shape.
    when('PermissionSet', false, () => permissionSet(folder, context)),
    // A real server counts the unread on plain folders only (shared facts, exchange.md §6.2).
    folder.element === 'Folder'
      ? when('UnreadCount', inDefault, () => textElement('t:UnreadCount', mailbox.unreadIn(folder.name)))
      : undefined,
  );
}

export function writeFolderId(name: string, folder: Folder, { mailbox }: OperationContext): XmlNode {
  return element(name, {
    Id: mailbox.folderId(folder),
    ChangeKey: mailbox.folderChangeKey(folder),
  });
}

/** A folder without rights refuses everything, reading included: what a client sees that may not synchronise it. */
export function effectiveRights(rights: Rights, withPrivateItems: boolean): XmlNode {
  const allowed = (name: string): boolean => rights === 'all' || (rights === 'read' && name === 'Read');
  const names = ['CreateAssociated', 'CreateContents', 'CreateHierarchy', 'Delete', 'Modify', 'Read'];
  if (withPrivateItems) names.push('ViewPrivateItems');
  return element('t:EffectiveRights', {}, ...names.map((name) => textElement(`t:${name}`, allowed(name))));
}
