import { ANY, BOOLEAN, ITEM_IDS, TARGET_FOLDER, maybe, one } from './request-shapes.ts';
import type { ElementShape } from './schema.ts';

/** The shapes of requests about lists, rooms, delegates and mail tips, and of some that the stand-in refuses, at V2017_07_11. */

const ADDRESS: ElementShape = {
  sequence: ['Name', 'EmailAddress', 'RoutingType', 'MailboxType', 'ItemId', 'OriginalDisplayName'].map((name) =>
    maybe('t', name, ANY),
  ),
};
const RECIPIENTS: ElementShape = { sequence: [{ prefix: 't', min: 0, many: true, of: { Mailbox: ADDRESS } }] };

export const EXPAND_DL: ElementShape = { attributes: {}, sequence: [one('m', 'Mailbox', ADDRESS)] };
export const GET_ROOM_LISTS: ElementShape = { attributes: {}, sequence: [] };
export const GET_ROOMS: ElementShape = { attributes: {}, sequence: [one('m', 'RoomList', ADDRESS)] };

export const GET_DELEGATE: ElementShape = {
  attributes: { IncludePermissions: { required: true, values: 'boolean' } },
  sequence: [
    one('m', 'Mailbox', ADDRESS),
    maybe('m', 'UserIds', { sequence: [{ prefix: 't', min: 1, many: true, of: { UserId: ANY } }] }),
  ],
};
const DELEGATE_USERS: ElementShape = { sequence: [{ prefix: 't', min: 1, many: true, of: { DelegateUser: ANY } }] };
export const ADD_DELEGATE: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'Mailbox', ADDRESS),
    one('m', 'DelegateUsers', DELEGATE_USERS),
    maybe('m', 'DeliverMeetingRequests', ANY),
  ],
};
export const UPDATE_DELEGATE: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'Mailbox', ADDRESS),
    maybe('m', 'DelegateUsers', DELEGATE_USERS),
    maybe('m', 'DeliverMeetingRequests', ANY),
  ],
};
export const REMOVE_DELEGATE: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'Mailbox', ADDRESS),
    one('m', 'UserIds', { sequence: [{ prefix: 't', min: 1, many: true, of: { UserId: ANY } }] }),
  ],
};

export const GET_MAIL_TIPS: ElementShape = {
  attributes: {},
  sequence: [one('m', 'SendingAs', ADDRESS), one('m', 'Recipients', RECIPIENTS), one('m', 'MailTipsRequested', ANY)],
};

export const MARK_AS_JUNK: ElementShape = {
  attributes: { IsJunk: { required: true, values: 'boolean' }, MoveItem: { required: true, values: 'boolean' } },
  sequence: [one('m', 'ItemIds', ITEM_IDS)],
};

export const ARCHIVE_ITEM: ElementShape = {
  attributes: {},
  sequence: [one('m', 'ArchiveSourceFolderId', TARGET_FOLDER), one('m', 'ItemIds', ITEM_IDS)],
};

export const GET_SEARCHABLE_MAILBOXES: ElementShape = {
  attributes: {},
  sequence: [maybe('m', 'SearchFilter', ANY), maybe('m', 'ExpandGroupMembership', BOOLEAN)],
};

export const GET_INBOX_RULES: ElementShape = { attributes: {}, sequence: [maybe('m', 'MailboxSmtpAddress', ANY)] };
