import { ANY, BOOLEAN, maybe, one } from './request-shapes.ts';
import type { ElementShape, Slot } from './schema.ts';

/** The shapes of the requests about attachments, after messages.xsd and types.xsd at V2017_07_11. */

const BODY_TYPE: ElementShape = { text: ['Best', 'HTML', 'Text'] };
const slots = (names: string): Slot[] => names.split(' ').map((name) => maybe('t', name, ANY));
const ABOUT = slots(
  'AttachmentId Name ContentType ContentId ContentLocation AttachmentOriginalUrl Size LastModifiedTime IsInline',
);
const ATTACHED_ITEM: Slot = {
  prefix: 't',
  min: 0,
  of: Object.fromEntries(
    'Item Message CalendarItem Contact MeetingMessage MeetingRequest MeetingResponse MeetingCancellation Task PostItem'
      .split(' ')
      .map((name) => [name, ANY]),
  ),
};
const ATTACHMENT_IDS: ElementShape = {
  sequence: [{ prefix: 't', min: 1, many: true, of: { AttachmentId: { attributes: { Id: { required: true } } } } }],
};

export const CREATE_ATTACHMENT: ElementShape = {
  attributes: {},
  sequence: [
    one('m', 'ParentItemId', { attributes: { Id: { required: true }, ChangeKey: {} } }),
    one('m', 'Attachments', {
      sequence: [
        {
          prefix: 't',
          min: 1,
          many: true,
          of: {
            ItemAttachment: { sequence: [...ABOUT, ATTACHED_ITEM] },
            FileAttachment: { sequence: [...ABOUT, ...slots('IsContactPhoto Content')] },
          },
        },
      ],
    }),
  ],
};

export const GET_ATTACHMENT: ElementShape = {
  attributes: {},
  sequence: [
    maybe('m', 'AttachmentShape', {
      sequence: [
        maybe('t', 'IncludeMimeContent', BOOLEAN),
        maybe('t', 'BodyType', BODY_TYPE),
        maybe('t', 'FilterHtmlContent', BOOLEAN),
        maybe('t', 'AdditionalProperties', ANY),
      ],
    }),
    one('m', 'AttachmentIds', ATTACHMENT_IDS),
  ],
};

export const DELETE_ATTACHMENT: ElementShape = {
  attributes: {},
  sequence: [one('m', 'AttachmentIds', ATTACHMENT_IDS)],
};
