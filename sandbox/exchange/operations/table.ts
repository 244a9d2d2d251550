import { getUserAvailability } from './availability.ts';
import { createFolder, deleteFolder } from './change-folder.ts';
import { convertId } from './convert-id.ts';
import { createItem } from './create-item.ts';
import { deleteItem } from './delete-item.ts';
import { expandDl } from './expand-dl.ts';
import { findFolder } from './find-folder.ts';
import { findItem } from './find-item.ts';
import { getFolder } from './get-folder.ts';
import { getItem } from './get-item.ts';
import { copyItem, moveItem } from './move-item.ts';
import type { Operation, WholeOperation } from './operation.ts';
import { getUserOofSettings, setUserOofSettings } from './out-of-office.ts';
import { resolveNames } from './resolve-names.ts';
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
  ['ConvertId', convertId],
  ['CopyItem', copyItem],
  ['CreateFolder', createFolder],
  ['CreateItem', createItem],
  ['CreateUserConfiguration', createUserConfiguration],
  ['DeleteFolder', deleteFolder],
  ['DeleteItem', deleteItem],
  ['DeleteUserConfiguration', deleteUserConfiguration],
  ['ExpandDL', expandDl],
  ['FindFolder', findFolder],
  ['FindItem', findItem],
  ['GetFolder', getFolder],
  ['GetItem', getItem],
  ['GetServerTimeZones', getServerTimeZones],
  ['GetUserAvailabilityRequest', getUserAvailability],
  ['GetUserConfiguration', getUserConfiguration],
  ['GetUserOofSettingsRequest', getUserOofSettings],
  ['MoveItem', moveItem],
  ['ResolveNames', resolveNames],
  ['SendItem', sendItem],
  ['SetUserOofSettingsRequest', setUserOofSettings],
  ['SyncFolderHierarchy', syncFolderHierarchy],
  ['SyncFolderItems', syncFolderItems],
  ['UpdateItem', updateItem],
  ['UpdateUserConfiguration', updateUserConfiguration],
]);
