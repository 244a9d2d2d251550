import type { FaultNature } from './fault.ts';

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
  /** Of the client of its person; in a shared conversation of whoever was seen there first. */
  readonly locale: string;
  /** IANA name of the time zone of a 1:1 chat's person; null: not told, or a conversation that people of many zones share. */
  readonly timeZone: string | null;
  /** The language that an admin chose for the cards of a shared conversation; null: as `locale` says. A person's choice is a `Preference`. */
  readonly language: string | null;
  readonly name: string;
  /** Why Teams refuses messages here (blocked, removed), or null. */
  readonly deadReason: string | null;
  /** Since when, epoch ms; null: it takes messages, or nobody knows. */
  readonly deadSince: number | null;
  /** The notice that told the admins of its last death (`DeathNotice`); it stays when the conversation lives again. */
  readonly deathNotice: string | null;
  readonly revision: number;
}

/** What an activity tells of the place it came from; what it leaves out is null. */
export type SeenConversation = Omit<
  ConversationReference,
  'locale' | 'language' | 'deadReason' | 'deadSince' | 'deathNotice' | 'revision'
> & {
  readonly locale: string | null;
};

/** Alerts from a level on: `errors` errors only, `warnings` those too, `all` everything. */
export type SubscribedLevel = 'all' | 'warnings' | 'errors';

/** A part of each day by the clock of a place: it may go past midnight. */
export interface QuietHours {
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timeZone: string;
}

/** A time of each day, by the clock of a place. */
export interface DailyTime {
  /** `HH:MM`. */
  readonly time: string;
  /** IANA name. */
  readonly timeZone: string;
}

/** What a channel receives. */
export interface Subscription {
  readonly environmentId: string;
  readonly conversationId: string;
  /** Of every profile; null: only of those in `profiles`, if any. */
  readonly alerts: SubscribedLevel | null;
  /** Of single profiles, by id, in addition. */
  readonly profiles: Readonly<Record<string, SubscribedLevel>>;
  readonly approvals: boolean;
  /** Only alerts of this nature; null: of both. */
  readonly nature: FaultNature | null;
  /** When nothing new is sent but what is critical; null: never. */
  readonly quietHours: QuietHours | null;
  /** When its digest comes; null: an hour after the first thing that it tells of. */
  readonly digest: DailyTime | null;
  readonly setBy: string;
  readonly setAt: number;
  readonly revision: number;
}
