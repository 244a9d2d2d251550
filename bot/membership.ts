import { TeamsInfo, type TurnContext } from 'botbuilder';
import type { Clock } from '../services/model/clock.ts';
import { MailroomError } from '../services/model/error.ts';
import { isAddress, normalizeAddress } from '../services/model/mailbox.ts';
import { tenantOf } from './activity-schema.ts';

/** What the roster of a conversation says of somebody. */
export interface RosterEntry {
  /** `user`, `guest`, `anonymous`, or undefined. */
  readonly role: string | undefined;
  /** Sign-in name (UPN) in lower case; null: it has none, or none that a mailbox could have. */
  readonly account: string | null;
}

export type RosterLookUp = (context: TurnContext) => Promise<RosterEntry>;

/** Whom the roster vouches for. */
export type Member = Pick<RosterEntry, 'account'>;

/** @throws MailroomError `access.guest`, `access.unverified` */
export type CheckMembership = (context: TurnContext, person: string) => Promise<Member>;

/** How long an answer of the roster is trusted; roster calls have limits of their own (facts, teams C3). */
const trustedMs = 10 * 60 * 1000;
const mostEntries = 10_000;

/**
 * Asks Teams. In a channel that is shared with another organization its people are members, not guests, and the activity
 * names the tenant of the channel: only the roster tells where somebody is at home.
 */
export const askRoster: RosterLookUp = async (context) => {
  const { userRole, tenantId, userPrincipalName } = await TeamsInfo.getMember(context, context.activity.from.id);
  const isForeign = tenantId !== undefined && tenantId.toLowerCase() !== tenantOf(context.activity);
  // Entra takes letters of ASCII alone. Of others some turn into those in lower case, and one name would look like another.
  const account = isAddress(userPrincipalName ?? '') ? normalizeAddress(userPrincipalName ?? '') : null;
  return { role: isForeign ? 'guest' : userRole, account };
};

/**
 * Refuses guests and whoever the roster does not vouch for. Fails closed: without an answer nobody passes.
 * @throws MailroomError `access.guest`, `access.unverified`
 */
export function createMembership(clock: Clock, lookUp: RosterLookUp): CheckMembership {
  const members = new Map<string, Member & { readonly trustedUntil: number }>();
  return async (context, person) => {
    const known = members.get(person);
    const leftMs = (known?.trustedUntil ?? 0) - clock.now();
    // More than was given: the clock was set back, and nobody knows how old the answer is.
    if (known !== undefined && leftMs > 0 && leftMs <= trustedMs) return known;
    members.delete(person);
    let entry: RosterEntry;
    try {
      entry = await lookUp(context);
    } catch (error) {
      throw new MailroomError('access.unverified', {}, error);
    }
    const { role, account } = entry;
    if (role === 'guest' || role === 'anonymous') throw new MailroomError('access.guest');
    if (role !== 'user') throw new MailroomError('access.unverified');
    const [oldest] = members.keys();
    if (members.size >= mostEntries && oldest !== undefined) members.delete(oldest);
    // A name to sign in with has one holder: what was heard of another with it is out of date.
    for (const [other, { account: theirs }] of members)
      if (theirs !== null && theirs === account) members.delete(other);
    const member = { account, trustedUntil: clock.now() + trustedMs };
    members.set(person, member);
    return member;
  };
}
