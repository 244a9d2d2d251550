import type { DailyTime, QuietHours } from './conversation.ts';
import { localTimeOf } from './local-time.ts';

/**
 * True while the clock on the wall of the place shows a time of the quiet hours. The wall decides, and not a count of hours:
 * on the days when summer time begins or ends they are as long as that clock makes them.
 */
export function isQuiet(quiet: QuietHours | null, at: number): boolean {
  if (quiet === null) return false;
  const { from, to, timeZone } = quiet;
  const { time } = localTimeOf(at, timeZone);
  return from < to ? from <= time && time < to : time >= from || time < to;
}

/** Minutes from one time of day to the other, past midnight where that comes first; a whole day when they are the same. */
export function quietMinutes({ from, to }: Pick<QuietHours, 'from' | 'to'>): number {
  const minutes = minutesOf(to) - minutesOf(from);
  return minutes > 0 ? minutes : minutes + 24 * 60;
}

/**
 * True when the clock on the wall has come to this time of day since `since`. In the hour that is left out when summer time
 * begins it comes with the next one, and in the hour that comes twice with its first.
 */
export function hasComeSince({ time, timeZone }: DailyTime, since: number, now: number): boolean {
  const begun = localTimeOf(since, timeZone);
  const wall = localTimeOf(now, timeZone);
  const date = begun.time < time ? begun.date : dayAfter(begun.date);
  return wall.date > date || (wall.date === date && wall.time >= time);
}

const dayAfter = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + 24 * 60 * 60_000).toISOString().slice(0, 10);

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
