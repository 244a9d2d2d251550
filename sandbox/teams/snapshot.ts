import { personalChatId, shownActivity } from './state.ts';
import type { Message, Notice, TeamsState } from './state.ts';
import { isObject } from './wire.ts';
import type { Attachment, JsonObject } from './wire.ts';

/** All that a client needs in order to draw, as plain JSON. */
export interface Snapshot {
  version: number;
  botName: string;
  people: { id: string; name: string; userRole: string; tenantId: string; chatId: string }[];
  conversations: {
    id: string;
    type: string;
    name: string;
    personId?: string;
    installed: boolean;
    blocked: boolean;
    members: string[];
    typingAt?: number;
  }[];
  messages: MessageSnapshot[];
  notices: Notice[];
}

export interface MessageSnapshot {
  id: string;
  conversationId: string;
  threadId?: string;
  from: string;
  fromName: string;
  at: number;
  edited: boolean;
  /** Number of versions; with `views[person].at` it tells whether the card must be drawn anew. */
  versions: number;
  text: string;
  textFormat: string;
  summary: string;
  attachments: Attachment[];
  views: Record<string, { at: number; card: JsonObject }>;
}

/** The newest messages of a conversation that a snapshot carries; older ones stay in memory only. */
const MESSAGES_SHOWN = 150;
const NOTICES_SHOWN = 50;

export function snapshot(state: TeamsState, botName: string): Snapshot {
  return {
    version: state.version,
    botName,
    people: state.people.map((person) => {
      const { id, name, userRole, tenantId } = person;
      return { id, name, userRole, tenantId, chatId: personalChatId(person) };
    }),
    conversations: [...state.conversations.values()].map((conversation) => {
      const { channel: _channel, tenantId: _tenantId, ...shown } = conversation;
      return { ...shown, members: state.members(conversation).map(({ id }) => id) };
    }),
    messages: [...state.conversations.keys()].flatMap((id) =>
      state
        .visibleMessages(id)
        .slice(-MESSAGES_SHOWN)
        .map((message) => messageSnapshot(state, message, botName)),
    ),
    notices: state.notices.slice(-NOTICES_SHOWN),
  };
}

export function messageSnapshot(state: TeamsState, message: Message, botName: string): MessageSnapshot {
  const activity = shownActivity(message);
  const { id, conversationId, threadId, from, versions, views } = message;
  return {
    id,
    conversationId,
    ...(threadId === undefined ? {} : { threadId }),
    from,
    fromName: from === 'bot' ? botName : state.getPerson(from).name,
    at: versions[0]?.at ?? 0,
    edited: versions.length > 1,
    versions: versions.length,
    text: activity.text ?? '',
    textFormat: activity.textFormat ?? 'markdown',
    summary: activity.summary ?? '',
    attachments: (activity.attachments ?? []).filter(isShown),
    views: Object.fromEntries(views),
  };
}

/** The HTML twin of a plain text is not a thing of its own on the screen. */
function isShown(attachment: Attachment): boolean {
  return isObject(attachment) && attachment.contentType !== 'text/html';
}
