import { ZONES, type Change, type Zone } from '../mailbox/time-zone.ts';
import { GET_SERVER_TIME_ZONES } from '../soap/service-shapes.ts';
import { child, isTrue } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import type { Operation } from './operation.ts';

export const getServerTimeZones: Operation = {
  shape: GET_SERVER_TIME_ZONES,
  onError: [element('m:TimeZoneDefinitions')],
  parts: (request) => [request],
  answer(_part, request) {
    const ids = child(request, 'Ids')?.children.map(({ text }) => text.trim());
    // Clients that do not say so expect the whole definitions.
    const isFull = isTrue(request.attributes.get('ReturnFullTimeZoneData') ?? 'true');
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
