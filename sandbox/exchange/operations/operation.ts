import type { Delegates } from '../mailbox/delegates.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Organization } from '../mailbox/organization.ts';
import type { Product } from '../products.ts';
import type { EwsError } from '../soap/ews-error.ts';
import type { ElementShape } from '../soap/schema.ts';
import type { XmlElement } from '../xml/read.ts';
import type { XmlNode } from '../xml/write.ts';

/** What fault rules change about the folders of a mailbox, by name of DistinguishedFolderId. */
export interface FolderConditions {
  readonly readOnly: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
}

export interface OperationContext {
  readonly organization: Organization;
  /** The mailbox the request acts for. */
  readonly mailbox: Mailbox;
  readonly product: Product;
  /** RequestServerVersion, known to the product. */
  readonly version: string;
  readonly conditions: FolderConditions;
  /** What the caller is to the mailbox: its owner (or acting as it), or somebody with rights in it. */
  readonly access: Access;
  readonly delegates: Delegates;
}

export type Access = 'owner' | 'editor' | 'reviewer';

export interface Answer {
  /** What follows ResponseCode. */
  readonly content: readonly XmlNode[];
  /** Code of a warning; the content counts all the same. */
  readonly warning?: string;
}

/** An operation whose answer is one element of its own instead of a list of response messages. */
export interface WholeOperation {
  readonly shape: ElementShape;
  /** Name of the answer's element; it does not follow from that of the request. */
  readonly responseName: string;
  /**
   * Answers with what the element holds.
   *
   * @param refusal what a fault rule wants the answer to report
   */
  respond(request: XmlElement, context: OperationContext, refusal: EwsError | undefined): WholeAnswer;
}

export interface WholeAnswer {
  readonly content: readonly XmlNode[];
  /** Where the answer is itself a response message. */
  readonly responseClass?: 'Success' | 'Error';
  /** The first code that is no success, else NoError. */
  readonly code: string;
}

/** An operation of Exchange Web Services. Each part of a request (an id, an item) has a response message of its own. */
export interface Operation {
  readonly shape: ElementShape;
  parts(request: XmlElement): readonly XmlElement[];
  /** Answers one part; an EwsError with place `message` becomes the response message of this part. */
  answer(part: XmlElement, request: XmlElement, context: OperationContext): Answer;
  /** Resolves when it is time to answer, for an operation that waits for something to happen. */
  untilDue?(request: XmlElement, context: OperationContext, signal: AbortSignal): Promise<unknown>;
  /** What stands in a response message that reports an error; the schema wants the empty list for some operations. */
  readonly onError: readonly XmlNode[];
}
