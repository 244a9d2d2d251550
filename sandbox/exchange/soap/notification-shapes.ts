import { ANY, FOLDER_IDS, maybe, one } from './request-shapes.ts';
import type { ElementShape, Slot } from './schema.ts';

/** The shapes of Subscribe, GetEvents, GetStreamingEvents and Unsubscribe, at V2017_07_11. */

const EVENT_TYPES: ElementShape = {
  sequence: [
    {
      prefix: 't',
      min: 1,
      many: true,
      of: {
        EventType: {
          text: [
            'CopiedEvent',
            'CreatedEvent',
            'DeletedEvent',
            'ModifiedEvent',
            'MovedEvent',
            'NewMailEvent',
            'FreeBusyChangedEvent',
          ],
        },
      },
    },
  ],
};
const numbers = (last: number): string[] => Array.from({ length: last }, (_unused, index) => String(index + 1));
/** SubscriptionTimeoutType: 1 to 1440 minutes. */
const TIMEOUTS = numbers(1440);
/** StreamingSubscriptionConnectionTimeoutType: 1 to 30 minutes. */
const CONNECTION_TIMEOUTS = numbers(30);

const subscription = (...more: readonly Slot[]): ElementShape => ({
  attributes: { SubscribeToAllFolders: { values: 'boolean' } },
  sequence: [maybe('t', 'FolderIds', FOLDER_IDS), one('t', 'EventTypes', EVENT_TYPES), ...more],
});

export const SUBSCRIBE: ElementShape = {
  attributes: {},
  sequence: [
    {
      prefix: 'm',
      min: 1,
      of: {
        PullSubscriptionRequest: subscription(maybe('t', 'Watermark', ANY), one('t', 'Timeout', { text: TIMEOUTS })),
        PushSubscriptionRequest: subscription(
          maybe('t', 'Watermark', ANY),
          one('t', 'StatusFrequency', { text: TIMEOUTS }),
          one('t', 'URL', ANY),
          maybe('t', 'CallerData', ANY),
        ),
        StreamingSubscriptionRequest: subscription(),
      },
    },
  ],
};

export const UNSUBSCRIBE: ElementShape = { attributes: {}, sequence: [one('m', 'SubscriptionId', ANY)] };

export const GET_EVENTS: ElementShape = {
  attributes: {},
  sequence: [one('m', 'SubscriptionId', ANY), one('m', 'Watermark', ANY)],
};

export const GET_STREAMING_EVENTS: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'SubscriptionIds', { sequence: [{ prefix: 't', min: 1, many: true, of: { SubscriptionId: ANY } }] }),
    one('m', 'ConnectionTimeout', { text: CONNECTION_TIMEOUTS }),
  ],
};
