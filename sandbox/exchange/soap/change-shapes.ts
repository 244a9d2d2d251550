import {
  BOOLEAN,
  FIELD_PATH,
  FOLDER_ID,
  FOLDER_IDS,
  ITEM_ELEMENTS,
  ITEM_IDS,
  OCCURRENCE_IDS,
  TARGET_FOLDER,
  one,
  maybe,
} from './request-shapes.ts';
import type { ElementShape, Slot } from './schema.ts';

/** The shapes of requests that change items and folders, after messages.xsd at V2017_07_11. */

const ANY: ElementShape = {};
const CHANGED_ITEM: Readonly<Record<string, ElementShape>> = { Item: ANY, ...ITEM_ELEMENTS };
const PATH: Slot = { prefix: 't', min: 1, of: FIELD_PATH };
const FIELD_WITH_VALUE: ElementShape = { sequence: [PATH, { prefix: 't', min: 1, of: CHANGED_ITEM }] };

export const UPDATE_ITEM: ElementShape = {
  attributes: {
    ConflictResolution: { required: true, values: ['NeverOverwrite', 'AutoResolve', 'AlwaysOverwrite'] },
    MessageDisposition: { values: ['SaveOnly', 'SendOnly', 'SendAndSaveCopy'] },
    SendMeetingInvitationsOrCancellations: {
      values: ['SendToNone', 'SendOnlyToAll', 'SendOnlyToChanged', 'SendToAllAndSaveCopy', 'SendToChangedAndSaveCopy'],
    },
    SuppressReadReceipts: { values: 'boolean' },
  },
  sequence: [
    maybe('m', 'SavedItemFolderId', TARGET_FOLDER),
    one('m', 'ItemChanges', {
      sequence: [
        {
          prefix: 't',
          min: 1,
          many: true,
          of: {
            ItemChange: {
              sequence: [
                {
                  prefix: 't',
                  min: 1,
                  of: {
                    ItemId: { attributes: { Id: { required: true }, ChangeKey: {} } },
                    ...OCCURRENCE_IDS,
                  },
                },
                one('t', 'Updates', {
                  sequence: [
                    {
                      prefix: 't',
                      min: 1,
                      many: true,
                      of: {
                        AppendToItemField: FIELD_WITH_VALUE,
                        SetItemField: FIELD_WITH_VALUE,
                        DeleteItemField: { sequence: [PATH] },
                      },
                    },
                  ],
                }),
                maybe('t', 'CalendarActivityData', ANY),
              ],
            },
          },
        },
      ],
    }),
  ],
};

export const MOVE_ITEM: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'ToFolderId', TARGET_FOLDER),
    one('m', 'ItemIds', ITEM_IDS),
    maybe('m', 'ReturnNewItemIds', BOOLEAN),
  ],
};

const FOLDER_PROPERTIES: ElementShape = {
  sequence: [
    'FolderId',
    'ParentFolderId',
    'FolderClass',
    'DisplayName',
    'TotalCount',
    'ChildFolderCount',
    'ExtendedProperty',
    'ManagedFolderInformation',
    'EffectiveRights',
    'DistinguishedFolderId',
    'PolicyTag',
    'ArchiveTag',
    'ReplicaList',
    'PermissionSet',
    'UnreadCount',
  ].map((name) => ({ prefix: 't', min: 0, many: name === 'ExtendedProperty', of: { [name]: ANY } })),
};

export const CREATE_FOLDER: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'ParentFolderId', TARGET_FOLDER),
    one('m', 'Folders', {
      sequence: [
        {
          prefix: 't',
          min: 1,
          many: true,
          of: {
            Folder: FOLDER_PROPERTIES,
            CalendarFolder: ANY,
            ContactsFolder: ANY,
            SearchFolder: ANY,
            TasksFolder: FOLDER_PROPERTIES,
          },
        },
      ],
    }),
  ],
};

export const DELETE_FOLDER: ElementShape = {
  attributes: { DeleteType: { required: true, values: ['HardDelete', 'SoftDelete', 'MoveToDeletedItems'] } },
  sequence: [one('m', 'FolderIds', FOLDER_IDS)],
};

export const EMPTY_FOLDER: ElementShape = {
  attributes: {
    DeleteType: { required: true, values: ['HardDelete', 'SoftDelete', 'MoveToDeletedItems'] },
    DeleteSubFolders: { required: true, values: 'boolean' },
  },
  sequence: [one('m', 'FolderIds', FOLDER_IDS)],
};

/** MoveFolder and CopyFolder. */
export const MOVE_FOLDER: ElementShape = {
  attributes: {},
  sequence: [one('m', 'ToFolderId', TARGET_FOLDER), one('m', 'FolderIds', FOLDER_IDS)],
};

const FOLDER_ELEMENTS: Readonly<Record<string, ElementShape>> = {
  Folder: FOLDER_PROPERTIES,
  CalendarFolder: ANY,
  ContactsFolder: ANY,
  SearchFolder: ANY,
  TasksFolder: FOLDER_PROPERTIES,
};
const FOLDER_FIELD: ElementShape = { sequence: [PATH, { prefix: 't', min: 1, of: FOLDER_ELEMENTS }] };

export const UPDATE_FOLDER: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'FolderChanges', {
      sequence: [
        {
          prefix: 't',
          min: 1,
          many: true,
          of: {
            FolderChange: {
              sequence: [
                { prefix: 't', min: 1, of: FOLDER_ID },
                one('t', 'Updates', {
                  sequence: [
                    {
                      prefix: 't',
                      min: 1,
                      many: true,
                      of: {
                        AppendToFolderField: FOLDER_FIELD,
                        SetFolderField: FOLDER_FIELD,
                        DeleteFolderField: { sequence: [PATH] },
                      },
                    },
                  ],
                }),
              ],
            },
          },
        },
      ],
    }),
  ],
};
