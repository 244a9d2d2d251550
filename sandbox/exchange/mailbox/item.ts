import type { XmlElement } from '../xml/read.ts';
import type { ExtendedProperty } from './extended-property.ts';
import type { ItemKind } from './property-order.ts';

/** Somebody a message is from or to. */
export interface Correspondent {
  readonly name: string;
  readonly address: string;
}

export interface ItemBody {
  readonly type: 'HTML' | 'Text';
  readonly text: string;
}

/** What a user configuration item carries. */
export interface ConfigurationData {
  readonly name: string;
  readonly dictionary: XmlElement | undefined;
  /** Base64, as sent. */
  readonly xmlData: string | undefined;
  readonly binaryData: string | undefined;
}

/** A file that came with an item, or an item in an item. */
export interface Attachment {
  /** Tells it from the others of its item, for as long as it is there. */
  readonly number: number;
  readonly name: string;
  readonly contentType: string | undefined;
  readonly contentId: string | undefined;
  readonly contentLocation: string | undefined;
  readonly isInline: boolean;
  readonly isContactPhoto: boolean;
  readonly content: Buffer | ItemContent;
}

/** What a client decides about an item. */
export interface ItemContent {
  readonly kind: ItemKind;
  readonly itemClass: string;
  readonly subject: string;
  readonly body: ItemBody | undefined;
  readonly importance: string;
  readonly sensitivity: string;
  readonly from: Correspondent | undefined;
  readonly sender: Correspondent | undefined;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  readonly bcc: readonly Correspondent[];
  readonly attachments: readonly Attachment[];
  readonly extendedProperties: readonly ExtendedProperty[];
  /** Header fields beyond the usual ones, as they were in MimeContent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The message as it was given in MimeContent. */
  readonly mime: Buffer | undefined;
  readonly internetMessageId: string | undefined;
  /** Properties the stand-in has no use for, sent back as they came (the start of an appointment, for example). */
  readonly others: ReadonlyMap<string, XmlElement>;
  /** Of a series: occurrences that were changed, by their number, and those that were deleted as undefined. */
  readonly exceptions?: ReadonlyMap<number, ItemContent | undefined>;
  /** Only in items of class IPM.Configuration.NAME. */
  readonly configuration?: ConfigurationData;
}

/** What the server knows besides. */
export interface StoredItem {
  readonly id: string;
  readonly number: number;
  readonly changeKey: string;
  readonly folder: string;
  readonly content: ItemContent;
  readonly isDraft: boolean;
  /** Lies behind the folder instead of in it: a user configuration. */
  readonly isAssociated: boolean;
  readonly isRead: boolean;
  readonly isFromMe: boolean;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly version: number;
  readonly sentAt: Date | undefined;
  readonly receivedAt: Date | undefined;
  readonly conversationId: string;
  readonly size: number;
  /** Only in one occurrence of a series, which is kept in the item of the series. */
  readonly occurrence?: Occurrence;
}

export interface Occurrence {
  /** From 1. */
  readonly index: number;
  readonly isException: boolean;
  readonly originalStart: number;
}
