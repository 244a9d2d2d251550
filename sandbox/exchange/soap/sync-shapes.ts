import { ANY, FOLDER_ID, FOLDER_SHAPE, ITEM_SHAPE, TARGET_FOLDER, maybe, one } from './request-shapes.ts';
import type { ElementShape } from './schema.ts';

/** The shapes of SyncFolderItems, SyncFolderHierarchy and the requests for user configurations, at V2017_07_11. */

/** MaxSyncChangesReturnedType: 1 to 512. */
const MAX_CHANGES = Array.from({ length: 512 }, (_unused, index) => String(index + 1));

export const SYNC_FOLDER_ITEMS: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'ItemShape', ITEM_SHAPE),
    one('m', 'SyncFolderId', TARGET_FOLDER),
    maybe('m', 'SyncState', ANY),
    maybe('m', 'Ignore', {
      sequence: [
        { prefix: 't', min: 0, many: true, of: { ItemId: { attributes: { Id: { required: true }, ChangeKey: {} } } } },
      ],
    }),
    one('m', 'MaxChangesReturned', { text: MAX_CHANGES }),
    maybe('m', 'SyncScope', { text: ['NormalItems', 'NormalAndAssociatedItems'] }),
  ],
};

export const SYNC_FOLDER_HIERARCHY: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'FolderShape', FOLDER_SHAPE),
    maybe('m', 'SyncFolderId', TARGET_FOLDER),
    maybe('m', 'SyncState', ANY),
  ],
};

const CONFIGURATION_NAME: ElementShape = {
  attributes: { Name: { required: true } },
  sequence: [{ prefix: 't', min: 1, of: FOLDER_ID }],
};
const CONFIGURATION: ElementShape = {
  sequence: [
    one('t', 'UserConfigurationName', CONFIGURATION_NAME),
    maybe('t', 'ItemId', { attributes: { Id: { required: true }, ChangeKey: {} } }),
    maybe('t', 'Dictionary', ANY),
    maybe('t', 'XmlData', ANY),
    maybe('t', 'BinaryData', ANY),
  ],
};

export const GET_USER_CONFIGURATION: ElementShape = {
  attributes: {},
  sequence: [one('m', 'UserConfigurationName', CONFIGURATION_NAME), one('m', 'UserConfigurationProperties', ANY)],
};
/** CreateUserConfiguration and UpdateUserConfiguration. */
export const PUT_USER_CONFIGURATION: ElementShape = {
  attributes: {},
  sequence: [one('m', 'UserConfiguration', CONFIGURATION)],
};
export const DELETE_USER_CONFIGURATION: ElementShape = {
  attributes: {},
  sequence: [one('m', 'UserConfigurationName', CONFIGURATION_NAME)],
};
