import type { Activity, ConversationParameters } from 'botbuilder';
import type { ConnectorClient } from 'botframework-connector';
import type { Clock } from '../../services/model/clock.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { connectorDeadlineMs } from '../connector-clients.ts';
import { DeliveryError, type OutgoingMessage, type TeamsConnector } from './connector.ts';
import { deliveryError } from './delivery-failure.ts';

const adaptiveCard = 'application/vnd.microsoft.card.adaptive';

/** The connector over the SDK's client; `connectorFor` is the adapter's. The SDK repeats nothing here, the outbox does. */
export function createBotConnector(
  adapter: { connectorFor(serviceUrl: string): Promise<ConnectorClient> },
  clock: Pick<Clock, 'now'>,
): TeamsConnector {
  async function call<T>(
    reference: ConversationReference,
    work: (client: ConnectorClient, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      // One deadline for all of it, the token included.
      const abortSignal = AbortSignal.timeout(connectorDeadlineMs);
      return await work(await adapter.connectorFor(reference.serviceUrl), { abortSignal });
    } catch (error) {
      throw deliveryError(error, clock.now());
    }
  }

  return {
    post: (reference, message) =>
      call(reference, async (client, options) => {
        const activity = activityOf(reference, message);
        const activityId =
          reference.kind === 'channel'
            ? (await client.conversations.createConversation(threadOf(reference, activity), options)).activityId
            : (await client.conversations.sendToConversation(reference.conversationId, activity, options)).id;
        if (activityId === undefined || activityId === '') throw new DeliveryError('unavailable', 'no activity id');
        return { activityId };
      }),
    update: (reference, activityId, message) =>
      call(reference, async (client, options) => {
        const activity = { ...activityOf(reference, message), id: activityId };
        await client.conversations.updateActivity(placeOf(reference, activityId), activityId, activity, options);
      }),
    remove: (reference, activityId) =>
      call(reference, async (client, options) => {
        await client.conversations.deleteActivity(placeOf(reference, activityId), activityId, options);
      }),
  };
}

/** The card alone: with a text in the same activity Teams splits them and tells no id (facts B3.9). */
function activityOf(reference: ConversationReference, message: OutgoingMessage): Activity {
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
