/** The elements a folder can be written as; it follows from its class. */
export type FolderElement = 'Folder' | 'CalendarFolder' | 'ContactsFolder' | 'TasksFolder';

export interface WellKnownFolder {
  /** The value of DistinguishedFolderId. */
  readonly name: string;
  readonly parent: string | undefined;
  readonly displayName: string;
  readonly folderClass: string | undefined;
  readonly element: FolderElement;
  /** Place in the table; part of the folder's id. */
  readonly index: number;
}

type Row = readonly [name: string, parent: string | undefined, displayName: string, folderClass?: string];

/** What a fresh mailbox of Exchange holds, parents before children. */
const ROWS: readonly Row[] = [
  ['root', undefined, 'Root'],
  ['msgfolderroot', 'root', 'Top of Information Store', 'IPF.Note'],
  ['calendar', 'msgfolderroot', 'Calendar', 'IPF.Appointment'],
  ['contacts', 'msgfolderroot', 'Contacts', 'IPF.Contact'],
  ['recipientcache', 'contacts', 'Recipient Cache', 'IPF.Contact.RecipientCache'],
  ['quickcontacts', 'contacts', 'Skype for Business Contacts', 'IPF.Contact.MOC.QuickContacts'],
  ['imcontactlist', 'contacts', 'IM Contact List', 'IPF.Contact.MOC.ImContactList'],
  ['conversationhistory', 'msgfolderroot', 'Conversation History', 'IPF.Note'],
  ['deleteditems', 'msgfolderroot', 'Deleted Items', 'IPF.Note'],
  ['drafts', 'msgfolderroot', 'Drafts', 'IPF.Note'],
  ['inbox', 'msgfolderroot', 'Inbox', 'IPF.Note'],
  ['journal', 'msgfolderroot', 'Journal', 'IPF.Journal'],
  ['junkemail', 'msgfolderroot', 'Junk Email', 'IPF.Note'],
  ['notes', 'msgfolderroot', 'Notes', 'IPF.StickyNote'],
  ['outbox', 'msgfolderroot', 'Outbox', 'IPF.Note'],
  ['sentitems', 'msgfolderroot', 'Sent Items', 'IPF.Note'],
  ['syncissues', 'msgfolderroot', 'Sync Issues', 'IPF.Note'],
  ['conflicts', 'syncissues', 'Conflicts', 'IPF.Note'],
  ['localfailures', 'syncissues', 'Local Failures', 'IPF.Note'],
  ['serverfailures', 'syncissues', 'Server Failures', 'IPF.Note'],
  ['tasks', 'msgfolderroot', 'Tasks', 'IPF.Task'],
  ['searchfolders', 'root', 'Finder'],
  ['recoverableitemsroot', 'root', 'Recoverable Items'],
  ['recoverableitemsdeletions', 'recoverableitemsroot', 'Deletions'],
  ['recoverableitemspurges', 'recoverableitemsroot', 'Purges'],
  ['recoverableitemsversions', 'recoverableitemsroot', 'Versions'],
];

export function folderElementOf(folderClass: string | undefined): FolderElement {
  if (folderClass?.startsWith('IPF.Appointment')) return 'CalendarFolder';
  if (folderClass?.startsWith('IPF.Contact')) return 'ContactsFolder';
  if (folderClass?.startsWith('IPF.Task')) return 'TasksFolder';
  return 'Folder';
}

export const WELL_KNOWN_FOLDERS: readonly WellKnownFolder[] = ROWS.map(
  ([name, parent, displayName, folderClass], index) => ({
    name,
    parent,
    displayName,
    folderClass,
    element: folderElementOf(folderClass),
    index,
  }),
);

const BY_NAME: ReadonlyMap<string, WellKnownFolder> = new Map(WELL_KNOWN_FOLDERS.map((row) => [row.name, row]));

/** The folder of that DistinguishedFolderId, or undefined where no mailbox of the stand-in has it (archives and such). */
export function wellKnownFolder(name: string): WellKnownFolder | undefined {
  return BY_NAME.get(name);
}

export function childFolders(parent: string): readonly WellKnownFolder[] {
  return WELL_KNOWN_FOLDERS.filter((folder) => folder.parent === parent);
}

/** Every DistinguishedFolderIdNameType of types.xsd at V2017_07_11, spelt as there; another value breaks the schema. */
export const WELL_KNOWN_NAMES: readonly string[] = [
  ...WELL_KNOWN_FOLDERS.map((row) => row.name),
  'publicfoldersroot',
  'voicemail',
  'recoverableitemsdiscoveryholds',
  'archiveroot',
  'archivemsgfolderroot',
  'archivedeleteditems',
  'archiveinbox',
  'archiverecoverableitemsroot',
  'archiverecoverableitemsdeletions',
  'archiverecoverableitemsversions',
  'archiverecoverableitemspurges',
  'archiverecoverableitemsdiscoveryholds',
  'adminauditlogs',
  'todosearch',
  'mycontacts',
  'directory',
  'peopleconnect',
  'favorites',
  'mecontact',
  'personmetadata',
  'teamspaceactivity',
  'teamspacemessaging',
  'teamspaceworkitems',
  'scheduled',
  'orionnotes',
  'tagitems',
  'alltaggeditems',
  'externalcontacts',
  'teamchat',
  'teamchathistory',
  'yammerroot',
  'yammerinbound',
  'yammeroutbound',
  'yammerfeeds',
  'onedriveroot',
  'onedriverecylebin',
  'onedrivesystem',
  'onedrivevolume',
  'important',
  'starred',
  'archive',
];
