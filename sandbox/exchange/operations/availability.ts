import type { Mailbox } from '../mailbox/mailbox.ts';
import { readMoment } from '../mailbox/moment.ts';
import { calendarBetween, type Appointment } from '../mailbox/series.ts';
import { responseMessage } from '../soap/envelope.ts';
import { EwsError, ewsMessageError } from '../soap/ews-error.ts';
import { GET_USER_AVAILABILITY } from '../soap/service-shapes.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { failure, SUCCESS } from './out-of-office.ts';
import type { WholeOperation } from './operation.ts';

interface Busy {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

const DIGITS: Readonly<Record<string, string>> = {
  Free: '0',
  Tentative: '1',
  Busy: '2',
  OOF: '3',
  WorkingElsewhere: '4',
};
const DEFAULT_INTERVAL_MINUTES = 30;
const MINUTE_MS = 60_000;
/** A merged view longer than 62 days is refused by the server as well. */
const MAX_WINDOW_MS = 62 * 24 * 60 * MINUTE_MS;

/** Free and busy times, in UTC whatever zone the request names; suggestions are not made. */
export const getUserAvailability: WholeOperation = {
  shape: GET_USER_AVAILABILITY,
  responseName: 'm:GetUserAvailabilityResponse',
  respond(request, { organization }, refusal) {
    let code = 'NoError';
    const options = child(request, 'FreeBusyViewOptions');
    const responses = (child(request, 'MailboxDataArray')?.children ?? []).map((data) => {
      try {
        if (refusal) throw refusal;
        const mailbox = organization.find(childText(child(data, 'Email'), 'Address') ?? '');
        if (!mailbox) throw ewsMessageError('ErrorMailRecipientNotFound');
        return freeBusy(responseMessage('m:ResponseMessage', SUCCESS), view(mailbox, options));
      } catch (error) {
        if (!(error instanceof EwsError) || error.place === 'fault') throw error;
        code = error.code;
        const none = element('m:FreeBusyView', {}, textElement('t:FreeBusyViewType', 'None'));
        return freeBusy(responseMessage('m:ResponseMessage', failure(error)), none);
      }
    });
    return { content: [element('m:FreeBusyResponseArray', {}, ...responses)], code };
  },
};

function freeBusy(message: XmlNode, shown: XmlNode): XmlNode {
  return element('m:FreeBusyResponse', {}, message, shown);
}

function view(mailbox: Mailbox, options: XmlElement | undefined): XmlNode {
  const window = child(options, 'TimeWindow');
  const start = readMoment(childText(window, 'StartTime'));
  const end = readMoment(childText(window, 'EndTime'));
  if (!(end > start) || end - start > MAX_WINDOW_MS) throw ewsMessageError('ErrorInvalidTimeInterval');
  const asked = childText(options, 'RequestedView') ?? 'FreeBusyMerged';
  const minutes = Number(childText(options, 'MergedFreeBusyIntervalInMinutes') ?? DEFAULT_INTERVAL_MINUTES);
  const step = (minutes >= 5 && minutes <= 1440 ? minutes : DEFAULT_INTERVAL_MINUTES) * MINUTE_MS;
  const events = calendarBetween(mailbox.itemsIn('calendar'), start, end, mailbox.number).map(busy);
  const calendar = events.map((event) =>
    element(
      't:CalendarEvent',
      {},
      textElement('t:StartTime', local(event.start)),
      textElement('t:EndTime', local(event.end)),
      textElement('t:BusyType', event.type),
    ),
  );
  return element(
    'm:FreeBusyView',
    {},
    textElement('t:FreeBusyViewType', asked),
    asked.includes('Merged') ? textElement('t:MergedFreeBusy', merged(events, start, end, step)) : undefined,
    asked !== 'MergedOnly' && calendar.length > 0 ? element('t:CalendarEventArray', {}, ...calendar) : undefined,
  );
}

/** One digit an interval: the busiest of what overlaps it. */
function merged(events: readonly Busy[], start: number, end: number, step: number): string {
  let digits = '';
  for (let from = start; from < end; from += step) {
    const here = events.filter((event) => event.start < from + step && event.end > from);
    digits += here.map(({ type }) => DIGITS[type] ?? '2').reduce((most, digit) => (digit > most ? digit : most), '0');
  }
  return digits;
}

function busy({ item, start, end }: Appointment): Busy {
  return { start, end, type: item.content.others.get('LegacyFreeBusyStatus')?.text.trim() ?? 'Busy' };
}

function local(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}
