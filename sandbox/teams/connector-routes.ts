import type { CallLog } from './call-log.ts';
import { ConnectorError } from './errors.ts';
import { postActivity } from './post-activity.ts';
import { rosterRoute } from './roster-routes.ts';
import { splitConversationId } from './state.ts';
import type { Conversation, Message, TeamsState } from './state.ts';
import { isObject } from './wire.ts';
import type { Activity, JsonObject } from './wire.ts';

export interface ConnectorContext {
  state: TeamsState;
  log: CallLog;
  now: () => number;
  /** Answer 429 where Teams' own limits would be exceeded. */
  enforceRateLimits: boolean;
  /** Called when a message of the bot is posted or edited, so that clients can refresh their views. */
  shown: (message: Message) => void;
}

export interface ConnectorRequest {
  method: string;
  /** Decoded segments after `/v3/`. */
  segments: string[];
  query: URLSearchParams;
  body: unknown;
}

export interface ConnectorReply {
  status: number;
  body?: unknown;
}

/** The Bot Connector's REST interface, version 3, as far as a Teams bot uses it. Throws `ConnectorError` for refusals. */
export function routeConnector(context: ConnectorContext, request: ConnectorRequest): ConnectorReply {
  const { method, segments } = request;
  const [root, id, part, activityId] = segments;
  if (root === 'conversations') {
    if (id === undefined && method === 'POST') return createConversation(context, request.body);
    if (id !== undefined && part === 'activities') {
      if (method === 'POST') return sendToConversation(context, id, activityId, readActivity(request.body));
      if (activityId !== undefined && method === 'PUT') return updateActivity(context, id, activityId, request.body);
      if (activityId !== undefined && method === 'DELETE') return deleteActivity(context, id, activityId);
    }
  }
  const roster = rosterRoute(context.state, request);
  if (roster !== undefined) return roster;
  throw new ConnectorError(404, 'NotFound', `The connector has no ${method} /v3/${segments.join('/')}.`);
}

/** Whether this request counts as a send in Teams' rate limits, and in which conversation. */
export function sendTarget(context: ConnectorContext, request: ConnectorRequest): string | undefined {
  const { method, segments, body } = request;
  const [root, id, part] = segments;
  if (root !== 'conversations' || (method !== 'POST' && method !== 'PUT')) return undefined;
  if (id !== undefined) return part === 'activities' ? splitConversationId(id).conversationId : undefined;
  if (!isObject(body)) return undefined;
  return channelIdOf(body) ?? findMember(context, body)?.id;
}

function createConversation(context: ConnectorContext, body: unknown): ConnectorReply {
  if (!isObject(body)) throw badSyntax('The parameters are missing.');
  const channelId = channelIdOf(body);
  if (channelId !== undefined) {
    const conversation = writableConversation(context, channelId);
    if (conversation.type !== 'channel') throw badSyntax('The conversation is not a channel.');
    const posted = postActivity(context, { conversation, activity: readActivity(body['activity']) });
    const first = posted[0];
    return { status: 201, body: { id: `${conversation.id};messageid=${first?.id ?? ''}`, activityId: first?.id } };
  }
  if (body['isGroup'] === true) throw badSyntax('Bots cannot create group chats.');
  const chat = findMember(context, body);
  if (chat === undefined) throw new ConnectorError(404, 'ActorNotFound', 'The member is not known in this tenant.');
  if (chat.blocked) throw writesBlocked();
  if (!chat.installed) {
    const text = "Bot is not installed in user's personal scope";
    throw new ConnectorError(403, 'ForbiddenOperationException', text);
  }
  if (tenantOf(body) !== chat.tenantId) throw badSyntax('The tenant does not fit the member.');
  if (!isObject(body['activity'])) return { status: 201, body: { id: chat.id } };
  const posted = postActivity(context, { conversation: chat, activity: readActivity(body['activity']) });
  return { status: 201, body: { id: chat.id, activityId: posted[0]?.id } };
}

function sendToConversation(
  context: ConnectorContext,
  id: string,
  replyToId: string | undefined,
  activity: Activity,
): ConnectorReply {
  const { threadId } = splitConversationId(id);
  const conversation = writableConversation(context, id);
  if (threadId !== undefined && context.state.messages.get(threadId)?.conversationId !== conversation.id) {
    throw new ConnectorError(404, 'ConversationNotFound', 'Conversation not found.');
  }
  const thread = threadId ?? replyThread(context, conversation, replyToId);
  const posted = postActivity(context, {
    conversation,
    activity,
    ...(thread === undefined ? {} : { threadId: thread }),
  });
  // Teams splits a text with a card into two messages and then tells the id of neither (facts B3.9).
  return { status: 201, body: posted.length === 1 && posted[0] !== undefined ? { id: posted[0].id } : {} };
}

function replyThread(context: ConnectorContext, conversation: Conversation, replyToId?: string): string | undefined {
  if (conversation.type !== 'channel' || replyToId === undefined) return undefined;
  return context.state.messages.get(replyToId)?.threadId;
}

function updateActivity(context: ConnectorContext, id: string, activityId: string, body: unknown): ConnectorReply {
  const message = ownMessage(context, id, activityId);
  context.state.edit(message, readActivity(body));
  context.shown(message);
  return { status: 200, body: { id: message.id } };
}

function deleteActivity(context: ConnectorContext, id: string, activityId: string): ConnectorReply {
  context.state.remove(ownMessage(context, id, activityId));
  return { status: 200 };
}

/** A message of the bot itself that is still there: of others' messages a bot can change none. */
function ownMessage(context: ConnectorContext, conversationId: string, activityId: string): Message {
  const conversation = writableConversation(context, conversationId);
  const message = context.state.messages.get(activityId);
  if (message === undefined || message.deleted || message.conversationId !== conversation.id) {
    throw new ConnectorError(404, 'ActivityNotFoundInConversation', 'Activity not found in the conversation.');
  }
  if (message.from !== 'bot') throw new ConnectorError(403, 'Forbidden', 'The message belongs to somebody else.');
  return message;
}

function writableConversation(context: ConnectorContext, id: string): Conversation {
  const conversation = context.state.conversations.get(splitConversationId(id).conversationId);
  if (conversation === undefined) throw new ConnectorError(404, 'ConversationNotFound', 'Conversation not found.');
  if (conversation.blocked) throw writesBlocked();
  if (!conversation.installed) {
    const text = 'The bot is not part of the conversation roster.';
    throw new ConnectorError(403, 'BotNotInConversationRoster', text);
  }
  return conversation;
}

function findMember(context: ConnectorContext, body: JsonObject): Conversation | undefined {
  const members = Array.isArray(body['members']) ? (body['members'] as unknown[]) : [];
  const [member] = members;
  const id = isObject(member) ? member['id'] : undefined;
  const person = typeof id === 'string' ? context.state.findPerson(id) : undefined;
  // A short name such as "ada" is a convenience of the sandbox's own drivers; Teams knows only its own and Entra's ids.
  return person === undefined || person.id === id ? undefined : context.state.personalChat(person.id);
}

function channelIdOf(body: JsonObject): string | undefined {
  const channelData = isObject(body['channelData']) ? body['channelData'] : {};
  const channel = isObject(channelData['channel']) ? channelData['channel'] : {};
  return typeof channel['id'] === 'string' ? channel['id'] : undefined;
}

function tenantOf(body: JsonObject): unknown {
  const channelData = isObject(body['channelData']) ? body['channelData'] : {};
  const tenant = isObject(channelData['tenant']) ? channelData['tenant'] : {};
  return body['tenantId'] ?? tenant['id'];
}

function readActivity(body: unknown): Activity {
  if (!isObject(body) || typeof body['type'] !== 'string') throw badSyntax('The activity has no type.');
  return body as unknown as Activity;
}

function badSyntax(message: string): ConnectorError {
  return new ConnectorError(400, 'BadSyntax', message);
}

function writesBlocked(): ConnectorError {
  return new ConnectorError(403, 'MessageWritesBlocked', 'The user has blocked the conversation with the bot.');
}
