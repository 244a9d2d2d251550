const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** A day of the calendar and a time of day, as inputs of a card give them: `2026-11-25` and `14:30`. */
export interface LocalTime {
  readonly date: string;
  readonly time: string;
}

export const isLocalDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

/** Hours and minutes; clients send no seconds. */
export const isLocalTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

/**
 * The moments at which a clock on the wall of this zone shows this: one as a rule, none in the hour that is left out when
 * summer time begins, two in the hour that comes twice when it ends. The earlier first; epoch ms.
 */
export function momentsOf({ date, time }: LocalTime, timeZone: string): number[] {
  const asUtc = Date.parse(`${date}T${time}:00Z`);
  // The offset of a zone changes at most once in so short a time, and both offsets are seen from a day before and after.
  const offsets = [asUtc - dayMs, asUtc + dayMs].map((at) => wallClock(at, timeZone) - at);
  const moments = [...new Set(offsets)].map((offset) => asUtc - offset);
  return moments.filter((at) => wallClock(at, timeZone) === asUtc).sort((a, b) => a - b);
}

/** A moment as the clock on the wall shows it, to the minute. */
export function localTimeOf(at: number, timeZone: string): LocalTime {
  const text = new Date(wallClock(at, timeZone)).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 16) };
}

/** What the wall shows, written as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
}
