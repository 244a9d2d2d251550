import { child, childText, type XmlElement } from '../xml/read.ts';
import { readMoment } from './moment.ts';

const DAY_MS = 86_400_000;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const PLACES = ['First', 'Second', 'Third', 'Fourth'];
/** A series without an end has as many days as anybody looks at; this stops those that never come (30 February). */
const MAX_STEPS = 5_000;
/** The last day of 9999, which no time on the wire may be after. */
const LAST_DAY = 2_932_896;

/** The days of a Recurrence element in their order, as whole days since 1970 in the calendar of whoever made it. */
export function* recurrenceDays(recurrence: XmlElement): Generator<number> {
  const [pattern, range] = recurrence.children;
  if (!pattern || !range) return;
  const start = day(childText(range, 'StartDate'));
  const end = range.name === 'EndDateRecurrence' ? day(childText(range, 'EndDate')) : Number.POSITIVE_INFINITY;
  const count = Number(childText(range, 'NumberOfOccurrences') ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(start + end + count)) return;
  let found = 0;
  for (const candidate of candidates(pattern, start)) {
    if (candidate < start) continue;
    // A day that is none comes of a pattern that makes no sense.
    if (!(candidate <= Math.min(end, LAST_DAY)) || found >= count) return;
    found += 1;
    yield candidate;
  }
}

function* candidates(pattern: XmlElement, start: number): Generator<number> {
  const interval = Math.max(Number(childText(pattern, 'Interval') ?? 1), 1);
  const first = new Date(start * DAY_MS);
  const isYearly = pattern.name.endsWith('YearlyRecurrence');
  const month = isYearly ? MONTHS.indexOf(childText(pattern, 'Month') ?? '') : first.getUTCMonth();
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (pattern.name === 'DailyRecurrence') yield start + step * interval;
    else if (pattern.name === 'WeeklyRecurrence') {
      const firstDay = Math.max(WEEKDAYS.indexOf(childText(pattern, 'FirstDayOfWeek') ?? 'Sunday'), 0);
      const week = start - ((weekday(start) - firstDay + 7) % 7) + step * interval * 7;
      const days = weekdays(pattern);
      for (let day = week; day < week + 7; day += 1) if (days.has(weekday(day))) yield day;
    } else {
      const months = month + step * interval * (isYearly ? 12 : 1);
      yield* inMonth(pattern, first.getUTCFullYear(), months);
    }
  }
}

/** The day of a month that a monthly or yearly pattern means. */
function inMonth(pattern: XmlElement, year: number, month: number): readonly number[] {
  const first = Date.UTC(year, month, 1) / DAY_MS;
  const length = Date.UTC(year, month + 1, 1) / DAY_MS - first;
  if (child(pattern, 'DayOfMonth')) return [first + Math.min(Number(childText(pattern, 'DayOfMonth')), length) - 1];
  const wanted = weekdays(pattern);
  const days = Array.from({ length }, (_unused, index) => first + index).filter((each) => wanted.has(weekday(each)));
  const place = childText(pattern, 'DayOfWeekIndex') ?? 'First';
  const found = place === 'Last' ? days.at(-1) : days[PLACES.indexOf(place)];
  return found === undefined ? [] : [found];
}

function weekdays(pattern: XmlElement): ReadonlySet<number> {
  const names = (childText(pattern, 'DaysOfWeek') ?? '').split(/\s+/);
  const all = [0, 1, 2, 3, 4, 5, 6];
  return new Set(
    names.flatMap((name) => {
      if (name === 'Day') return all;
      if (name === 'Weekday') return all.slice(1, 6);
      if (name === 'WeekendDay') return [0, 6];
      return all.filter((index) => WEEKDAYS[index] === name);
    }),
  );
}

/** 1 January 1970 was a Thursday. */
function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** A date may carry a zone; the day is the one that is written. */
function day(text: string | undefined): number {
  return readMoment(text?.slice(0, 10)) / DAY_MS;
}
