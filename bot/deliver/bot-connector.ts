import type { Activity, ConversationParameters } from 'botbuilder';
import type { ConnectorClient } from 'botframework-connector';
import type { Clock } from '../../services/model/clock.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { connectorDeadlineMs } from '../connector-clients.ts';
import { DeliveryError, type OutgoingMessage, type TeamsConnector } from './connector.ts';
import { deliveryError, wasDone } from './delivery-failure.ts';

/**
 * Teams refuses a message of more than 100 KB of UTF-16. One of megabytes it would cut off in the middle, which looks like a
 * broken line and would be tried for ever.
 */
const mostCharacters = 200_000;

const adaptiveCard = 'application/vnd.microsoft.card.adaptive';

/** The connector over the SDK's client; `connectorFor` is the adapter's. The SDK repeats nothing here, the outbox does. */
export function createBotConnector(
  adapter: { connectorFor(serviceUrl: string): Promise<ConnectorClient> },
  clock: Pick<Clock, 'now'>,
): TeamsConnector {
  async function call<T>(
    reference: ConversationReference,
    work: (client: ConnectorClient, options: { abortSignal: AbortSignal }) => Promise<T>,
    unread: T,
  ): Promise<T> {
    try {
      // One deadline for all of it, the token included.
      const abortSignal = AbortSignal.timeout(connectorDeadlineMs);
      return await work(await adapter.connectorFor(reference.serviceUrl), { abortSignal });
    } catch (error) {
      if (wasDone(error)) return unread;
      throw deliveryError(error, clock.now());
    }
  }

  return {
    post: (reference, message) =>
      call<{ readonly activityId: string | null }>(
        reference,
        async (client, options) => {
          const activity = activityOf(reference, message);
          if (reference.kind !== 'channel') {
            const { id } = await client.conversations.sendToConversation(reference.conversationId, activity, options);
            return { activityId: nonEmpty(id) };
          }
          const thread = await client.conversations.createConversation(threadOf(reference, activity), options);
          const named = /;messageid=(.+)$/.exec(nonEmpty(thread.id) ?? '')?.[1];
          return { activityId: nonEmpty(thread.activityId) ?? nonEmpty(named) };
        },
        { activityId: null },
      ),
    update: (reference, activityId, message) =>
      call(
        reference,
        async (client, options) => {
          const activity = { ...activityOf(reference, message), id: activityId };
          await client.conversations.updateActivity(placeOf(reference, activityId), activityId, activity, options);
        },
        undefined,
      ),
    remove: (reference, activityId) =>
      call(
        reference,
        async (client, options) => {
          await client.conversations.deleteActivity(placeOf(reference, activityId), activityId, options);
        },
        undefined,
      ),
  };
}

/** An answer may be anything that is JSON, whatever the SDK's types say. */
function nonEmpty(id: unknown): string | null {
  return typeof id === 'string' && id !== '' ? id : null;
}

/** The card alone: with a text in the same activity Teams splits them and tells no id (facts B3.9). */
function activityOf(reference: ConversationReference, message: OutgoingMessage): Activity {
  if (JSON.stringify(message.card).length > mostCharacters) throw new DeliveryError('too-large', 'MessageSizeTooBig');
  const activity: Partial<Activity> = {
    type: 'message',
    channelId: 'msteams',
    serviceUrl: reference.serviceUrl,
    from: { id: reference.botId, name: reference.botName },
    conversation: {
      id: reference.conversationId,
      conversationType: reference.kind,
      isGroup: reference.kind !== 'personal',
      tenantId: reference.tenantId,
      name: '',
    },
    locale: reference.locale,
    summary: message.summary,
    attachments: [{ contentType: adaptiveCard, content: message.card }],
    ...(reference.kind === 'personal' ? { channelData: { notification: { alert: true } } } : {}),
  };
  return activity as Activity;
}

/** A message in a channel starts a thread, as a new conversation (facts C5). */
function threadOf(reference: ConversationReference, activity: Activity): ConversationParameters {
  const parameters: Partial<ConversationParameters> = {
    isGroup: true,
    bot: { id: reference.botId, name: reference.botName },
    tenantId: reference.tenantId,
    channelData: { channel: { id: reference.conversationId }, tenant: { id: reference.tenantId } },
    activity,
  };
  return parameters as ConversationParameters;
}

/** Where a message stands. All of ours in a channel start their thread, so its id is the thread's. */
function placeOf(reference: ConversationReference, activityId: string): string {
  return reference.kind === 'channel'
    ? `${reference.conversationId};messageid=${activityId}`
    : reference.conversationId;
}
