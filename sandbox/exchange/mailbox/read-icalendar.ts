import { madeElement } from '../xml/make.ts';
import type { XmlElement } from '../xml/read.ts';
import type { ItemBody } from './item.ts';
import { wireTime } from './moment.ts';
import { ZONES, type Change } from './time-zone.ts';

/** What an appointment in Internet format (RFC 5545) says, as the properties of a calendar item. */
export interface CalendarText {
  readonly subject: string;
  readonly body: ItemBody | undefined;
  readonly others: readonly XmlElement[];
}

interface Line {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEKDAYS: Readonly<Record<string, string>> = {
  SU: 'Sunday',
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
};
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const PLACES: Readonly<Record<string, string>> = { 1: 'First', 2: 'Second', 3: 'Third', 4: 'Fourth', '-1': 'Last' };

/** Reads the first event of a calendar; undefined for what has none, or an event without a time. */
export function readCalendar(source: Buffer): CalendarText | undefined {
  const event = eventLines(source.toString('utf8'));
  const line = (name: string): Line | undefined => event.find((each) => each.name === name);
  const text = (name: string): string | undefined => line(name) && plain(line(name)?.value ?? '');
  const start = line('DTSTART');
  const from = start && moment(start);
  if (!start || from === undefined || Number.isNaN(from)) return undefined;
  const isAllDay = start.parameters.get('VALUE') === 'DATE' || /^\d{8}$/.test(start.value);
  const end = line('DTEND');
  const until = end ? moment(end) : from + (isAllDay ? DAY_MS : 0);
  if (Number.isNaN(until)) return undefined;
  const rule = line('RRULE');
  const zone = ZONES.find(({ id }) => id === start.parameters.get('TZID'));
  const described = text('DESCRIPTION');
  const element = (name: string, value: string | undefined): XmlElement[] =>
    value === undefined ? [] : [madeElement(name, value)];
  return {
    subject: text('SUMMARY') ?? '',
    body: described === undefined ? undefined : { type: 'Text', text: described },
    others: [
      ...element('UID', text('UID')),
      ...element('Start', wireTime(from)),
      ...element('End', wireTime(until)),
      ...element('IsAllDayEvent', String(isAllDay)),
      ...element('LegacyFreeBusyStatus', text('TRANSP') === 'TRANSPARENT' ? 'Free' : undefined),
      ...element('Location', text('LOCATION')),
      ...attendees('RequiredAttendees', event, (role) => role !== 'OPT-PARTICIPANT'),
      ...attendees('OptionalAttendees', event, (role) => role === 'OPT-PARTICIPANT'),
      ...(rule ? recurrence(rule.value, from, start) : []),
      ...(zone ? [madeElement('StartTimeZone', '', [], { Id: zone.id })] : []),
    ],
  };
}

function eventLines(calendar: string): readonly Line[] {
  const lines = calendar.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const begin = lines.indexOf('BEGIN:VEVENT');
  const end = lines.indexOf('END:VEVENT', begin);
  if (begin === -1 || end === -1) return [];
  let depth = 0;
  // An alarm within the event has a description of its own.
  const own = lines.slice(begin + 1, end).filter((line) => {
    if (line.startsWith('BEGIN:')) depth += 1;
    const isOwn = depth === 0;
    if (line.startsWith('END:')) depth -= 1;
    return isOwn;
  });
  return own.flatMap((line) => {
    const [, name, parameters = '', value = ''] = /^([\w-]+)((?:;[^;:"]*(?:"[^"]*"[^;:"]*)*)*):(.*)$/s.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = parameters.split(';').flatMap((pair): [string, string][] => {
      const [key = '', set] = pair.split('=', 2);
      return set === undefined ? [] : [[key.toUpperCase(), set.replace(/^"|"$/g, '')]];
    });
    return [{ name: name.toUpperCase(), parameters: new Map(pairs), value }];
  });
}

/** A time with Z is UTC, whatever zone stands beside it; one of a zone that is not known counts as UTC too. */
function moment({ value, parameters }: Line): number {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zulu] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(value.trim()) ?? [];
  if (year === undefined) return Number.NaN;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const zone = ZONES.find(({ id }) => id === parameters.get('TZID'));
  if (zulu === 'Z' || !zone) return local;
  const [summer, winter] = zone.daylight ?? [];
  const isSummer = summer && winter && local >= change(summer, Number(year)) && local < change(winter, Number(year));
  return local + (zone.bias - (isSummer === true ? 1 : 0)) * HOUR_MS;
}

/** When the clock changes in a year, by the clock itself. */
function change([hour, month, weekday, occurrence]: Change, year: number): number {
  const index = Object.values(WEEKDAYS).indexOf(weekday);
  const first = Date.UTC(year, month - 1, 1);
  const length = (Date.UTC(year, month, 1) - first) / DAY_MS;
  const days = Array.from({ length }, (_unused, day) => first + day * DAY_MS);
  const found = days.filter((day) => new Date(day).getUTCDay() === index).at(occurrence === -1 ? -1 : occurrence - 1);
  return (found ?? first) + hour * HOUR_MS;
}

function attendees(list: string, event: readonly Line[], belongs: (role: string | undefined) => boolean): XmlElement[] {
  const people = event.filter((line) => line.name === 'ATTENDEE' && belongs(line.parameters.get('ROLE')));
  const entries = people.map(({ value, parameters }) => {
    const address = value.replace(/^mailto:/i, '').trim();
    const name = parameters.get('CN') ?? address;
    return madeElement('Attendee', '', [
      madeElement('Mailbox', '', [madeElement('Name', name), madeElement('EmailAddress', address)]),
    ]);
  });
  return entries.length === 0 ? [] : [madeElement(list, '', entries)];
}

function recurrence(rule: string, from: number, start: Line): XmlElement[] {
  const parts = new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string | undefined]));
  const date = `${start.value.slice(0, 4)}-${start.value.slice(4, 6)}-${start.value.slice(6, 8)}`;
  const pattern = patternOf(parts, new Date(from));
  const [count, until] = [parts.get('COUNT'), parts.get('UNTIL')];
  if (!pattern) return [];
  const begin = madeElement('StartDate', date);
  const last = until && `${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}`;
  const range =
    count !== undefined
      ? madeElement('NumberedRecurrence', '', [begin, madeElement('NumberOfOccurrences', count)])
      : last !== undefined
        ? madeElement('EndDateRecurrence', '', [begin, madeElement('EndDate', last)])
        : madeElement('NoEndRecurrence', '', [begin]);
  return [madeElement('Recurrence', '', [pattern, range])];
}

function patternOf(parts: ReadonlyMap<string, string | undefined>, from: Date): XmlElement | undefined {
  const interval = madeElement('Interval', parts.get('INTERVAL') ?? '1');
  const byDay = (parts.get('BYDAY') ?? '').split(',').filter((day) => day !== '');
  const names = byDay.map((day) => WEEKDAYS[day.slice(-2)] ?? '').join(' ');
  const days = madeElement('DaysOfWeek', names === '' ? (Object.values(WEEKDAYS)[from.getUTCDay()] ?? '') : names);
  const place = PLACES[parts.get('BYSETPOS') ?? byDay[0]?.slice(0, -2) ?? ''];
  const index = madeElement('DayOfWeekIndex', place ?? 'First');
  const dayOfMonth = madeElement('DayOfMonth', parts.get('BYMONTHDAY') ?? String(from.getUTCDate()));
  const month = madeElement('Month', MONTHS[Number(parts.get('BYMONTH') ?? from.getUTCMonth() + 1) - 1] ?? 'January');
  switch (parts.get('FREQ')) {
    case 'DAILY':
      return madeElement('DailyRecurrence', '', [interval]);
    case 'WEEKLY':
      return madeElement('WeeklyRecurrence', '', [interval, days]);
    case 'MONTHLY':
      return byDay.length > 0
        ? madeElement('RelativeMonthlyRecurrence', '', [interval, days, index])
        : madeElement('AbsoluteMonthlyRecurrence', '', [interval, dayOfMonth]);
    case 'YEARLY':
      return byDay.length > 0
        ? madeElement('RelativeYearlyRecurrence', '', [days, index, month])
        : madeElement('AbsoluteYearlyRecurrence', '', [dayOfMonth, month]);
    default:
      return undefined;
  }
}

/** A text without the escapes of the format. */
function plain(value: string): string {
  return value.replace(/\\(.)/g, (_all, character: string) => (/n/i.test(character) ? '\n' : character));
}
