import { ActError } from './errors.ts';
import type { Channel, GroupChat, Person, Team } from './people.ts';
import { cardOf } from './wire.ts';
import type { Activity, ConversationType, JsonObject } from './wire.ts';

export interface Conversation {
  /** Without `;messageid=`: a channel's threads all belong to the channel. */
  id: string;
  type: ConversationType;
  tenantId: string;
  name: string;
  /** Whose chat with the bot it is; personal only. */
  personId?: string;
  channel?: Channel;
  /** Who is in a group chat; of a channel the team's members are, of a personal chat its person is. */
  memberIds?: readonly string[];
  /** First part of its service address. Only calls that come there are taken. */
  region: string;
  /** Whether the bot may write here. */
  installed: boolean;
  /** Uninstalled or blocked by the person: writes are refused with `MessageWritesBlocked`. */
  blocked: boolean;
  typingAt?: number;
}

/** Where a conversation's service address leads to at first. */
export const FIRST_REGION = 'amer';

export interface MessageVersion {
  at: number;
  activity: Activity;
}

export interface Message {
  id: string;
  conversationId: string;
  /** Id of the message that the thread starts with; in a channel always set, and equal to `id` for the first. */
  threadId?: string;
  /** Id of a person, or `bot`. */
  from: string;
  /** Never empty; the last one is what is shown. */
  versions: MessageVersion[];
  deleted: boolean;
  /** Cards that only one person sees in place of the message's own. An edit of the message drops them all. */
  views: Map<string, { at: number; card: JsonObject }>;
}

/** A line that only one person sees for a moment, below a message or in a conversation. */
export interface Notice {
  id: string;
  at: number;
  personId: string;
  conversationId: string;
  messageId?: string;
  kind: 'message' | 'error';
  text: string;
}

/** Everything this Teams remembers. Each change bumps `version` and calls the listeners. */
export class TeamsState {
  readonly people: Person[];
  readonly team: Team;
  readonly conversations = new Map<string, Conversation>();
  readonly messages = new Map<string, Message>();
  readonly notices: Notice[] = [];
  version = 1;
  private readonly listeners = new Set<() => void>();
  private readonly now: () => number;
  private lastId = 0;

  constructor(options: {
    people: Person[];
    team: Team;
    groups?: readonly GroupChat[];
    tenantId: string;
    now: () => number;
  }) {
    this.people = options.people;
    this.team = options.team;
    this.now = options.now;
    const fresh = { installed: false, blocked: false, region: FIRST_REGION };
    for (const person of this.people) {
      const id = personalChatId(person);
      const { id: personId, name, tenantId } = person;
      this.conversations.set(id, { id, type: 'personal', tenantId, name, personId, ...fresh });
    }
    for (const channel of this.team.channels) {
      const { id, name } = channel;
      this.conversations.set(id, { id, type: 'channel', tenantId: options.tenantId, name, channel, ...fresh });
    }
    for (const { id, name, members } of options.groups ?? []) {
      this.conversations.set(id, {
        id,
        type: 'groupChat',
        tenantId: options.tenantId,
        name,
        memberIds: members,
        ...fresh,
      });
    }
  }

  /** Teams' ids are the time in milliseconds; two in the same millisecond differ by one. */
  nextId(): string {
    this.lastId = Math.max(this.now(), this.lastId + 1);
    return String(this.lastId);
  }

  changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** By short name, object id or MRI. */
  findPerson(key: string): Person | undefined {
    return this.people.find((person) => person.id === key || person.aadObjectId === key || person.mri === key);
  }

  getPerson(key: string): Person {
    const found = this.findPerson(key);
    if (found === undefined) throw new ActError(`nobody is called "${key}" here`);
    return found;
  }

  personalChat(personId: string): Conversation {
    const found = this.conversations.get(personalChatId(this.getPerson(personId)));
    if (found === undefined) throw new ActError(`"${personId}" has no chat with the bot`);
    return found;
  }

  members(conversation: Conversation): Person[] {
    const { personId } = conversation;
    if (personId !== undefined) return [this.getPerson(personId)];
    return (conversation.memberIds ?? this.team.members).map((id) => this.getPerson(id));
  }

  post(draft: { conversationId: string; threadId?: string; from: string; activity: Activity; id?: string }): Message {
    const conversation = this.conversations.get(draft.conversationId);
    if (conversation === undefined) throw new ActError(`there is no conversation "${draft.conversationId}"`);
    const id = draft.id ?? this.nextId();
    const threadId = conversation.type === 'channel' ? (draft.threadId ?? id) : draft.threadId;
    const message: Message = {
      id,
      conversationId: conversation.id,
      ...(threadId === undefined ? {} : { threadId }),
      from: draft.from,
      versions: [{ at: this.now(), activity: draft.activity }],
      deleted: false,
      views: new Map(),
    };
    this.messages.set(id, message);
    if (draft.from === 'bot') delete conversation.typingAt;
    this.changed();
    return message;
  }

  edit(message: Message, activity: Activity): void {
    message.versions.push({ at: this.now(), activity });
    message.views.clear();
    this.changed();
  }

  /** Gives a conversation another service address; only its next activity tells the bot. */
  move(conversationId: string, region: string): void {
    const conversation = this.conversations.get(conversationId);
    if (conversation === undefined) throw new ActError(`there is no conversation "${conversationId}"`);
    conversation.region = region;
    this.changed();
  }

  remove(message: Message): void {
    message.deleted = true;
    message.views.clear();
    this.changed();
  }

  setView(message: Message, personId: string, card: JsonObject): void {
    message.views.set(personId, { at: this.now(), card });
    this.changed();
  }

  notify(draft: Omit<Notice, 'id' | 'at'>): Notice {
    const notice = { id: this.nextId(), at: this.now(), ...draft };
    this.notices.push(notice);
    this.changed();
    return notice;
  }

  /** Messages of a conversation that are still there, oldest first. */
  visibleMessages(conversationId: string): Message[] {
    return [...this.messages.values()].filter((entry) => entry.conversationId === conversationId && !entry.deleted);
  }

  getMessage(messageId: string): Message {
    const message = this.messages.get(messageId);
    if (message === undefined || message.deleted) throw new ActError(`there is no message "${messageId}"`);
    return message;
  }
}

export function personalChatId(person: Person): string {
  return `a:1${Buffer.from(`chat:${person.aadObjectId}`).toString('base64url')}`;
}

export function shownActivity(message: Message): Activity {
  const last = message.versions.at(-1);
  if (last === undefined) throw new Error('a message has at least one version');
  return last.activity;
}

/** The card that a person sees on a message: the own view, else the message's. */
export function shownCard(message: Message, personId: string): JsonObject | undefined {
  return message.views.get(personId)?.card ?? cardOf(shownActivity(message));
}

/** `19:…;messageid=170…` -> the channel and the thread's first message. */
export function splitConversationId(id: string): { conversationId: string; threadId?: string } {
  const [conversationId = '', threadId] = id.split(';messageid=');
  return threadId === undefined ? { conversationId } : { conversationId, threadId };
}
