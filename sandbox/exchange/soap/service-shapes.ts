import { ANY, maybe, one } from './request-shapes.ts';
import type { ElementShape } from './schema.ts';

/** The shapes of requests that are about no folder, at V2017_07_11. */

export const GET_SERVER_TIME_ZONES: ElementShape = {
  attributes: { ReturnFullTimeZoneData: { values: 'boolean' } },
  sequence: [maybe('m', 'Ids', { sequence: [{ prefix: 't', min: 1, many: true, of: { Id: ANY } }] })],
};

const EMAIL: ElementShape = {
  sequence: [maybe('t', 'Name', ANY), one('t', 'Address', ANY), maybe('t', 'RoutingType', ANY)],
};
const WINDOW: ElementShape = { sequence: [one('t', 'StartTime', ANY), one('t', 'EndTime', ANY)] };

export const GET_USER_AVAILABILITY: ElementShape = {
  attributes: {},
  sequence: [
    maybe('t', 'TimeZone', ANY),
    one('m', 'MailboxDataArray', {
      sequence: [
        {
          prefix: 't',
          min: 0,
          many: true,
          of: {
            MailboxData: {
              sequence: [
                one('t', 'Email', EMAIL),
                one('t', 'AttendeeType', { text: ['Organizer', 'Required', 'Optional', 'Room', 'Resource'] }),
                maybe('t', 'ExcludeConflicts', ANY),
              ],
            },
          },
        },
      ],
    }),
    maybe('t', 'FreeBusyViewOptions', {
      sequence: [
        one('t', 'TimeWindow', WINDOW),
        maybe('t', 'MergedFreeBusyIntervalInMinutes', ANY),
        maybe('t', 'RequestedView', ANY),
      ],
    }),
    maybe('t', 'SuggestionsViewOptions', ANY),
  ],
};

export const GET_USER_OOF_SETTINGS: ElementShape = { attributes: {}, sequence: [one('t', 'Mailbox', EMAIL)] };
export const SET_USER_OOF_SETTINGS: ElementShape = {
  attributes: {},
  sequence: [one('t', 'Mailbox', EMAIL), one('t', 'UserOofSettings', ANY)],
};
