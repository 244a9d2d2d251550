import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, findItem, getItem, itemIds, texts, type WireAnswer } from './ews-client.ts';
import {
  availability,
  calendarView,
  deleteAppointment,
  distinguished,
  moveItem,
  occurrence,
  recurringMaster,
  series,
  setField,
  updateItem,
} from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const interval = (name: string, days = ''): string => `<t:${name}><t:Interval>1</t:Interval>${days}</t:${name}>`;
const WEEKLY = interval('WeeklyRecurrence', '<t:DaysOfWeek>Tuesday Thursday</t:DaysOfWeek>');
const LIMIT = (count: number): string => `<t:NumberOfOccurrences>${count}</t:NumberOfOccurrences>`;

describe('series in the calendar of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 1 });
  });
  afterEach(() => exchange.close());
  const run = (body: string): Promise<WireAnswer> => call(exchange, body, { as: ONE });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const make = async (pattern: string, range: string, limit?: string): Promise<string> =>
    itemIds(await run(series(pattern, range, limit)))[0] ?? '';
  const days = async (from = '2026-12-01', until = '2028-11-30'): Promise<string[]> =>
    texts(await run(findItem('calendar', { view: calendarView(from, until) })), 'Start').map((text) =>
      text.slice(0, 10),
    );

  it.each([
    ['every day', interval('DailyRecurrence'), ['2026-12-01', '2026-12-02', '2026-12-03']],
    ['on weekdays', WEEKLY, ['2026-12-01', '2026-12-03', '2026-12-08']],
    [
      'on a day of the month, the last where it has none',
      interval('AbsoluteMonthlyRecurrence', '<t:DayOfMonth>31</t:DayOfMonth>'),
      ['2026-12-31', '2027-01-31', '2027-02-28'],
    ],
    [
      'on the last weekday of a month',
      interval(
        'RelativeMonthlyRecurrence',
        '<t:DaysOfWeek>Weekday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex>',
      ),
      ['2026-12-31', '2027-01-29', '2027-02-26'],
    ],
    [
      'on a date of the year',
      '<t:AbsoluteYearlyRecurrence><t:DayOfMonth>24</t:DayOfMonth><t:Month>December</t:Month></t:AbsoluteYearlyRecurrence>',
      ['2026-12-24', '2027-12-24'],
    ],
    [
      'on a weekday of the year',
      '<t:RelativeYearlyRecurrence><t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>Second</t:DayOfWeekIndex><t:Month>March</t:Month></t:RelativeYearlyRecurrence>',
      ['2027-03-14', '2028-03-12'],
    ],
  ])('recur %s', async (_how, pattern, expected) => {
    // The first occurrence has the time that was given, so a series is made to begin on the first day of its pattern.
    const first = expected[0] ?? '';
    await run(series(pattern, 'NumberedRecurrence', LIMIT(3)).replaceAll('2026-12-01', first));
    expect((await days()).slice(0, 3)).toEqual(expected);
  });

  it('end on a day, after a number, or never', async () => {
    await make(WEEKLY, 'EndDateRecurrence', '<t:EndDate>2026-12-10</t:EndDate>');
    expect(await days()).toEqual(['2026-12-01', '2026-12-03', '2026-12-08', '2026-12-10']);
    await make(interval('DailyRecurrence'), 'NoEndRecurrence');
    expect(await days('2027-06-01', '2027-06-03')).toEqual(['2027-06-01', '2027-06-02']);
  });

  it('are one item without a view, which tells its first and last occurrence', async () => {
    const master = await make(WEEKLY, 'NumberedRecurrence', LIMIT(4));
    expect(all(await run(findItem('calendar')), 'CalendarItem').length).toBe(1);
    const item = await run(getItem([master]));
    expect(texts(item, 'CalendarItemType')).toEqual(['RecurringMaster']);
    const ends = ['FirstOccurrence', 'LastOccurrence'].map((name) => all(item, name)[0]?.children[1]?.text);
    expect(ends).toEqual(['2026-12-01T10:00:00Z', '2026-12-10T10:00:00Z']);
  });

  it('have occurrences with ids of their own, which lead back to the series', async () => {
    const master = await make(WEEKLY, 'NumberedRecurrence', LIMIT(3));
    const second = await run(getItem([occurrence(master, 2)]));
    expect([texts(second, 'CalendarItemType'), texts(second, 'Start'), texts(second, 'IsRecurring')]).toEqual([
      ['Occurrence'],
      ['2026-12-03T10:00:00Z'],
      ['true'],
    ]);
    const [id = ''] = itemIds(second);
    expect(itemIds(await run(getItem([id])))).toEqual([id]);
    expect(itemIds(await run(getItem([recurringMaster(id)])))[0]).toBe(master);
    const refused = await run(getItem([occurrence(master, 4), occurrence(id, 1), recurringMaster(master)]));
    expect(codes(refused)).toEqual([
      'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
      'ErrorCalendarCannotUseIdForOccurrenceId',
      'ErrorCalendarCannotUseIdForRecurringMasterId',
    ]);
    expect(codes(await run(moveItem('Move', [id], distinguished('inbox'))))).toEqual([
      'ErrorCalendarCannotMoveOrCopyOccurrence',
    ]);
  });

  it('lose an occurrence that is deleted, and keep one that is changed', async () => {
    const master = await make(WEEKLY, 'NumberedRecurrence', LIMIT(3));
    expect(codes(await run(deleteAppointment(occurrence(master, 2))))).toEqual(['NoError']);
    const [third = ''] = itemIds(await run(getItem([occurrence(master, 3)])));
    const moved = setField('calendar:Start', '<t:Start>2026-12-09T10:00:00Z</t:Start>', 'CalendarItem');
    const end = setField('calendar:End', '<t:End>2026-12-09T11:00:00Z</t:End>', 'CalendarItem');
    await run(updateItem(third, moved + end, 'SendMeetingInvitationsOrCancellations="SendToNone"'));
    expect(await days()).toEqual(['2026-12-01', '2026-12-09']);
    const item = await run(getItem([master, third, occurrence(master, 2)]));
    expect(codes(item)).toEqual(['NoError', 'NoError', 'ErrorCalendarOccurrenceIsDeletedFromRecurrence']);
    expect(all(item, 'DeletedOccurrence')[0]?.children[0]?.text).toBe('2026-12-03T10:00:00Z');
    expect(
      all(item, 'ModifiedOccurrences')[0]
        ?.children[0]?.children.map(({ text }) => text)
        .slice(1),
    ).toEqual(['2026-12-09T10:00:00Z', '2026-12-09T11:00:00Z', '2026-12-08T10:00:00Z']);
    expect(texts(item, 'CalendarItemType')).toEqual(['RecurringMaster', 'Exception']);
    const busy = await run(availability([ONE], '2026-12-01T10:00:00', '2026-12-09T11:00:00'));
    expect(all(busy, 'CalendarEvent').length).toBe(2);
  });

  it('are shown for no more than two years, and never backwards', async () => {
    const view = (from: string, until: string): Promise<WireAnswer> =>
      run(findItem('calendar', { view: calendarView(from, until) }));
    expect(codes(await view('2026-01-01', '2029-01-01'))).toEqual(['ErrorCalendarViewRangeTooBig']);
    expect(codes(await view('2026-12-02', '2026-12-01'))).toEqual(['ErrorCalendarEndDateIsEarlierThanStartDate']);
  });

  it.each([
    ['an interval that is no number', interval('DailyRecurrence').replace('>1<', '>often<'), LIMIT(3)],
    ['an interval beyond all days', interval('DailyRecurrence').replace('>1<', '>999999999<'), LIMIT(3)],
    ['a number that is none', interval('DailyRecurrence'), LIMIT(3).replace('3', 'many')],
    [
      'a month that there is not',
      '<t:AbsoluteYearlyRecurrence><t:DayOfMonth>1</t:DayOfMonth><t:Month>Soon</t:Month></t:AbsoluteYearlyRecurrence>',
      LIMIT(3),
    ],
    ['no weekday', interval('WeeklyRecurrence', '<t:DaysOfWeek>Doomsday</t:DaysOfWeek>'), LIMIT(3)],
  ])('do no harm with %s', async (_what, pattern, limit) => {
    const master = await make(pattern, 'NumberedRecurrence', limit);
    expect((await days('2026-11-01', '2028-10-01')).length).toBeLessThan(4);
    expect(codes(await run(getItem([master, occurrence(master, 2)])))[0]).toBe('NoError');
    const view = calendarView('soon', 'later').replaceAll('T00:00:00Z', '');
    expect(codes(await run(findItem('calendar', { view })))).toEqual(['ErrorSchemaValidation']);
  });
});
