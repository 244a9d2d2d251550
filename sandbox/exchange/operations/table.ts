import { copyFolder, emptyFolder, moveFolder, updateFolder } from './arrange-folders.ts';
import { createAttachment, deleteAttachment, getAttachment } from './attachments.ts';
import { getUserAvailability } from './availability.ts';
import { createFolder, deleteFolder } from './change-folder.ts';
import { convertId } from './convert-id.ts';
import { createItem } from './create-item.ts';
import { deleteItem } from './delete-item.ts';
import { expandDl } from './expand-dl.ts';
import { findFolder } from './find-folder.ts';
import { findItem } from './find-item.ts';
import { getDelegate } from './get-delegate.ts';
import { getFolder } from './get-folder.ts';
import { getItem } from './get-item.ts';
import { getMailTips } from './mail-tips.ts';
import { markAsJunk } from './mark-as-junk.ts';
import { copyItem, moveItem } from './move-item.ts';
import { getEvents, getStreamingEvents, subscribe, unsubscribe } from './notifications.ts';
import type { Operation, WholeOperation } from './operation.ts';
import { getUserOofSettings, setUserOofSettings } from './out-of-office.ts';
import {
  addDelegate,
  archiveItem,
  getInboxRules,
  getSearchableMailboxes,
  removeDelegate,
  updateDelegate,
} from './refused.ts';
import { resolveNames } from './resolve-names.ts';
import { getRoomLists, getRooms } from './rooms.ts';
import { sendItem } from './send-item.ts';
import { syncFolderHierarchy, syncFolderItems } from './sync.ts';
import { getServerTimeZones } from './time-zones.ts';
import { updateItem } from './update-item.ts';
import {
  createUserConfiguration,
  deleteUserConfiguration,
  getUserConfiguration,
  updateUserConfiguration,
} from './user-configuration.ts';

/** Every operation the stand-in answers, by the name of its request element. */
export const OPERATIONS: ReadonlyMap<string, Operation | WholeOperation> = new Map<string, Operation | WholeOperation>([
  ['AddDelegate', addDelegate],
  ['ArchiveItem', archiveItem],
  ['ConvertId', convertId],
  ['CopyFolder', copyFolder],
  ['CopyItem', copyItem],
  ['CreateAttachment', createAttachment],
  ['CreateFolder', createFolder],
  ['CreateItem', createItem],
  ['CreateUserConfiguration', createUserConfiguration],
  ['DeleteAttachment', deleteAttachment],
  ['DeleteFolder', deleteFolder],
  ['DeleteItem', deleteItem],
  ['DeleteUserConfiguration', deleteUserConfiguration],
  ['EmptyFolder', emptyFolder],
  ['ExpandDL', expandDl],
  ['FindFolder', findFolder],
  ['FindItem', findItem],
  ['GetAttachment', getAttachment],
  ['GetDelegate', getDelegate],
  ['GetEvents', getEvents],
  ['GetFolder', getFolder],
  ['GetInboxRules', getInboxRules],
  ['GetItem', getItem],
  ['GetMailTips', getMailTips],
  ['GetRoomLists', getRoomLists],
  ['GetRooms', getRooms],
  ['GetSearchableMailboxes', getSearchableMailboxes],
  ['GetServerTimeZones', getServerTimeZones],
  ['GetStreamingEvents', getStreamingEvents],
  ['GetUserAvailabilityRequest', getUserAvailability],
  ['GetUserConfiguration', getUserConfiguration],
  ['GetUserOofSettingsRequest', getUserOofSettings],
  ['MarkAsJunk', markAsJunk],
  ['MoveFolder', moveFolder],
  ['MoveItem', moveItem],
  ['RemoveDelegate', removeDelegate],
  ['ResolveNames', resolveNames],
  ['SendItem', sendItem],
  ['SetUserOofSettingsRequest', setUserOofSettings],
  ['Subscribe', subscribe],
  ['SyncFolderHierarchy', syncFolderHierarchy],
  ['SyncFolderItems', syncFolderItems],
  ['Unsubscribe', unsubscribe],
  ['UpdateDelegate', updateDelegate],
  ['UpdateFolder', updateFolder],
  ['UpdateItem', updateItem],
  ['UpdateUserConfiguration', updateUserConfiguration],
]);
