import { ActError } from './errors.ts';
import type { Person } from './people.ts';
import type { Conversation, Message, TeamsState } from './state.ts';

/** A message with its conversation, for somebody who can see it: people read what is posted where they are, and nothing else. */
export function seenMessage(
  state: TeamsState,
  person: Person,
  messageId: string,
): { message: Message; conversation: Conversation } {
  const message = state.getMessage(messageId);
  return { message, conversation: conversationOf(state, person, message) };
}

/** @throws ActError when the person is not in the conversation of the message */
export function conversationOf(state: TeamsState, person: Person, message: Message): Conversation {
  const conversation = state.conversations.get(message.conversationId);
  if (conversation === undefined) throw new ActError(`there is no conversation "${message.conversationId}"`);
  checkMember(state, person, conversation);
  return conversation;
}

/** @throws ActError when the person is not in the conversation */
export function checkMember(state: TeamsState, person: Person, conversation: Conversation): void {
  if (state.members(conversation).some((member) => member.id === person.id)) return;
  throw new ActError(`"${person.id}" is not in "${conversation.name}"`);
}
