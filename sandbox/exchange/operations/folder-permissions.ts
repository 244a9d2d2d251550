import type { Folder } from '../mailbox/folder-tree.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import type { OperationContext } from './operation.ts';

/** What somebody may do in a folder, by the name of the level. */
interface Level {
  readonly name: 'None' | 'FreeBusyTimeOnly' | 'Reviewer' | 'Editor';
  readonly creates: boolean;
  readonly isVisible: boolean;
  readonly edits: 'None' | 'All';
  readonly reads: 'None' | 'FullDetails' | 'TimeOnly';
}

const NONE: Level = { name: 'None', creates: false, isVisible: false, edits: 'None', reads: 'None' };
/** What everybody in the organization may see of a calendar, as it is when a mailbox is new. */
const FREE_BUSY: Level = { ...NONE, name: 'FreeBusyTimeOnly', reads: 'TimeOnly' };
const LEVELS: Readonly<Record<'reviewer' | 'editor', Level>> = {
  reviewer: { name: 'Reviewer', creates: false, isVisible: true, edits: 'None', reads: 'FullDetails' },
  editor: { name: 'Editor', creates: true, isVisible: true, edits: 'All', reads: 'FullDetails' },
};

/** Who may do what in a folder: everybody, nobody in particular, and those the mailbox was opened to. */
export function permissionSet(folder: Folder, { mailbox, organization, delegates }: OperationContext): XmlNode {
  const isCalendar = folder.element === 'CalendarFolder';
  const distinguished = (name: string): XmlNode => element('t:UserId', {}, textElement('t:DistinguishedUser', name));
  const permission = (user: XmlNode, level: Level): XmlNode => writePermission(user, level, isCalendar);
  const opened = organization.all().flatMap((other): XmlNode[] => {
    const grant = other === mailbox ? undefined : delegates.find(other, mailbox);
    if (!grant?.allows(folder.name)) return [];
    const user = element(
      't:UserId',
      {},
      textElement('t:PrimarySmtpAddress', other.address),
      textElement('t:DisplayName', other.displayName),
    );
    return [permission(user, LEVELS[grant.rights])];
  });
  return element(
    't:PermissionSet',
    {},
    element(
      isCalendar ? 't:CalendarPermissions' : 't:Permissions',
      {},
      permission(distinguished('Default'), isCalendar ? FREE_BUSY : NONE),
      permission(distinguished('Anonymous'), NONE),
      ...opened,
    ),
  );
}

function writePermission(user: XmlNode, level: Level, isCalendar: boolean): XmlNode {
  return element(
    isCalendar ? 't:CalendarPermission' : 't:Permission',
    {},
    user,
    textElement('t:CanCreateItems', level.creates),
    textElement('t:CanCreateSubFolders', false),
    textElement('t:IsFolderOwner', false),
    textElement('t:IsFolderVisible', level.isVisible),
    textElement('t:IsFolderContact', false),
    textElement('t:EditItems', level.edits),
    textElement('t:DeleteItems', level.edits),
    textElement('t:ReadItems', level.reads),
    textElement(isCalendar ? 't:CalendarPermissionLevel' : 't:PermissionLevel', level.name),
  );
}
