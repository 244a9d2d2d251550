import type { StoredItem } from '../mailbox/item.ts';
import { isOrganizer } from '../mailbox/meeting.ts';
import { wireTime } from '../mailbox/moment.ts';
import { endsOf, isSeries, occurrenceOf, originalStart, timed } from '../mailbox/series.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { given, givenOr, givenText } from './given-property.ts';
import { mailboxNode } from './mailbox-node.ts';
import type { OperationContext } from './operation.ts';

const MINUTE_MS = 60_000;
const CONFIRMED_MEETING = 1;
const RECEIVED = 2;
const CANCELLED = 4;

/** The properties of CalendarItemType: what was set, and what follows from it. */
export function calendarProperty(name: string, item: StoredItem, context: OperationContext): XmlNode | undefined {
  const text = (value: string | number | boolean): XmlNode => textElement(`t:${name}`, value);
  switch (name) {
    case 'RequiredAttendees':
    case 'OptionalAttendees':
    case 'Resources':
      return attendees(name, item);
    case 'IsMeeting':
      return text(isMeeting(item));
    case 'MeetingRequestWasSent':
    case 'IsCancelled':
    case 'IsAllDayEvent':
    case 'IsOnlineMeeting':
      return givenOr(name, item, false);
    case 'IsResponseRequested':
    case 'AllowNewTimeProposal':
      return givenOr(name, item, true);
    case 'IsRecurring':
      return text(item.occurrence !== undefined);
    case 'IsOrganizer':
      return text(isOrganizer(context.mailbox, item.content));
    case 'CalendarItemType':
      return text(typeOf(item));
    case 'RecurrenceId':
    case 'OriginalStart':
      return item.occurrence && text(wireTime(item.occurrence.originalStart));
    case 'MyResponseType':
      return givenOr(name, item, isOrganizer(context.mailbox, item.content) ? 'Organizer' : 'NoResponseReceived');
    case 'LegacyFreeBusyStatus':
      return givenOr(name, item, 'Busy');
    case 'Duration':
      return durationNode(item);
    case 'TimeZone':
      return given(name, item) ?? text(item.content.others.get('StartTimeZone')?.attributes.get('Id') ?? 'UTC');
    case 'AppointmentSequenceNumber':
      return givenOr(name, item, 0);
    case 'AppointmentState':
      return text(stateOf(item, context));
    case 'DateTimeStamp':
      return text(wireTime(item.modifiedAt));
    case 'FirstOccurrence':
    case 'LastOccurrence':
      return endOf(name, item, context);
    case 'ModifiedOccurrences':
    case 'DeletedOccurrences':
      return exceptions(name, item, context);
    default:
      return given(name, item);
  }
}

function isMeeting({ content: { others } }: StoredItem): boolean {
  return ['RequiredAttendees', 'OptionalAttendees', 'Resources'].some((name) => others.has(name));
}

function typeOf(item: StoredItem): string {
  if (item.occurrence) return item.occurrence.isException ? 'Exception' : 'Occurrence';
  return isSeries(item) ? 'RecurringMaster' : 'Single';
}

function stateOf(item: StoredItem, { mailbox }: OperationContext): number {
  if (!isMeeting(item)) return 0;
  const received = isOrganizer(mailbox, item.content) ? 0 : RECEIVED;
  return CONFIRMED_MEETING + received + (givenText('IsCancelled', item) === 'true' ? CANCELLED : 0);
}

/** Everybody has a response, and a name even if only the address was sent. */
function attendees(name: string, { content }: StoredItem): XmlNode | undefined {
  const list = content.others.get(name)?.children ?? [];
  const nodes = list.flatMap((attendee: XmlElement): XmlNode[] => {
    const mailbox = child(attendee, 'Mailbox');
    const address = childText(mailbox, 'EmailAddress');
    if (address === undefined) return [];
    const person = { name: childText(mailbox, 'Name') ?? address, address };
    const response = textElement('t:ResponseType', childText(attendee, 'ResponseType') ?? 'Unknown');
    return [element('t:Attendee', {}, mailboxNode(person), response)];
  });
  return nodes.length === 0 ? undefined : element(`t:${name}`, {}, ...nodes);
}

function durationNode(item: StoredItem): XmlNode | undefined {
  const { start, end } = timed(item);
  if (Number.isNaN(end - start)) return undefined;
  const minutes = Math.round((end - start) / MINUTE_MS);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const time = `${hours > 0 ? `${hours}H` : ''}${rest > 0 ? `${rest}M` : ''}`;
  const written = `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
  return textElement('t:Duration', written === 'P' ? 'PT0S' : written);
}

function endOf(name: string, item: StoredItem, { mailbox }: OperationContext): XmlNode | undefined {
  if (!isSeries(item)) return undefined;
  const { first, last } = endsOf(item, mailbox.number);
  const occurrence = name === 'FirstOccurrence' ? first : last;
  return occurrence && element(`t:${name}`, {}, ...occurrenceInfo(occurrence));
}

function occurrenceInfo(occurrence: StoredItem): XmlNode[] {
  const { start, end } = timed(occurrence);
  return [
    element('t:ItemId', { Id: occurrence.id, ChangeKey: occurrence.changeKey }),
    textElement('t:Start', wireTime(start)),
    textElement('t:End', wireTime(end)),
    textElement('t:OriginalStart', wireTime(occurrence.occurrence?.originalStart ?? start)),
  ];
}

function exceptions(name: string, item: StoredItem, { mailbox }: OperationContext): XmlNode | undefined {
  if (!isSeries(item)) return undefined;
  const nodes = [...(item.content.exceptions ?? [])].flatMap(([index, content]): XmlNode[] => {
    const start = originalStart(item.content, index);
    if (start === undefined) return [];
    if (name === 'DeletedOccurrences') {
      return content ? [] : [element('t:DeletedOccurrence', {}, textElement('t:Start', wireTime(start)))];
    }
    const occurrence = occurrenceOf(item, index, mailbox.number);
    return typeof occurrence === 'string' ? [] : [element('t:Occurrence', {}, ...occurrenceInfo(occurrence))];
  });
  return nodes.length === 0 ? undefined : element(`t:${name}`, {}, ...nodes);
}
