import { GET_SERVER_TIME_ZONES } from '../soap/service-shapes.ts';
import { child, isTrue } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import type { Operation } from './operation.ts';

/** The day on which the clock changes every year: so many hours after midnight, the nth (or -1, the last) weekday. */
type Change = readonly [hour: number, month: number, weekday: string, occurrence: number];

interface Zone {
  readonly id: string;
  readonly name: string;
  /** Hours behind UTC, as Bias counts them. */
  readonly bias: number;
  /** Daylight time begins and ends. */
  readonly daylight?: readonly [Change, Change];
}

/** A few of the hundred that Windows has; enough for clients that look up their own or the server's. */
const EUROPE: readonly [Change, Change] = [
  [2, 3, 'Sunday', -1],
  [3, 10, 'Sunday', -1],
];
const AMERICA: readonly [Change, Change] = [
  [2, 3, 'Sunday', 2],
  [2, 11, 'Sunday', 1],
];
const ZONES: readonly Zone[] = [
  { id: 'Pacific Standard Time', name: '(UTC-08:00) Pacific Time (US & Canada)', bias: 8, daylight: AMERICA },
  { id: 'Eastern Standard Time', name: '(UTC-05:00) Eastern Time (US & Canada)', bias: 5, daylight: AMERICA },
  { id: 'UTC', name: '(UTC) Coordinated Universal Time', bias: 0 },
  { id: 'GMT Standard Time', name: '(UTC+00:00) Dublin, Edinburgh, Lisbon, London', bias: 0, daylight: EUROPE },
  {
    id: 'W. Europe Standard Time',
    name: '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
    bias: -1,
    daylight: EUROPE,
  },
  { id: 'Romance Standard Time', name: '(UTC+01:00) Brussels, Copenhagen, Madrid, Paris', bias: -1, daylight: EUROPE },
  { id: 'Russian Standard Time', name: '(UTC+03:00) Moscow, St. Petersburg', bias: -3 },
  { id: 'Tokyo Standard Time', name: '(UTC+09:00) Osaka, Sapporo, Tokyo', bias: -9 },
];

export const getServerTimeZones: Operation = {
  shape: GET_SERVER_TIME_ZONES,
  onError: [element('m:TimeZoneDefinitions')],
  parts: (request) => [request],
  answer(_part, request) {
    const ids = child(request, 'Ids')?.children.map(({ text }) => text.trim());
    const isFull = isTrue(request.attributes.get('ReturnFullTimeZoneData'));
    const zones = ZONES.filter(({ id }) => ids?.includes(id) ?? true);
    return { content: [element('m:TimeZoneDefinitions', {}, ...zones.map((zone) => definition(zone, isFull)))] };
  },
};

function definition({ id, name, bias, daylight }: Zone, isFull: boolean): XmlNode {
  const attributes = { Id: id, Name: name };
  if (!isFull) return element('t:TimeZoneDefinition', attributes);
  const standardId = `trule:Microsoft/Registry/${id}/1-Standard`;
  const daylightId = `trule:Microsoft/Registry/${id}/1-Daylight`;
  const period = (kind: string, periodId: string, hours: number): XmlNode =>
    element('t:Period', { Bias: duration(hours), Name: kind, Id: periodId });
  const target = (kind: string, text: string): XmlNode => element('t:To', { Kind: kind }, text);
  const recurring = ([hour, month, weekday, occurrence]: Change, periodId: string): XmlNode =>
    element(
      't:RecurringDayTransition',
      {},
      target('Period', periodId),
      textElement('t:TimeOffset', duration(hour)),
      textElement('t:Month', month),
      textElement('t:DayOfWeek', weekday),
      textElement('t:Occurrence', occurrence),
    );
  const changes = daylight
    ? [recurring(daylight[0], daylightId), recurring(daylight[1], standardId)]
    : [element('t:Transition', {}, target('Period', standardId))];
  return element(
    't:TimeZoneDefinition',
    attributes,
    element(
      't:Periods',
      {},
      period('Standard', standardId, bias),
      daylight ? period('Daylight', daylightId, bias - 1) : undefined,
    ),
    element('t:TransitionsGroups', {}, element('t:TransitionsGroup', { Id: '0' }, ...changes)),
    element('t:Transitions', {}, element('t:Transition', {}, target('Group', '0'))),
  );
}

function duration(hours: number): string {
  return hours === 0 ? 'PT0S' : `${hours < 0 ? '-' : ''}PT${Math.abs(hours)}H`;
}
