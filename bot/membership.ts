import { TeamsInfo, type TurnContext } from 'botbuilder';
import type { Clock } from '../services/model/clock.ts';
import { MailroomError } from '../services/model/error.ts';
import { tenantOf } from './activity-schema.ts';

/** Looks a person up in the roster of a conversation: `user`, `guest`, `anonymous`, or undefined. */
export type RosterLookUp = (context: TurnContext) => Promise<string | undefined>;

/** How long an answer of the roster is trusted; roster calls have limits of their own (facts, teams C3). */
const trustedMs = 10 * 60 * 1000;
const mostEntries = 10_000;

/**
 * Asks Teams. In a channel that is shared with another organization its people are members, not guests, and the activity
 * names the tenant of the channel: only the roster tells where somebody is at home.
 */
export const askRoster: RosterLookUp = async (context) => {
  const { userRole, tenantId } = await TeamsInfo.getMember(context, context.activity.from.id);
  const isForeign = tenantId !== undefined && tenantId.toLowerCase() !== tenantOf(context.activity);
  return isForeign ? 'guest' : userRole;
};

/**
 * Refuses guests and whoever the roster does not vouch for. Fails closed: without an answer nobody passes.
 * @throws MailroomError `access.guest`, `access.unverified`
 */
export function createMembership(
  clock: Clock,
  lookUp: RosterLookUp,
): (context: TurnContext, person: string) => Promise<void> {
  const members = new Map<string, number>();
  return async (context, person) => {
    const trustedUntil = members.get(person);
    const leftMs = (trustedUntil ?? 0) - clock.now();
    // More than was given: the clock was set back, and nobody knows how old the answer is.
    if (leftMs > 0 && leftMs <= trustedMs) return;
    members.delete(person);
    let role: string | undefined;
    try {
      role = await lookUp(context);
    } catch (error) {
      throw new MailroomError('access.unverified', {}, error);
    }
    if (role === 'guest' || role === 'anonymous') throw new MailroomError('access.guest');
    if (role !== 'user') throw new MailroomError('access.unverified');
    const [oldest] = members.keys();
    if (members.size >= mostEntries && oldest !== undefined) members.delete(oldest);
    members.set(person, clock.now() + trustedMs);
  };
}
