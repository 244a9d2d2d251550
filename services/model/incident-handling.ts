import type { Actor } from './access.ts';
import { MailroomError } from './error.ts';
import { localTimeOf, momentsOf } from './local-time.ts';

/** Who did something about an incident, and when. */
export interface Handler {
  readonly by: string;
  readonly byName: string;
  readonly at: number;
}

/** Whose it is, and who said so. */
export interface Assignment extends Handler {
  readonly personId: string;
  readonly personName: string;
}

/** No new message is sent about it: for a time, or (`until` null) until it is resolved. Cards that stand go on telling the truth. */
export interface Quiet extends Handler {
  readonly until: number | null;
  /** The second person of a critical incident; null: it took none. */
  readonly agreedByName: string | null;
}

/** What people did about an incident, apart from what the engine knows of it. */
export interface IncidentHandling {
  /** Grows with each deed and not with each mailbox: a click is stale when somebody acted, not when a counter moved. */
  readonly revision: number;
  readonly acknowledged: Handler | null;
  readonly assigned: Assignment | null;
  readonly quiet: Quiet | null;
  /** Who asked to mute a critical incident, which a second person must agree to. */
  readonly muteAsked: Handler | null;
}

export const notHandled: IncidentHandling = {
  revision: 1,
  acknowledged: null,
  assigned: null,
  quiet: null,
  muteAsked: null,
};

export type HandlingDeed =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'assign'; readonly personId: string; readonly personName: string }
  | { readonly kind: 'snooze'; readonly until: number }
  | { readonly kind: 'mute' }
  | { readonly kind: 'wake' };

/** Longer than until tomorrow morning in any zone: whoever wants silence for longer mutes, and says so in the trail. */
const longestSnoozeMs = 48 * 3_600_000;

/**
 * The handling after a deed; null: it changes nothing. A critical incident (no mailbox of a profile or server works) is muted
 * by two people only; one person may snooze it, since that ends by itself.
 * @throws MailroomError `incident.mute-alone`, `incident.snooze-unknown`
 */
export function handle(
  before: IncidentHandling,
  deed: HandlingDeed,
  { aadObjectId: by, name: byName }: Pick<Actor, 'aadObjectId' | 'name'>,
  now: number,
  isCritical: boolean,
): IncidentHandling | null {
  const handler: Handler = { by, byName, at: now };
  const next = (change: Partial<IncidentHandling>): IncidentHandling => ({
    ...before,
    ...change,
    revision: before.revision + 1,
  });
  switch (deed.kind) {
    case 'acknowledge':
      return before.acknowledged === null ? next({ acknowledged: handler }) : null;
    case 'assign': {
      const { personId, personName } = deed;
      if (before.assigned?.personId === personId) return null;
      // Whoever takes it has seen it.
      const acknowledged = before.acknowledged ?? (personId === by ? handler : null);
      return next({ assigned: { ...handler, personId, personName }, acknowledged });
    }
    case 'snooze':
      if (deed.until <= now || deed.until > now + longestSnoozeMs) throw new MailroomError('incident.snooze-unknown');
      if (before.quiet?.until === deed.until) return null;
      return next({ quiet: { ...handler, until: deed.until, agreedByName: null }, muteAsked: null });
    case 'mute': {
      if (before.quiet !== null && before.quiet.until === null) return null;
      const asked = before.muteAsked;
      if (!isCritical) return next({ quiet: { ...handler, until: null, agreedByName: null }, muteAsked: null });
      if (asked === null) return next({ muteAsked: handler });
      if (asked.by === by) throw new MailroomError('incident.mute-alone');
      const quiet = { by: asked.by, byName: asked.byName, at: now, until: null, agreedByName: byName };
      return next({ quiet, muteAsked: null });
    }
    case 'wake':
      return before.quiet === null && before.muteAsked === null ? null : next({ quiet: null, muteAsked: null });
  }
}

export const snoozeChoices = ['1h', '4h', 'tomorrow'] as const;
export type SnoozeChoice = (typeof snoozeChoices)[number];

const hourMs = 3_600_000;

/** The end of a snooze; `tomorrow` is 9:00 of the next day on the person's own clock. */
export function snoozedUntil(choice: SnoozeChoice, now: number, timeZone: string | null): number {
  if (choice !== 'tomorrow') return now + (choice === '1h' ? 1 : 4) * hourMs;
  const zone = timeZone ?? 'UTC';
  const today = localTimeOf(now, zone).date;
  const date = new Date(Date.parse(`${today}T00:00:00Z`) + 24 * hourMs).toISOString().slice(0, 10);
  // A zone can leave out a whole day (Samoa, 2011): then it is a day from now.
  return momentsOf({ date, time: '09:00' }, zone)[0] ?? now + 24 * hourMs;
}
