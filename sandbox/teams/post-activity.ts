import { ConnectorError } from './errors.ts';
import type { Conversation, Message, TeamsState } from './state.ts';
import { ADAPTIVE_CARD, isObject } from './wire.ts';
import type { Activity } from './wire.ts';

/**
 * Puts an activity of the bot into a conversation, with the refusals of Teams. Returns the messages that came of it: none
 * for a typing sign, two for a text together with a card.
 */
export function postActivity(
  context: { state: TeamsState; now: () => number; shown: (message: Message) => void },
  draft: { conversation: Conversation; activity: Activity; threadId?: string },
): Message[] {
  const { conversation, activity, threadId } = draft;
  if (activity.type === 'typing') {
    conversation.typingAt = context.now();
    context.state.changed();
    return [];
  }
  checkMessage(activity);
  const messages = splitTextAndCard(activity).map((part) =>
    context.state.post({
      conversationId: conversation.id,
      from: 'bot',
      activity: part,
      ...(threadId === undefined ? {} : { threadId }),
    }),
  );
  for (const message of messages) context.shown(message);
  return messages;
}

function checkMessage(activity: Activity): void {
  const refuse = (message: string): never => {
    throw new ConnectorError(400, 'BadSyntax', message);
  };
  if (activity.type !== 'message') refuse(`Activity type ${activity.type} is not supported.`);
  const hasText = (activity.text ?? '') !== '';
  if (!hasText && (activity.attachments ?? []).length === 0) refuse('The message is empty.');
  for (const attachment of activity.attachments ?? []) {
    if (attachment.contentType !== ADAPTIVE_CARD) continue;
    const content = attachment.content;
    if (!isObject(content) || content['type'] !== 'AdaptiveCard') refuse('The attachment is no Adaptive Card.');
  }
  for (const entity of activity.entities ?? []) {
    if (entity.type !== 'mention' || !hasText) continue;
    if (entity.text === undefined || !(activity.text ?? '').includes(entity.text)) {
      refuse('The text of a mention entity does not occur in the message.');
    }
  }
}

function splitTextAndCard(activity: Activity): Activity[] {
  const hasCard = (activity.attachments ?? []).length > 0;
  if (!hasCard || (activity.text ?? '') === '') return [activity];
  const { text: _text, entities: _entities, ...card } = activity;
  const { attachments: _attachments, ...text } = activity;
  return [text, card];
}
