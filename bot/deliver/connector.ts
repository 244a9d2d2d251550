import type { ConversationReference } from '../../services/model/conversation.ts';

/** A card as it goes out. The text of the notification is the summary: a text beside a card would be split off by Teams. */
export interface OutgoingMessage {
  readonly card: object;
  readonly summary: string;
}

/** What deliveries need of Teams. Every call ends within its deadline; every failure is a DeliveryError. */
export interface TeamsConnector {
  /** `activityId` null: Teams took the message and named no id, so nobody can change it. */
  post(reference: ConversationReference, message: OutgoingMessage): Promise<{ readonly activityId: string | null }>;
  update(reference: ConversationReference, activityId: string, message: OutgoingMessage): Promise<void>;
  remove(reference: ConversationReference, activityId: string): Promise<void>;
}

/**
 * - `throttled`: too much at once (429, 412), wait       - `unavailable`: no answer or a 5xx; it may have worked
 * - `too-large`: over 100 KB of UTF-16                   - `gone`: that message, or that address, is not there (any more)
 * - `dead`: blocked, uninstalled or not in the roster    - `rejected`: Teams will never take it
 */
export type DeliveryFailure = 'throttled' | 'unavailable' | 'too-large' | 'gone' | 'dead' | 'rejected';

export class DeliveryError extends Error {
  readonly kind: DeliveryFailure;
  /** The connector's own word, such as `MessageWritesBlocked`. */
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(kind: DeliveryFailure, code: string, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(`${kind}: ${code}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DeliveryError';
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
