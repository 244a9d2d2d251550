import { isLocalDate, isLocalTime, momentsOf } from './local-time.ts';
import { locationFor, serversOf, type EmailServerProfile, type ProfileLocations } from './profile.ts';
import { hostOf } from './secret-target.ts';

/**
 * An outage that an admin announced: while it lasts the mailboxes of the server are neither tested nor checked, and nothing
 * is counted or reported. It is the server's, so it holds for every profile that leads there.
 */
export interface MaintenanceWindow {
  readonly environmentId: string;
  readonly id: string;
  /** The server, by its host and port. */
  readonly host: string;
  /** From whose card it was planned. */
  readonly profileId: string;
  /** While it is only `asked` about, this is as it would begin now. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly reason: string;
  /** `asked`: shown for a yes; nobody waits for it yet. */
  readonly state: 'asked' | 'announced';
  /** Cut short; null: it was not. */
  readonly closed: MaintenanceClose | null;
  readonly plannedBy: string;
  readonly plannedByName: string;
  readonly plannedAt: number;
  /** Where its card is for whoever planned it. */
  readonly conversationId: string;
  /** As typed, and the zone in which that was read: for the way back to the form. */
  readonly values: MaintenanceValues;
  readonly timeZone: string | null;
  /** What its cards say; another phase by now means that they have to change. */
  readonly shown: MaintenancePhase;
  readonly revision: number;
}

export interface MaintenanceClose {
  readonly by: string;
  readonly byName: string;
  readonly at: number;
}

export type MaintenancePhase = 'asked' | 'planned' | 'running' | 'over' | 'ended' | 'cancelled';

type Times = Pick<MaintenanceWindow, 'startsAt' | 'endsAt' | 'state' | 'closed'>;

/**
 * How it stands, by the clock alone: it begins and ends whether a process runs or not, and a clock that was wrong and is set
 * right puts it right too. Cut short before its begin it is `cancelled`, later `ended`.
 */
export function phaseOf({ startsAt, endsAt, state, closed }: Times, now: number): MaintenancePhase {
  if (state === 'asked') return 'asked';
  if (closed !== null) return closed.at < startsAt ? 'cancelled' : 'ended';
  if (now < startsAt) return 'planned';
  return now < endsAt ? 'running' : 'over';
}

/** It lies ahead or lasts. */
export function isOpen(window: Times, now: number): boolean {
  const phase = phaseOf(window, now);
  return phase === 'planned' || phase === 'running';
}

/** The server at which the mailboxes of a profile are checked, as windows name it. Whoever signs in with a token leads to the same machine. */
export const maintenanceHostOf = ({ serverLocation }: Pick<EmailServerProfile, 'serverLocation'>): string =>
  hostOf(serverLocation);

/** The server that was chosen on the form; the choice is there only where a profile has two. */
export const chosenHostOf = (profile: ProfileLocations, { server }: Pick<MaintenanceValues, 'server'>): string =>
  hostOf(locationFor(profile, server === 'outgoing' ? 'outgoing' : 'incoming'));

/** The same with the outgoing server, where it is another one. While one of them is out, the profile's mailboxes wait. */
export const maintenanceHostsOf = (profile: ProfileLocations): readonly string[] => [
  ...new Set(serversOf(profile).map(({ serverLocation }) => hostOf(serverLocation))),
];

/**
 * The servers that rest now, and until when: windows that overlap, or follow each other at once, are one rest.
 */
export function restingHosts(
  windows: readonly (Times & Pick<MaintenanceWindow, 'host'>)[],
  now: number,
): ReadonlyMap<string, number> {
  const open = windows.filter((window) => isOpen(window, now)).sort((a, b) => a.startsAt - b.startsAt);
  const until = new Map<string, number>();
  for (const { host, startsAt, endsAt } of open) {
    const known = until.get(host) ?? now;
    if (startsAt <= known) until.set(host, Math.max(known, endsAt));
  }
  return until;
}

/** Other windows of the server that share time with this one, soonest first. */
export function overlapping<W extends Times & Pick<MaintenanceWindow, 'id' | 'host'>>(
  window: Pick<MaintenanceWindow, 'id' | 'host' | 'startsAt' | 'endsAt'>,
  others: readonly W[],
  now: number,
): W[] {
  return others
    .filter((other) => other.id !== window.id && other.host === window.host && isOpen(other, now))
    .filter(({ startsAt, endsAt }) => startsAt < window.endsAt && window.startsAt < endsAt)
    .sort((a, b) => a.startsAt - b.startsAt);
}

/**
 * How long the servers would rest by this window with the others that lead up to it or follow it without a pause of a day, ms.
 * `others`: windows of those servers, without this one.
 */
export function restMs(
  window: Pick<MaintenanceWindow, 'startsAt' | 'endsAt'>,
  others: readonly Pick<MaintenanceWindow, 'startsAt' | 'endsAt'>[],
): number {
  const pause = maintenanceLimits.shortestPauseMs;
  const rests: { from: number; until: number; ms: number }[] = [];
  for (const { startsAt, endsAt } of [window, ...others].sort((a, b) => a.startsAt - b.startsAt)) {
    const last = rests.at(-1);
    if (last === undefined || startsAt >= last.until + pause)
      rests.push({ from: startsAt, until: endsAt, ms: endsAt - startsAt });
    else {
      last.ms += Math.max(0, endsAt - Math.max(startsAt, last.until));
      last.until = Math.max(last.until, endsAt);
    }
  }
  return rests.findLast(({ from }) => from <= window.startsAt)?.ms ?? 0;
}

/** Whom a window of a server hits. */
export interface MaintenanceEffect {
  readonly profiles: readonly ProfileAtRest[];
  /** Mailboxes whose checks wait, of all active profiles. */
  readonly checks: number;
  /** Tests that are due or planned and wait as well. */
  readonly tests: number;
}

export interface ProfileAtRest {
  readonly name: string;
  readonly state: 'active' | 'inactive';
  readonly mailboxes: number;
}

/** Inputs of the form, as typed. */
export const maintenanceFields = [
  'server',
  'start',
  'startDate',
  'startTime',
  'length',
  'endDate',
  'endTime',
  'reason',
] as const;
export type MaintenanceField = (typeof maintenanceFields)[number];
export type MaintenanceValues = Readonly<Record<MaintenanceField, string>>;

/** Minutes to choose from; `end`: until a date and time of one's own. */
export const maintenanceLengths = ['30', '60', '120', '240', '480', '720', 'end'] as const;
/** Minutes by which a window can be extended at a time. */
export const maintenanceExtensions = ['30', '60', '120', '240'] as const;

export const noMaintenanceValues: MaintenanceValues = {
  server: 'incoming',
  start: 'now',
  startDate: '',
  startTime: '',
  length: '60',
  endDate: '',
  endTime: '',
  reason: '',
};

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Shorter than the pause between two tries, a window changes nothing; longer ones would hide a server that nobody looks at. */
export const maintenanceLimits = {
  shortestMs: 15 * minuteMs,
  longestMs: 7 * dayMs,
  /** Of windows that follow each other; without it a row of them would hide a server for a year. */
  longestRestMs: 14 * dayMs,
  /** Shorter pauses between two windows belong to one rest: nobody would see in them whether the server works. */
  shortestPauseMs: dayMs,
  aheadMs: 366 * dayMs,
  reason: 300,
} as const;

export type MaintenanceProblem =
  | 'start-missing'
  | 'date-missing'
  | 'date-invalid'
  | 'time-missing'
  | 'time-invalid'
  | 'time-skipped'
  | 'start-past'
  | 'start-far'
  | 'length-missing'
  | 'end-first'
  | 'too-short'
  | 'too-long'
  | 'reason-missing'
  | 'reason-too-long'
  | 'reason-invalid';

export type MaintenanceErrors = Readonly<Partial<Record<MaintenanceField, MaintenanceProblem>>>;

/** What was typed, as moments; or which field is wrong, and why. */
export type MaintenanceReading =
  | { readonly kind: 'times'; readonly startsAt: number; readonly endsAt: number; readonly reason: string }
  | { readonly kind: 'errors'; readonly errors: MaintenanceErrors };

/** Reads the form. The times are those of the typist's zone; without one (null) they are UTC, as the card says. */
export function readMaintenance(values: MaintenanceValues, now: number, timeZone: string | null): MaintenanceReading {
  const errors: Partial<Record<MaintenanceField, MaintenanceProblem>> = {};
  const zone = timeZone ?? 'UTC';
  const startsAt = readStart(values, now, zone, errors);
  const endsAt = readEnd(values, startsAt, zone, errors);
  if (startsAt !== null && endsAt !== null) checkLength(values, endsAt - startsAt, errors);
  const reason = values.reason.trim();
  if (reason === '') errors.reason = 'reason-missing';
  else if (reason.length > maintenanceLimits.reason) errors.reason = 'reason-too-long';
  else if (/[\p{Cc}\p{Cf}]/u.test(reason.replaceAll(/[\r\n\t\u200d]/g, ''))) errors.reason = 'reason-invalid';
  if (startsAt === null || endsAt === null || Object.keys(errors).length > 0) return { kind: 'errors', errors };
  return { kind: 'times', startsAt, endsAt, reason };
}

type Notes = Partial<Record<MaintenanceField, MaintenanceProblem>>;

function readStart(values: MaintenanceValues, now: number, zone: string, errors: Notes): number | null {
  if (values.start === 'now') return now;
  if (values.start !== 'later') {
    errors.start = 'start-missing';
    return null;
  }
  // The hour that comes twice begins with its first.
  const at = readMoment(values, 'start', zone, errors)?.at(0) ?? null;
  if (at === null) return null;
  // Clients know minutes only: the one that runs is not past.
  if (at <= now - minuteMs) {
    // Where the day may be right, the time is the field to look at.
    errors[now - at < dayMs ? 'startTime' : 'startDate'] = 'start-past';
    return null;
  }
  if (at > now + maintenanceLimits.aheadMs) {
    errors.startDate = 'start-far';
    return null;
  }
  return at;
}

function readEnd(values: MaintenanceValues, startsAt: number | null, zone: string, errors: Notes): number | null {
  const { length } = values;
  if (!(maintenanceLengths as readonly string[]).includes(length)) {
    errors.length = 'length-missing';
    return null;
  }
  if (length !== 'end') return startsAt === null ? null : startsAt + Number(length) * minuteMs;
  // And ends with its second.
  return readMoment(values, 'end', zone, errors)?.at(-1) ?? null;
}

function checkLength(values: MaintenanceValues, lengthMs: number, errors: Notes): void {
  if (values.length !== 'end') return;
  if (lengthMs <= 0) errors.endTime = 'end-first';
  else if (lengthMs < maintenanceLimits.shortestMs) errors.endTime = 'too-short';
  else if (lengthMs > maintenanceLimits.longestMs) errors.endDate = 'too-long';
}

function readMoment(values: MaintenanceValues, which: 'start' | 'end', zone: string, errors: Notes): number[] | null {
  const [dateField, timeField] = [`${which}Date`, `${which}Time`] as const;
  const date = values[dateField].trim();
  // Some clients send seconds.
  const time = values[timeField].trim().replace(/^(\d\d:\d\d):\d\d$/, '$1');
  if (date === '') errors[dateField] = 'date-missing';
  else if (!isLocalDate(date)) errors[dateField] = 'date-invalid';
  if (time === '') errors[timeField] = 'time-missing';
  else if (!isLocalTime(time)) errors[timeField] = 'time-invalid';
  if (errors[dateField] !== undefined || errors[timeField] !== undefined) return null;
  const moments = momentsOf({ date, time }, zone);
  if (moments.length > 0) return moments;
  errors[timeField] = 'time-skipped';
  return null;
}
