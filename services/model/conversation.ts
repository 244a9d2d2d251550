/** A place the bot can write to, as the channel told us. Plain JSON, no SDK type. */
export interface ConversationReference {
  /** Teams conversation id without `;messageid=…`; the key. */
  readonly conversationId: string;
  readonly environmentId: string;
  readonly kind: 'personal' | 'channel' | 'groupChat';
  readonly serviceUrl: string;
  readonly tenantId: string;
  readonly botId: string;
  readonly botName: string;
  /** Person of a personal chat. */
  readonly aadObjectId: string | null;
  readonly locale: string;
  readonly name: string;
  /** Why Teams refuses messages here (blocked, removed), or null. */
  readonly deadReason: string | null;
  readonly revision: number;
}

/** What a channel receives. */
export interface Subscription {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly alerts: 'all' | 'warnings' | 'errors' | null;
  readonly approvals: boolean;
  readonly setBy: string;
  readonly setAt: number;
  readonly revision: number;
}
