import { isCritical, type Incident } from './alert.ts';
import type { SubscribedLevel, Subscription } from './conversation.ts';
import { isQuiet } from './quiet-hours.ts';

/**
 * Where the news of an incident go in one channel.
 * - `card`: its own card, at once; where one stands it is edited, which notifies nobody
 * - `later`: its own card, when quiet hours or a pause are over and it is still open
 * - `digest`: a line of the channel's digest
 * - `none`: the channel did not ask for it
 */
export type AlertRoute = 'card' | 'later' | 'digest' | 'none';

/** What a channel knows of an incident. */
export interface AlertPlace {
  /** Its card stands there, or is on its way. */
  readonly hasCard: boolean;
  /** When the last new card of the same cause came there; null: none lately. */
  readonly shownAt: number | null;
}

/** When a channel last got a new card of a cause. */
export interface ShownCause {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly causeId: string;
  readonly at: number;
}

/**
 * A cause that comes and goes has a new incident each time. In one channel it gets a new card so often at most: somebody who
 * is called each minute of a night stops looking.
 */
export const causePauseMs = 30 * 60_000;

/** What goes at once: errors, and what stops a whole server or profile. Everything else is told in the digest. */
export function routeOf(
  subscription: Pick<Subscription, 'alerts' | 'profiles' | 'nature' | 'quietHours'>,
  incident: Pick<Incident, 'level' | 'nature' | 'state' | 'causeId' | 'profileIds'>,
  { hasCard, shownAt }: AlertPlace,
  now: number,
): AlertRoute {
  if (hasCard) return 'card';
  if (!wants(subscription, incident)) return 'none';
  const critical = isCritical(incident);
  if (incident.state === 'resolved' || (incident.level !== 'error' && !critical)) return 'digest';
  if (pauses(shownAt, now)) return 'later';
  return !critical && isQuiet(subscription.quietHours, now) ? 'later' : 'card';
}

/** A card that came in the future is one of before the clock was set back: it holds up nothing. */
function pauses(shownAt: number | null, now: number): boolean {
  return shownAt !== null && shownAt <= now && now - shownAt < causePauseMs;
}

/** True when some alerts come there. */
export function receivesAlerts({ alerts, profiles }: Pick<Subscription, 'alerts' | 'profiles'>): boolean {
  return alerts !== null || Object.keys(profiles).length > 0;
}

/** True when a subscription covers an incident: by what comes of every profile, or of one that it hits. */
export function wants(
  { alerts, profiles, nature: only }: Pick<Subscription, 'alerts' | 'profiles' | 'nature'>,
  { level, profileIds, nature }: Pick<Incident, 'level' | 'profileIds' | 'nature'>,
): boolean {
  if (only !== null && only !== nature) return false;
  const levels = [alerts, ...profileIds.map((id) => (Object.hasOwn(profiles, id) ? profiles[id] : null))];
  return levels.some((wanted) => covers(wanted ?? null, level));
}

function covers(wanted: SubscribedLevel | null, level: Incident['level']): boolean {
  if (wanted === null) return false;
  return level === 'error' || wanted === 'all' || (wanted === 'warnings' && level === 'warning');
}

/**
 * The profiles of which errors came to somebody and come to nobody any more, by id: of those that exist. `before` and
 * `after`: what all places receive.
 */
export function unheardProfiles(
  before: readonly Pick<Subscription, 'alerts' | 'profiles' | 'nature'>[],
  after: readonly Pick<Subscription, 'alerts' | 'profiles' | 'nature'>[],
  profileIds: readonly string[],
): string[] {
  return profileIds.filter((id) =>
    (['permanent', 'transient'] as const).some((nature) => {
      const error = { level: 'error', profileIds: [id], nature } as const;
      const isHeard = (places: typeof before): boolean => places.some((place) => wants(place, error));
      return isHeard(before) && !isHeard(after);
    }),
  );
}
