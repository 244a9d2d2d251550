import { DeliveryError, type OutgoingMessage, type TeamsConnector } from '../../../bot/deliver/connector.ts';
import type { Clock } from '../../../services/model/clock.ts';
import type { ConversationReference } from '../../../services/model/conversation.ts';

export interface RecordedCall {
  readonly at: number;
  readonly call: 'post' | 'update' | 'remove';
  readonly conversationId: string;
  readonly serviceUrl: string;
  readonly activityId: string;
  readonly summary: string;
}

/** A Teams that remembers every call and every message, and fails when told to. */
export class RecordedTeams implements TeamsConnector {
  readonly calls: RecordedCall[] = [];
  /** What stands in each conversation, by activity id. */
  readonly messages = new Map<string, { conversationId: string; summary: string }>();
  /** The errors of the next calls, in order; undefined lets one pass. */
  readonly failures: (DeliveryError | undefined)[] = [];
  /** Refuses whatever is sent to some places. */
  refuse: ((conversationId: string) => DeliveryError | undefined) | null = null;
  /** Takes messages without saying as what. */
  namesNoId = false;
  /** Runs while a call is under way. */
  during: (() => Promise<void>) | null = null;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  async post(reference: ConversationReference, message: OutgoingMessage): Promise<{ activityId: string | null }> {
    const activityId = `m${this.calls.length + 1}`;
    await this.#happen('post', reference, activityId, message.summary);
    this.messages.set(activityId, { conversationId: reference.conversationId, summary: message.summary });
    return { activityId: this.namesNoId ? null : activityId };
  }

  async update(reference: ConversationReference, activityId: string, message: OutgoingMessage): Promise<void> {
    await this.#happen('update', reference, activityId, message.summary);
    this.#standing(activityId);
    this.messages.set(activityId, { conversationId: reference.conversationId, summary: message.summary });
  }

  async remove(reference: ConversationReference, activityId: string): Promise<void> {
    await this.#happen('remove', reference, activityId, '');
    this.#standing(activityId);
    this.messages.delete(activityId);
  }

  /** Summaries of what a conversation shows, in the order of posting. */
  shown(conversationId: string): string[] {
    return [...this.messages.values()]
      .filter((message) => message.conversationId === conversationId)
      .map(({ summary }) => summary);
  }

  #standing(activityId: string): void {
    if (!this.messages.has(activityId)) throw new DeliveryError('gone', 'ActivityNotFoundInConversation');
  }

  async #happen(
    call: RecordedCall['call'],
    reference: ConversationReference,
    activityId: string,
    summary: string,
  ): Promise<void> {
    const { conversationId, serviceUrl } = reference;
    this.calls.push({ at: this.#clock.now(), call, conversationId, serviceUrl, activityId, summary });
    await this.during?.();
    const failure = this.refuse?.(conversationId) ?? this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}
