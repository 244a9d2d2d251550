import { ITEM_KINDS, ITEM_ORDER, type ItemKind } from '../mailbox/property-order.ts';
import { WELL_KNOWN_NAMES } from '../mailbox/well-known-folders.ts';
import type { ElementShape, Slot } from './schema.ts';

/** The shapes of the requests the stand-in answers, after messages.xsd and types.xsd at V2017_07_11. */

export const ANY: ElementShape = {};
export const BOOLEAN: ElementShape = { text: ['true', 'false', '0', '1'] };
export const one = (prefix: 't' | 'm', name: string, shape: ElementShape): Slot => ({
  prefix,
  min: 1,
  of: { [name]: shape },
});
export const maybe = (prefix: 't' | 'm', name: string, shape: ElementShape): Slot => ({
  prefix,
  min: 0,
  of: { [name]: shape },
});

const BASE_SHAPE: ElementShape = {
  text: ['IdOnly', 'Default', 'AllProperties', 'PcxPeopleSearch'],
};
export const EXTENDED_FIELD: ElementShape = {
  attributes: {
    DistinguishedPropertySetId: {},
    PropertySetId: {},
    PropertyTag: {},
    PropertyName: {},
    PropertyId: { values: 'int' },
    PropertyType: { required: true },
  },
};
export const FIELD_PATH: Readonly<Record<string, ElementShape>> = {
  FieldURI: { attributes: { FieldURI: { required: true } } },
  IndexedFieldURI: { attributes: { FieldURI: { required: true }, FieldIndex: { required: true } } },
  ExtendedFieldURI: EXTENDED_FIELD,
};
const PATHS: ElementShape = {
  sequence: [
    {
      prefix: 't',
      min: 1,
      many: true,
      of: {
        FieldURI: { attributes: { FieldURI: { required: true } } },
        IndexedFieldURI: {
          attributes: {
            FieldURI: { required: true },
            FieldIndex: { required: true },
          },
        },
        ExtendedFieldURI: EXTENDED_FIELD,
      },
    },
  ],
};
export const FOLDER_SHAPE: ElementShape = {
  sequence: [one('t', 'BaseShape', BASE_SHAPE), maybe('t', 'AdditionalProperties', PATHS)],
};
const BODY_TYPE: ElementShape = { text: ['Best', 'HTML', 'Text'] };
export const ITEM_SHAPE: ElementShape = {
  sequence: [
    one('t', 'BaseShape', BASE_SHAPE),
    maybe('t', 'IncludeMimeContent', BOOLEAN),
    maybe('t', 'BodyType', BODY_TYPE),
    maybe('t', 'UniqueBodyType', BODY_TYPE),
    maybe('t', 'NormalizedBodyType', BODY_TYPE),
    maybe('t', 'FilterHtmlContent', BOOLEAN),
    maybe('t', 'ConvertHtmlCodePageToUTF8', BOOLEAN),
    maybe('t', 'InlineImageUrlTemplate', ANY),
    maybe('t', 'BlockExternalImages', BOOLEAN),
    maybe('t', 'AddBlankTargetToLinks', BOOLEAN),
    maybe('t', 'MaximumBodySize', ANY),
    maybe('t', 'AdditionalProperties', PATHS),
  ],
};
export const FOLDER_ID: Readonly<Record<string, ElementShape>> = {
  FolderId: { attributes: { Id: { required: true }, ChangeKey: {} } },
  DistinguishedFolderId: {
    attributes: {
      Id: { required: true, values: WELL_KNOWN_NAMES },
      ChangeKey: {},
    },
    sequence: [maybe('t', 'Mailbox', ANY)],
  },
};
export const FOLDER_IDS: ElementShape = {
  sequence: [{ prefix: 't', min: 1, many: true, of: FOLDER_ID }],
};
export const TARGET_FOLDER: ElementShape = {
  sequence: [{ prefix: 't', min: 1, of: FOLDER_ID }],
};
export const OCCURRENCE_IDS: Readonly<Record<string, ElementShape>> = {
  OccurrenceItemId: {
    attributes: {
      RecurringMasterId: { required: true },
      ChangeKey: {},
      InstanceIndex: { required: true, values: 'int' },
    },
  },
  RecurringMasterItemId: { attributes: { OccurrenceId: { required: true }, ChangeKey: {} } },
};
export const ITEM_IDS: ElementShape = {
  sequence: [
    {
      prefix: 't',
      min: 1,
      many: true,
      of: {
        ItemId: { attributes: { Id: { required: true }, ChangeKey: {} } },
        ...OCCURRENCE_IDS,
      },
    },
  ],
};
const MAX_ENTRIES = { MaxEntriesReturned: { values: 'int' } } as const;
const INDEXED_PAGE: ElementShape = {
  attributes: {
    ...MAX_ENTRIES,
    Offset: { required: true, values: 'int' },
    BasePoint: { required: true, values: ['Beginning', 'End'] },
  },
};
const FRACTIONAL_PAGE: ElementShape = {
  attributes: {
    ...MAX_ENTRIES,
    Numerator: { required: true, values: 'int' },
    Denominator: { required: true, values: 'int' },
  },
};
const FIELD_ORDERS: ElementShape = {
  sequence: [
    {
      prefix: 't',
      min: 1,
      many: true,
      of: {
        FieldOrder: {
          attributes: {
            Order: { required: true, values: ['Ascending', 'Descending'] },
          },
        },
      },
    },
  ],
};

const EXTENDED_PROPERTY: ElementShape = {
  sequence: [one('t', 'ExtendedFieldURI', EXTENDED_FIELD), { prefix: 't', min: 1, of: { Value: ANY, Values: ANY } }],
};

/** An item's properties may only come in the schema's order; what they hold is looked at when they are read. */
export const itemProperties = (kind: ItemKind): ElementShape => ({
  sequence: ITEM_ORDER[kind].map((name) => ({
    prefix: 't',
    min: 0,
    many: name === 'ExtendedProperty',
    of: { [name]: name === 'ExtendedProperty' ? EXTENDED_PROPERTY : ANY },
  })),
});
export const ITEM_ELEMENTS: Readonly<Record<string, ElementShape>> = Object.fromEntries(
  ITEM_KINDS.map((kind) => [kind, itemProperties(kind)]),
);
const REFERENCE: Slot = maybe('t', 'ReferenceItemId', { attributes: { Id: { required: true }, ChangeKey: {} } });
const slots = (names: string): Slot[] => names.split(' ').map((name) => maybe('t', name, ANY));
const REPLY: ElementShape = {
  sequence: [
    ...slots('Subject Body ToRecipients CcRecipients BccRecipients IsReadReceiptRequested IsDeliveryReceiptRequested'),
    ...slots('From'),
    REFERENCE,
    ...slots('NewBodyContent'),
  ],
};
const MEETING_ANSWER: ElementShape = {
  sequence: [
    ...slots('ItemClass Sensitivity Body Attachments InternetMessageHeaders Sender ToRecipients CcRecipients'),
    ...slots('BccRecipients IsReadReceiptRequested IsDeliveryReceiptRequested From'),
    REFERENCE,
    ...slots('ProposedStart ProposedEnd'),
  ],
};
/** What CreateItem takes as an answer to another item. */
const RESPONSES: Readonly<Record<string, ElementShape>> = {
  ReplyToItem: REPLY,
  ReplyAllToItem: REPLY,
  ForwardItem: REPLY,
  CancelCalendarItem: REPLY,
  AcceptItem: MEETING_ANSWER,
  TentativelyAcceptItem: MEETING_ANSWER,
  DeclineItem: MEETING_ANSWER,
  RemoveItem: { sequence: [REFERENCE] },
  SuppressReadReceipt: { sequence: [REFERENCE] },
};

export const FIND_FOLDER: ElementShape = {
  attributes: {
    Traversal: { required: true, values: ['Shallow', 'Deep', 'SoftDeleted'] },
  },
  sequence: [
    one('m', 'FolderShape', FOLDER_SHAPE),
    {
      prefix: 'm',
      min: 0,
      of: {
        IndexedPageFolderView: INDEXED_PAGE,
        FractionalPageFolderView: FRACTIONAL_PAGE,
      },
    },
    maybe('m', 'Restriction', ANY),
    one('m', 'ParentFolderIds', FOLDER_IDS),
  ],
};
export const GET_FOLDER: ElementShape = {
  attributes: {},
  sequence: [one('m', 'FolderShape', FOLDER_SHAPE), one('m', 'FolderIds', FOLDER_IDS)],
};
export const FIND_ITEM: ElementShape = {
  attributes: {
    Traversal: {
      required: true,
      values: ['Shallow', 'SoftDeleted', 'Associated'],
    },
  },
  sequence: [
    one('m', 'ItemShape', ITEM_SHAPE),
    {
      prefix: 'm',
      min: 0,
      of: {
        IndexedPageItemView: INDEXED_PAGE,
        FractionalPageItemView: FRACTIONAL_PAGE,
        SeekToConditionPageItemView: ANY,
        CalendarView: {
          attributes: {
            ...MAX_ENTRIES,
            StartDate: { required: true },
            EndDate: { required: true },
          },
        },
        ContactsView: ANY,
      },
    },
    { prefix: 'm', min: 0, of: { GroupBy: ANY, DistinguishedGroupBy: ANY } },
    maybe('m', 'Restriction', ANY),
    maybe('m', 'SortOrder', FIELD_ORDERS),
    one('m', 'ParentFolderIds', FOLDER_IDS),
    maybe('m', 'QueryString', ANY),
  ],
};
export const GET_ITEM: ElementShape = {
  attributes: {},
  sequence: [one('m', 'ItemShape', ITEM_SHAPE), one('m', 'ItemIds', ITEM_IDS)],
};
export const CREATE_ITEM: ElementShape = {
  attributes: {
    MessageDisposition: { values: ['SaveOnly', 'SendOnly', 'SendAndSaveCopy'] },
    SendMeetingInvitations: {
      values: ['SendToNone', 'SendOnlyToAll', 'SendToAllAndSaveCopy'],
    },
  },
  sequence: [
    maybe('m', 'SavedItemFolderId', TARGET_FOLDER),
    one('m', 'Items', {
      sequence: [
        {
          prefix: 't',
          min: 1,
          many: true,
          of: { ...ITEM_ELEMENTS, ...RESPONSES },
        },
      ],
    }),
  ],
};
export const SEND_ITEM: ElementShape = {
  attributes: { SaveItemToFolder: { required: true, values: 'boolean' } },
  sequence: [one('m', 'ItemIds', ITEM_IDS), maybe('m', 'SavedItemFolderId', TARGET_FOLDER)],
};
export const DELETE_ITEM: ElementShape = {
  attributes: {
    DeleteType: {
      required: true,
      values: ['HardDelete', 'SoftDelete', 'MoveToDeletedItems'],
    },
    SendMeetingCancellations: {
      values: ['SendToNone', 'SendOnlyToAll', 'SendToAllAndSaveCopy'],
    },
    AffectedTaskOccurrences: {
      values: ['AllOccurrences', 'SpecifiedOccurrenceOnly'],
    },
    SuppressReadReceipts: { values: 'boolean' },
  },
  sequence: [one('m', 'ItemIds', ITEM_IDS)],
};
export const RESOLVE_NAMES: ElementShape = {
  attributes: {
    ReturnFullContactData: { required: true, values: 'boolean' },
    SearchScope: {
      values: ['ActiveDirectory', 'ActiveDirectoryContacts', 'Contacts', 'ContactsActiveDirectory'],
    },
    ContactDataShape: {
      values: ['IdOnly', 'Default', 'AllProperties', 'PcxPeopleSearch'],
    },
  },
  sequence: [maybe('m', 'ParentFolderIds', FOLDER_IDS), one('m', 'UnresolvedEntry', ANY)],
};
const ID_FORMATS = ['EwsLegacyId', 'EwsId', 'EntryId', 'HexEntryId', 'StoreId', 'OwaId'] as const;
export const CONVERT_ID: ElementShape = {
  attributes: { DestinationFormat: { required: true, values: ID_FORMATS } },
  sequence: [
    one('m', 'SourceIds', {
      sequence: [
        {
          prefix: 't',
          min: 1,
          many: true,
          of: {
            AlternateId: {
              attributes: {
                Format: { required: true, values: ID_FORMATS },
                Id: { required: true },
                Mailbox: { required: true },
                IsArchive: { values: 'boolean' },
              },
            },
            AlternatePublicFolderId: ANY,
            AlternatePublicFolderItemId: ANY,
          },
        },
      ],
    }),
  ],
};
