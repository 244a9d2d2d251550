import { child, childText, type XmlElement } from '../xml/read.ts';
import type { Correspondent, StoredItem } from './item.ts';
import { wireTime } from './moment.ts';
import { originalStart, timed } from './series.ts';
import { ZONES, type Change, type Zone } from './time-zone.ts';

const FREQUENCIES = [
  ['Daily', 'DAILY'],
  ['Weekly', 'WEEKLY'],
  ['Monthly', 'MONTHLY'],
  ['Yearly', 'YEARLY'],
] as const;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const PLACES: Readonly<Record<string, string>> = { First: '1', Second: '2', Third: '3', Fourth: '4', Last: '-1' };
const DAY_GROUPS: Readonly<Record<string, string>> = {
  Day: 'SU,MO,TU,WE,TH,FR,SA',
  Weekday: 'MO,TU,WE,TH,FR',
  WeekendDay: 'SA,SU',
};
/** Octets a line may have (RFC 5545 §3.1); what is longer goes on in the next one, after a space. */
const LINE = 75;

/** An appointment in Internet format (RFC 5545), which is what the MimeContent of a calendar item holds. */
export function writeCalendar(item: StoredItem): Buffer {
  const { others } = item.content;
  const zone = ZONES.find(({ id }) => id === others.get('StartTimeZone')?.attributes.get('Id'));
  const lines = [
    'BEGIN:VCALENDAR',
    `METHOD:${others.has('RequiredAttendees') ? 'REQUEST' : 'PUBLISH'}`,
    'PRODID:Microsoft Exchange Server 2010',
    'VERSION:2.0',
    ...timeZone(zone ?? UTC),
    ...event(item),
    'END:VCALENDAR',
  ];
  return Buffer.from(lines.flatMap(folded).join('\r\n') + '\r\n');
}

const UTC: Zone = { id: 'UTC', name: 'UTC', bias: 0 };

function event(item: StoredItem): string[] {
  const { content } = item;
  const { start, end } = timed(item);
  const text = (name: string): string | undefined => content.others.get(name)?.text.trim();
  const isAllDay = text('IsAllDayEvent') === 'true';
  const at = (name: string, time: number): string =>
    isAllDay ? `${name};VALUE=DATE:${stamp(time).slice(0, 8)}` : `${name}:${stamp(time)}`;
  const property = (name: string, value: string | undefined): string[] =>
    value === undefined || value === '' ? [] : [`${name}:${escaped(value)}`];
  const recurrence = content.others.get('Recurrence');
  return [
    'BEGIN:VEVENT',
    ...mailboxes(content.others.get('Organizer')).map((person) => `ORGANIZER;${addressed(person)}`),
    ...guests(content.others.get('RequiredAttendees'), 'REQ-PARTICIPANT'),
    ...guests(content.others.get('OptionalAttendees'), 'OPT-PARTICIPANT'),
    ...property('DESCRIPTION', content.body?.type === 'Text' ? content.body.text : undefined),
    ...(recurrence ? [rule(recurrence)] : []),
    ...deletions(item),
    ...property('UID', text('UID')),
    ...property('SUMMARY', content.subject),
    at('DTSTART', start),
    at('DTEND', end),
    `CLASS:${content.sensitivity === 'Normal' ? 'PUBLIC' : 'PRIVATE'}`,
    `DTSTAMP:${stamp(item.modifiedAt.getTime())}`,
    `TRANSP:${text('LegacyFreeBusyStatus') === 'Free' ? 'TRANSPARENT' : 'OPAQUE'}`,
    `STATUS:${text('IsCancelled') === 'true' ? 'CANCELLED' : 'CONFIRMED'}`,
    'SEQUENCE:0',
    ...property('LOCATION', text('Location')),
    'END:VEVENT',
  ];
}

function rule(recurrence: XmlElement): string {
  const [pattern, range] = recurrence.children;
  const text = (name: string): string | undefined => childText(pattern, name);
  const [, frequency = 'DAILY'] = FREQUENCIES.find(([name]) => pattern?.name.includes(name) === true) ?? [];
  const days = (text('DaysOfWeek') ?? '').split(/\s+/).filter((day) => day !== '');
  const byDay = days.map((day) => DAY_GROUPS[day] ?? day.slice(0, 2).toUpperCase()).join(',');
  const month = MONTHS.indexOf(text('Month') ?? '') + 1;
  const until = childText(range, 'EndDate')?.slice(0, 10).replaceAll('-', '');
  const parts = [
    ['FREQ', frequency],
    ['COUNT', childText(range, 'NumberOfOccurrences')],
    ['UNTIL', until === undefined ? undefined : `${until}T235959Z`],
    ['INTERVAL', text('Interval') ?? '1'],
    ['BYDAY', byDay === '' ? undefined : byDay],
    ['BYSETPOS', PLACES[text('DayOfWeekIndex') ?? '']],
    ['BYMONTHDAY', text('DayOfMonth')],
    ['BYMONTH', month === 0 ? undefined : String(month)],
  ];
  return `RRULE:${parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join(';')}`;
}

function deletions({ content }: StoredItem): string[] {
  return [...(content.exceptions ?? [])].flatMap(([index, changed]) => {
    const start = changed ? undefined : originalStart(content, index);
    return start === undefined ? [] : [`EXDATE:${stamp(start)}`];
  });
}

function guests(list: XmlElement | undefined, role: string): string[] {
  return (list?.children ?? []).flatMap((attendee) =>
    mailboxes(attendee).map((person) => `ATTENDEE;ROLE=${role};PARTSTAT=NEEDS-ACTION;RSVP=TRUE;${addressed(person)}`),
  );
}

function mailboxes(holder: XmlElement | undefined): Correspondent[] {
  const mailbox = child(holder, 'Mailbox');
  const address = childText(mailbox, 'EmailAddress');
  return address === undefined ? [] : [{ name: childText(mailbox, 'Name') ?? address, address }];
}

function addressed({ name, address }: Correspondent): string {
  return `CN="${name.replace(/["\r\n]/g, "'")}":mailto:${address.replace(/[\r\n]/g, '')}`;
}

function timeZone({ id, bias, daylight }: Zone): string[] {
  const [standard, summer] = [offset(-bias), offset(1 - bias)];
  const part = (kind: string, from: string, to: string, change: Change | undefined): string[] => [
    `BEGIN:${kind}`,
    `DTSTART:16010101T${String(change?.[0] ?? 0).padStart(2, '0')}0000`,
    `TZOFFSETFROM:${from}`,
    `TZOFFSETTO:${to}`,
    ...(change ? [yearly(change)] : []),
    `END:${kind}`,
  ];
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${id}`,
    ...part('STANDARD', daylight ? summer : standard, standard, daylight?.[1]),
    ...part('DAYLIGHT', standard, daylight ? summer : standard, daylight?.[0]),
    'END:VTIMEZONE',
  ];
}

function yearly([, month, weekday, occurrence]: Change): string {
  return `RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=${occurrence}${weekday.slice(0, 2).toUpperCase()};BYMONTH=${month}`;
}

function offset(hours: number): string {
  return `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}00`;
}

function stamp(time: number): string {
  return wireTime(time).replace(/[-:]/g, '');
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
}

function folded(line: string): string[] {
  const lines: string[] = [];
  let current = '';
  for (const character of line) {
    if (Buffer.byteLength(current + character) > LINE) {
      lines.push(current);
      current = ' ';
    }
    current += character;
  }
  return [...lines, current];
}
