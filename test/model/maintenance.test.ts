import { describe, expect, it } from 'vitest';
import { isLocalDate, isLocalTime, localTimeOf, momentsOf } from '../../services/model/local-time.ts';
import {
  isOpen,
  noMaintenanceValues,
  overlapping,
  phaseOf,
  readMaintenance,
  restingHosts,
  type MaintenanceValues,
} from '../../services/model/maintenance.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const zurich = 'Europe/Zurich';
/** A Wednesday, 14:00 in Zurich. */
const now = Date.UTC(2026, 10, 25, 13);

describe('a time on the wall', () => {
  it.each([
    ['2026-11-25', '14:00', zurich, ['2026-11-25T13:00']],
    ['2026-07-01', '14:00', zurich, ['2026-07-01T12:00']],
    ['2026-11-25', '14:00', 'UTC', ['2026-11-25T14:00']],
    ['2026-11-25', '00:15', 'Asia/Kathmandu', ['2026-11-24T18:30']],
    ['2026-11-25', '23:45', 'America/Los_Angeles', ['2026-11-26T07:45']],
    ['2026-12-31', '23:59', 'Pacific/Kiritimati', ['2026-12-31T09:59']],
    // Summer time begins: 2:00 becomes 3:00.
    ['2026-03-29', '02:30', zurich, []],
    ['2026-03-29', '03:00', zurich, ['2026-03-29T01:00']],
    // And ends: the hour from 2 to 3 comes twice.
    ['2026-10-25', '02:30', zurich, ['2026-10-25T00:30', '2026-10-25T01:30']],
    ['2026-10-25', '03:00', zurich, ['2026-10-25T02:00']],
    // By half an hour only.
    ['2026-04-05', '01:45', 'Australia/Lord_Howe', ['2026-04-04T14:45', '2026-04-04T15:15']],
  ])('%s %s in %s is %j', (date, time, zone, expected) => {
    const moments = momentsOf({ date, time }, zone);
    expect(moments.map((at) => new Date(at).toISOString().slice(0, 16))).toEqual(expected);
    for (const at of moments) expect(localTimeOf(at, zone)).toEqual({ date, time });
  });

  it.each([
    ['2026-02-29', false],
    ['2028-02-29', true],
    ['2026-13-01', false],
    ['26-01-01', false],
    ['2026-1-1', false],
    ['', false],
  ])('%s is a day: %s', (text, is) => expect(isLocalDate(text)).toBe(is));

  it.each([
    ['00:00', true],
    ['23:59', true],
    ['24:00', false],
    ['9:00', false],
    ['09:60', false],
    ['', false],
  ])('%s is a time: %s', (text, is) => expect(isLocalTime(text)).toBe(is));
});

describe('the form', () => {
  const read = (changes: Partial<MaintenanceValues>, zone: string | null = zurich) =>
    readMaintenance({ ...noMaintenanceValues, reason: 'Update', ...changes }, now, zone);
  const later = { start: 'later', startDate: '2026-11-25', startTime: '20:00' };

  it.each([
    ['now, for an hour', {}, now, now + hour],
    ['now, for twelve hours', { length: '720' }, now, now + 12 * hour],
    ['later, by the clock of the typist', later, now + 6 * hour, now + 7 * hour],
    ['the minute that runs', { ...later, startTime: '14:00' }, now, now + hour],
    ['with seconds, as some clients send', { ...later, startTime: '20:00:00' }, now + 6 * hour, now + 7 * hour],
    [
      'until an end of one’s own',
      { ...later, length: 'end', endDate: '2026-11-26', endTime: '02:00' },
      now + 6 * hour,
      now + 12 * hour,
    ],
  ])('reads %s', (_, changes, startsAt, endsAt) => {
    expect(read(changes)).toEqual({ kind: 'times', startsAt, endsAt, reason: 'Update' });
  });

  it('reads times as UTC where the zone is not known', () => {
    expect(read({ ...later }, null)).toMatchObject({ startsAt: now + 7 * hour });
  });

  it('takes the first of an hour that comes twice for a start, and the second for an end', () => {
    const at = Date.UTC(2026, 9, 24);
    const values = {
      ...noMaintenanceValues,
      reason: 'x',
      start: 'later',
      startDate: '2026-10-25',
      startTime: '02:30',
      length: 'end',
      endDate: '2026-10-25',
      endTime: '02:30',
    };
    const startsAt = Date.UTC(2026, 9, 25, 0, 30);
    expect(readMaintenance(values, at, zurich)).toMatchObject({ startsAt, endsAt: startsAt + hour });
  });

  it.each([
    ['no start', { start: 'soon' }, { start: 'start-missing' }],
    ['no day', { ...later, startDate: '' }, { startDate: 'date-missing' }],
    ['no time', { ...later, startTime: '' }, { startTime: 'time-missing' }],
    ['a day that is none', { ...later, startDate: '2026-02-30' }, { startDate: 'date-invalid' }],
    ['a time that is none', { ...later, startTime: '25:00' }, { startTime: 'time-invalid' }],
    [
      'a time that is left out',
      { ...later, startDate: '2027-03-28', startTime: '02:30' },
      { startTime: 'time-skipped' },
    ],
    ['a time that is past', { ...later, startTime: '13:58' }, { startTime: 'start-past' }],
    ['a day that is past', { ...later, startDate: '2026-11-20' }, { startDate: 'start-past' }],
    ['a day too far ahead', { ...later, startDate: '2028-01-01' }, { startDate: 'start-far' }],
    ['a length of one’s own', { length: '45' }, { length: 'length-missing' }],
    ['a negative length', { length: '-30' }, { length: 'length-missing' }],
    ['no end', { length: 'end' }, { endDate: 'date-missing', endTime: 'time-missing' }],
    ['an end first', { ...later, length: 'end', endDate: '2026-11-25', endTime: '19:00' }, { endTime: 'end-first' }],
    ['an end too soon', { ...later, length: 'end', endDate: '2026-11-25', endTime: '20:14' }, { endTime: 'too-short' }],
    ['an end too late', { ...later, length: 'end', endDate: '2026-12-03', endTime: '20:00' }, { endDate: 'too-long' }],
    ['no reason', { reason: ' \n ' }, { reason: 'reason-missing' }],
    ['a long reason', { reason: 'x'.repeat(301) }, { reason: 'reason-too-long' }],
    ['a reason that turns its line', { reason: 'a\u202eb' }, { reason: 'reason-invalid' }],
    ['a start and an end', { start: '', length: '' }, { start: 'start-missing', length: 'length-missing' }],
  ])('refuses %s beside its field', (_, changes, errors) => {
    expect(read(changes)).toEqual({ kind: 'errors', errors });
  });
});

const window = (startsAt: number, endsAt: number, changes = {}) => ({
  id: `${startsAt}-${endsAt}`,
  host: 'a',
  startsAt,
  endsAt,
  state: 'announced' as const,
  closed: null,
  ...changes,
});

describe('how a window stands', () => {
  const closedAt = (at: number) => ({ closed: { by: 'ada', byName: 'Ada', at } });
  it.each([
    [9, {}, 'planned'],
    [10, {}, 'running'],
    [19, {}, 'running'],
    [20, {}, 'over'],
    [15, { state: 'asked' }, 'asked'],
    [15, closedAt(5), 'cancelled'],
    [25, closedAt(15), 'ended'],
    // The clock was set back: it was ended all the same.
    [5, closedAt(15), 'ended'],
  ])('at %i with %j it is %s', (at, changes, phase) => {
    const one = window(10, 20, changes);
    expect(phaseOf(one, at)).toBe(phase);
    expect(isOpen(one, at)).toBe(phase === 'planned' || phase === 'running');
  });

  it.each([
    ['none runs', [window(20, 30)], []],
    ['one runs', [window(0, 20)], [['a', 20]]],
    ['two overlap', [window(0, 20), window(15, 40)], [['a', 40]]],
    ['the longer began first', [window(0, 40), window(5, 20)], [['a', 40]]],
    ['one follows at once', [window(20, 50), window(0, 20)], [['a', 50]]],
    ['there is a gap', [window(0, 20), window(21, 50)], [['a', 20]]],
    ['a chain', [window(0, 20), window(18, 25), window(25, 60)], [['a', 60]]],
    ['one is over', [window(0, 10)], []],
    ['one is closed', [window(0, 50, { closed: { by: '', byName: '', at: 5 } }), window(5, 12)], [['a', 12]]],
    ['one is only asked about', [window(0, 50, { state: 'asked' })], []],
    [
      'servers differ',
      [window(0, 20), window(0, 30, { host: 'b' })],
      [
        ['a', 20],
        ['b', 30],
      ],
    ],
  ])('rests at 10 when %s', (_, windows, expected) => {
    expect([...restingHosts(windows, 10)]).toEqual(expected);
  });

  it('names those that share time with it on the same server', () => {
    const mine = window(10, 20);
    const others = [window(0, 10), window(19, 30), window(5, 11), window(5, 30, { host: 'b' }), mine, window(20, 25)];
    expect(overlapping(mine, others, 6).map(({ id }) => id)).toEqual(['5-11', '19-30']);
  });
});

it('takes a year ahead and a week of length, and not more', () => {
  const values = { ...noMaintenanceValues, reason: 'x', start: 'later', startTime: '13:00', startDate: '2027-11-26' };
  expect(readMaintenance(values, now, 'UTC')).toMatchObject({ startsAt: now + 366 * day });
  expect(readMaintenance({ ...values, startTime: '13:01' }, now, 'UTC').kind).toBe('errors');
});
