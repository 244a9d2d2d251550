import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, findItem, getItem, itemIds, texts, type WireAnswer } from './ews-client.ts';
import { appointment, calendarView, meeting, series } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('appointments of the Exchange stand-in in Internet format', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 2 });
  });
  afterEach(() => exchange.close());
  const run = (body: string): Promise<WireAnswer> => call(exchange, body, { as: ONE });
  const calendar = (...event: string[]): string =>
    ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', 'UID:u-1', ...event, 'END:VEVENT', 'END:VCALENDAR', ''].join(
      '\r\n',
    );
  const put = (text: string): Promise<WireAnswer> =>
    run(
      `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:MimeContent>${Buffer.from(text).toString('base64')}</t:MimeContent></t:CalendarItem></m:Items></m:CreateItem>`,
    );
  const written = async (create: string | Promise<WireAnswer>): Promise<string> => {
    const made = typeof create === 'string' ? await run(create) : await create;
    const item = await run(getItem(itemIds(made), '<t:IncludeMimeContent>true</t:IncludeMimeContent>', 'IdOnly'));
    return Buffer.from(texts(item, 'MimeContent')[0] ?? '', 'base64')
      .toString('utf8')
      .replace(/\r\n /g, '');
  };

  it('are written with their zone, people and text', async () => {
    const text = await written(meeting('a; b, c', [TWO], 'SendToNone'));
    expect(text.split('\r\n')).toEqual(
      expect.arrayContaining([
        'METHOD:REQUEST',
        'TZID:UTC',
        `ORGANIZER;CN="User 1":mailto:${ONE}`,
        `ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="${TWO}":mailto:${TWO}`,
        String.raw`SUMMARY:a\; b\, c`,
        'DTSTART:20261201T100000Z',
        'DTEND:20261201T113000Z',
      ]),
    );
    const zoned = await written(
      appointment(
        'z',
        '2026-07-01T10:00:00Z',
        '2026-07-01T11:00:00Z',
        '<t:StartTimeZone Id="W. Europe Standard Time"/>',
      ),
    );
    expect(zoned).toContain(
      'TZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n',
    );
  });

  it('do not let a name or a subject add lines of its own', async () => {
    const text = await written(
      appointment('x&#xD;&#xA;ATTENDEE:mailto:evil@b.test', '2026-07-01T10:00:00Z', '2026-07-01T11:00:00Z'),
    );
    expect(text.split('\r\n').filter((line) => line.startsWith('ATTENDEE'))).toEqual([]);
    expect(text.split('\r\n')).toContain(String.raw`SUMMARY:x\nATTENDEE:mailto:evil@b.test`);
  });

  it('are read: times of a zone, all-day events, people, folded lines', async () => {
    await put(
      calendar(
        'SUMMARY:sum',
        ' mer',
        'DTSTART;TZID=W. Europe Standard Time:20260701T100000',
        'DTEND;TZID="W. Europe Standard Time":20260701T110000',
        `ATTENDEE;CN="Two, User";ROLE=OPT-PARTICIPANT:mailto:${TWO}`,
        String.raw`DESCRIPTION:one\ntwo`,
        'BEGIN:VALARM',
        'DESCRIPTION:alarm',
        'END:VALARM',
      ),
    );
    const item = await run(getItem(itemIds(await run(findItem('calendar')))));
    expect([texts(item, 'Subject'), texts(item, 'Start'), texts(item, 'End'), texts(item, 'UID')]).toEqual([
      ['summer'],
      ['2026-07-01T08:00:00Z'],
      ['2026-07-01T09:00:00Z'],
      ['u-1'],
    ]);
    expect(texts(item, 'Body').at(-1)).toBe('one\ntwo');
    expect(all(item, 'OptionalAttendees')[0]?.children[0]?.children[0]?.children[0]?.text).toBe('Two, User');
    await put(calendar('DTSTART;VALUE=DATE:20270105'));
    const view = calendarView('2027-01-01', '2027-02-01');
    const allDay = await run(findItem('calendar', { view }));
    expect([texts(allDay, 'IsAllDayEvent'), texts(allDay, 'End')]).toEqual([['true'], ['2027-01-06T00:00:00Z']]);
  });

  it.each([
    ['FREQ=DAILY;COUNT=3;INTERVAL=2', ['2026-12-01', '2026-12-03', '2026-12-05']],
    ['FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20261209T000000Z', ['2026-12-01', '2026-12-04', '2026-12-08']],
    ['FREQ=MONTHLY;BYDAY=1TU;COUNT=2', ['2026-12-01', '2027-01-05']],
    ['FREQ=MONTHLY;BYMONTHDAY=1;COUNT=2', ['2026-12-01', '2027-01-01']],
    ['FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1;COUNT=2', ['2026-12-01', '2027-12-01']],
    ['FREQ=YEARLY;BYMONTH=12;BYDAY=TU;BYSETPOS=1;COUNT=2', ['2026-12-01', '2027-12-07']],
  ])('are a series by the rule %s, and give the rule back', async (rule, days) => {
    const text = await written(put(calendar('DTSTART:20261201T100000Z', 'DTEND:20261201T110000Z', `RRULE:${rule}`)));
    const view = calendarView('2026-11-01', '2028-10-01');
    const starts = texts(await run(findItem('calendar', { view })), 'Start').map((start) => start.slice(0, 10));
    expect(starts).toEqual(days);
    const [, back = ''] = /RRULE:(FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY);(?:COUNT|UNTIL).*)\r\n/.exec(text) ?? [];
    expect(back.split(';')[0]).toBe(rule.split(';')[0]);
  });

  it('have a rule when they were made as a series', async () => {
    const pattern =
      '<t:RelativeMonthlyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Weekday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>';
    expect(await written(series(pattern, 'EndDateRecurrence', '<t:EndDate>2027-12-01</t:EndDate>'))).toContain(
      'RRULE:FREQ=MONTHLY;UNTIL=20271201T235959Z;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\r\n',
    );
  });

  it('are refused without an event or a time', async () => {
    for (const text of ['BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', calendar('SUMMARY:x'), calendar('DTSTART:yesterday')]) {
      expect(texts(await put(text), 'ResponseCode')).toEqual(['ErrorMimeContentInvalid']);
    }
  });
});
