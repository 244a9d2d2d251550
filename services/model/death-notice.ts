import type { Role } from './access.ts';
import type { ConversationReference } from './conversation.ts';

/*
 * A notice tells the admins of conversations that take no messages any more. What dies together is told together: an app
 * that is taken away from a whole tenant is found out conversation by conversation, and five hundred cards would hide the one
 * that matters.
 */

const hourMs = 60 * 60_000;

/** The notice of an hour, by its name. */
export function deathNoticeAt(now: number): string {
  return new Date(now).toISOString().slice(0, 13);
}

/** Notices that a death at this moment may join: the one of the hour before, so that no wave is cut by the full hour, and this one's. */
export function joinableNotices(now: number): readonly string[] {
  return [deathNoticeAt(now - hourMs), deathNoticeAt(now)];
}

/** Why Teams takes nothing for a conversation, by the connector's code. */
export type DeathCause = 'blocked' | 'removed' | 'forbidden' | 'gone';

const causes: Readonly<Record<string, DeathCause>> = {
  ConversationBlockedByUser: 'blocked',
  MessageWritesBlocked: 'blocked',
  BotNotInConversationRoster: 'removed',
  BotUninstalled: 'removed',
  ForbiddenOperationException: 'removed',
  BotDisabledByAdmin: 'forbidden',
  ConversationNotFound: 'gone',
};

export function deathCauseOf(code: string): DeathCause {
  return Object.hasOwn(causes, code) ? (causes[code] ?? 'gone') : 'gone';
}

/** So many are named. */
export const mostDeadPlaces = 5;

/** A conversation that a notice tells of. */
export interface DeadPlace {
  readonly name: string;
  readonly kind: ConversationReference['kind'];
  /** Null: it lives again. */
  readonly cause: DeathCause | null;
  readonly since: number | null;
  /** What comes there by its subscription. */
  readonly alerts: boolean;
  readonly approvals: boolean;
  /** Of the person whose chat it is. */
  readonly roles: readonly Role[];
}

/** Where something goes now: named channels, or else the own chats of so many people. Neither: to nobody. */
export interface RouteNow {
  readonly channels: readonly string[];
  readonly people: number;
}

export interface DeathNotice {
  /** The dead ones first, and of them those that something came to; at most `mostDeadPlaces`. */
  readonly places: readonly DeadPlace[];
  readonly total: number;
  readonly dead: number;
  /** Some of the dead ones received it: all of them, shown or not. */
  readonly missesAlerts: boolean;
  readonly missesApprovals: boolean;
  readonly alertsNow: RouteNow;
  readonly approvalsNow: RouteNow;
}
