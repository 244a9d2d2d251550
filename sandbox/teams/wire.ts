/** The parts of the Bot Framework's Activity JSON that Teams and Mailroom exchange. */
export interface Account {
  id: string;
  name?: string;
  aadObjectId?: string;
  role?: string;
}

export interface ConversationAccount {
  id: string;
  conversationType?: ConversationType;
  tenantId?: string;
  isGroup?: boolean;
  name?: string;
}

export type ConversationType = 'personal' | 'channel' | 'groupChat';

export interface Attachment {
  contentType: string;
  content?: unknown;
  contentUrl?: string;
  name?: string;
}

export interface Entity {
  type: string;
  text?: string;
  mentioned?: Account;
  locale?: string;
  country?: string;
  platform?: string;
  timezone?: string;
}

export interface ChannelData {
  tenant?: { id: string };
  team?: { id: string; name?: string; aadGroupId?: string };
  channel?: { id: string; name?: string };
  teamsChannelId?: string;
  teamsTeamId?: string;
  eventType?: string;
  settings?: { selectedChannel: { id: string } };
  source?: { name: string };
  legacy?: { replyToId: string };
}

export interface Activity {
  type: string;
  id?: string;
  name?: string;
  action?: string;
  timestamp?: string;
  localTimestamp?: string;
  localTimezone?: string;
  locale?: string;
  channelId?: string;
  serviceUrl?: string;
  from?: Account;
  recipient?: Account;
  conversation?: ConversationAccount;
  channelData?: ChannelData;
  text?: string;
  textFormat?: string;
  summary?: string;
  attachments?: Attachment[];
  attachmentLayout?: string;
  entities?: Entity[];
  value?: unknown;
  replyToId?: string;
  membersAdded?: Account[];
  membersRemoved?: Account[];
}

export type JsonObject = Record<string, unknown>;

export const ADAPTIVE_CARD = 'application/vnd.microsoft.card.adaptive';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The card of an activity, if it carries one. */
export function cardOf(activity: Activity): JsonObject | undefined {
  const attachment = activity.attachments?.find((entry) => entry.contentType === ADAPTIVE_CARD);
  return isObject(attachment?.content) ? attachment.content : undefined;
}
