import { describe, expect, it } from 'vitest';
import { momentsOf } from '../../services/model/local-time.ts';
import { hasComeSince, isQuiet, quietMinutes } from '../../services/model/quiet-hours.ts';

const berlin = 'Europe/Berlin';
const night = { from: '22:00', to: '07:00', timeZone: berlin };

const at = (date: string, time: string, timeZone = berlin, which = 0): number => {
  const moment = momentsOf({ date, time }, timeZone)[which];
  if (moment === undefined) throw new Error(`no ${date} ${time} in ${timeZone}`);
  return moment;
};

describe('quiet hours', () => {
  it.each([
    ['21:59', false],
    ['22:00', true],
    ['23:59', true],
    ['00:00', true],
    ['06:59', true],
    ['07:00', false],
    ['12:00', false],
  ])('past midnight: at %s quiet is %s', (time, quiet) => {
    expect(isQuiet(night, at('2026-02-10', time))).toBe(quiet);
  });

  it.each([
    ['11:59', false],
    ['12:00', true],
    ['13:59', true],
    ['14:00', false],
    ['00:00', false],
  ])('of one day: at %s quiet is %s', (time, quiet) => {
    expect(isQuiet({ from: '12:00', to: '14:00', timeZone: berlin }, at('2026-02-10', time))).toBe(quiet);
  });

  it('are read by the clock of their own zone', () => {
    const moment = at('2026-02-10', '23:00');
    expect(isQuiet(night, moment)).toBe(true);
    expect(isQuiet({ ...night, timeZone: 'America/New_York' }, moment)).toBe(false);
    expect(isQuiet({ ...night, timeZone: 'Asia/Kolkata' }, moment)).toBe(true);
    expect(isQuiet(null, moment)).toBe(false);
  });

  it('end by the wall on the nights when the clock is moved, an hour shorter and an hour longer', () => {
    const hours = (evening: string, morning: string): number =>
      (at(morning, '07:00') - at(evening, '22:00')) / 3_600_000;
    for (const [evening, morning, long] of [
      ['2026-03-28', '2026-03-29', 8],
      ['2026-10-24', '2026-10-25', 10],
    ] as const) {
      expect(hours(evening, morning)).toBe(long);
      for (let moment = at(evening, '22:00'); moment < at(morning, '07:00'); moment += 60_000)
        expect(isQuiet(night, moment)).toBe(true);
      expect(isQuiet(night, at(morning, '07:00'))).toBe(false);
    }
  });

  it('that lie in the hour that is left out are none that day, and cover both of the hour that comes twice', () => {
    const early = { from: '02:00', to: '03:00', timeZone: berlin };
    const day = at('2026-03-29', '00:00');
    const quiet = Array.from({ length: 23 * 60 }, (_, index) => isQuiet(early, day + index * 60_000));
    expect(quiet).not.toContain(true);
    for (const which of [0, 1]) expect(isQuiet(early, at('2026-10-25', '02:30', berlin, which))).toBe(true);
  });

  it.each([
    ['22:00', '07:00', 540],
    ['12:00', '14:00', 120],
    ['08:00', '07:59', 1439],
    ['08:00', '08:00', 1440],
  ])('from %s to %s last %d minutes', (from, to, minutes) => {
    expect(quietMinutes({ from, to })).toBe(minutes);
  });
});

describe('a time of each day', () => {
  const daily = { time: '08:00', timeZone: berlin };
  it.each([
    ['2026-02-10', '06:00', '2026-02-10', '07:59', false],
    ['2026-02-10', '06:00', '2026-02-10', '08:00', true],
    ['2026-02-10', '08:00', '2026-02-10', '23:59', false],
    ['2026-02-10', '08:00', '2026-02-11', '07:59', false],
    ['2026-02-10', '08:00', '2026-02-11', '08:00', true],
    ['2026-02-10', '23:00', '2026-02-28', '00:00', true],
    ['2026-12-31', '09:00', '2027-01-01', '08:00', true],
  ])('since %s %s has come by %s %s: %s', (date, time, nowDate, nowTime, come) => {
    expect(hasComeSince(daily, at(date, time), at(nowDate, nowTime))).toBe(come);
  });

  it('that is left out comes with the next minute that the wall shows, and one that is shown twice with its first', () => {
    const early = { time: '02:30', timeZone: berlin };
    expect(hasComeSince(early, at('2026-03-28', '12:00'), at('2026-03-29', '01:59'))).toBe(false);
    expect(hasComeSince(early, at('2026-03-28', '12:00'), at('2026-03-29', '03:00'))).toBe(true);
    const first = at('2026-10-25', '02:30', berlin, 0);
    expect(hasComeSince(early, at('2026-10-24', '12:00'), first - 60_000)).toBe(false);
    expect(hasComeSince(early, at('2026-10-24', '12:00'), first)).toBe(true);
    // What happens after it waits for the next day, though the wall shows that time once more.
    expect(hasComeSince(early, first, at('2026-10-25', '02:30', berlin, 1))).toBe(false);
  });

  it('comes also where a zone leaves out a whole day', () => {
    const apia = { time: '08:00', timeZone: 'Pacific/Apia' };
    const since = Date.UTC(2011, 11, 29, 20);
    expect(hasComeSince(apia, since, Date.UTC(2011, 11, 30, 11))).toBe(true);
  });
});
