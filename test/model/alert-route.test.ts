import { describe, expect, it } from 'vitest';
import { serverCauseIdOf, type Incident } from '../../services/model/alert.ts';
import {
  causePauseMs,
  routeOf,
  unheardProfiles,
  wants,
  type AlertPlace,
  type AlertRoute,
} from '../../services/model/alert-route.ts';
import type { Subscription } from '../../services/model/conversation.ts';

const day = Date.UTC(2026, 0, 5, 12);
const midnight = Date.UTC(2026, 0, 5, 23, 30);
const night = { from: '22:00', to: '07:00', timeZone: 'UTC' };

type Wanted = Pick<Subscription, 'alerts' | 'profiles' | 'nature' | 'quietHours'>;
type Hit = Pick<Incident, 'level' | 'nature' | 'state' | 'causeId' | 'profileIds'>;

const all: Wanted = { alerts: 'all', profiles: {}, nature: null, quietHours: null };
const error: Hit = { level: 'error', nature: 'permanent', state: 'open', causeId: 'p1~X', profileIds: ['p1'] };
const warning: Hit = { ...error, level: 'warning', nature: 'transient' };
const outage: Hit = { ...warning, causeId: serverCauseIdOf('mail.contoso.test') };
const unknown = { hasCard: false, shownAt: null };

interface Row {
  readonly what: string;
  readonly channel?: Partial<Wanted>;
  readonly incident: Hit;
  readonly place?: Partial<AlertPlace>;
  readonly now?: number;
  readonly route: AlertRoute;
}

const rows: readonly Row[] = [
  { what: 'a new error', incident: error, route: 'card' },
  { what: 'a new warning', incident: warning, route: 'digest' },
  { what: 'a warning that became an error', incident: { ...warning, level: 'error' }, route: 'card' },
  { what: 'an error that was over before its card', incident: { ...error, state: 'resolved' }, route: 'digest' },
  {
    what: 'the recovery of a card',
    incident: { ...error, state: 'resolved' },
    place: { hasCard: true },
    route: 'card',
  },
  { what: 'a server that is out of reach', incident: outage, route: 'card' },
  { what: 'a warning where errors are wanted', channel: { alerts: 'errors' }, incident: warning, route: 'none' },
  {
    what: 'an outage that warns, where errors are wanted',
    channel: { alerts: 'errors' },
    incident: outage,
    route: 'none',
  },
  { what: 'another nature', channel: { nature: 'transient' }, incident: error, route: 'none' },
  { what: 'the nature that is wanted', channel: { nature: 'permanent' }, incident: error, route: 'card' },
  { what: 'another profile', channel: { alerts: null, profiles: { p2: 'all' } }, incident: error, route: 'none' },
  { what: 'its profile', channel: { alerts: null, profiles: { p1: 'errors' } }, incident: error, route: 'card' },
  { what: 'an error at night', channel: { quietHours: night }, incident: error, now: midnight, route: 'later' },
  { what: 'an error by day', channel: { quietHours: night }, incident: error, route: 'card' },
  { what: 'an outage at night', channel: { quietHours: night }, incident: outage, now: midnight, route: 'card' },
  { what: 'a warning at night', channel: { quietHours: night }, incident: warning, now: midnight, route: 'digest' },
  {
    what: 'a card that stands, at night',
    channel: { quietHours: night },
    incident: error,
    place: { hasCard: true },
    now: midnight,
    route: 'card',
  },
  {
    what: 'a card that stands where it is wanted no more',
    channel: { alerts: null },
    incident: error,
    place: { hasCard: true },
    route: 'card',
  },
  { what: 'a cause that was shown just now', incident: error, place: { shownAt: day - 1 }, route: 'later' },
  { what: 'an outage that comes and goes', incident: outage, place: { shownAt: day - 1 }, route: 'later' },
  { what: 'a cause that was shown before', incident: error, place: { shownAt: day - causePauseMs }, route: 'card' },
  {
    what: 'a cause that was shown before the clock was set back',
    incident: error,
    place: { shownAt: day + 1 },
    route: 'card',
  },
];

describe('where the news of an incident go', () => {
  it.each(rows)('$what: $route', ({ channel, incident, place, now = day, route }) => {
    expect(routeOf({ ...all, ...channel }, incident, { ...unknown, ...place }, now)).toBe(route);
  });
});

describe('what a subscription covers', () => {
  it.each([
    ['errors', [true, false, false]],
    ['warnings', [true, true, false]],
    ['all', [true, true, true]],
    [null, [false, false, false]],
  ] as const)('%s: errors, warnings, information are %j', (alerts, wanted) => {
    const levels = ['error', 'warning', 'information'] as const;
    expect(levels.map((level) => wants({ ...all, alerts }, { ...error, level }))).toEqual(wanted);
  });

  it.each([
    ['error', ['p1'], true],
    ['warning', ['p1'], false],
    ['error', ['p2'], false],
    // A server of several profiles.
    ['error', ['p2', 'p1'], true],
    ['error', ['toString'], false],
  ] as const)('errors of p1: %s of %j is %s', (level, profileIds, wanted) => {
    expect(wants({ ...all, alerts: null, profiles: { p1: 'errors' } }, { ...error, level, profileIds })).toBe(wanted);
  });
});

describe('errors that come to nobody any more', () => {
  const one = { ...all, alerts: null, profiles: { p1: 'errors' } } as const;
  const none = { ...all, alerts: null };
  const permanent = { ...all, nature: 'permanent' } as const;
  it.each([
    ['the last place is gone', [all], [none], ['p1', 'p2']],
    ['another place hears them', [all, all], [none, all], []],
    ['the other place hears one profile', [all, one], [none, one], ['p2']],
    ['the other place hears permanent ones only', [all, permanent], [none, permanent], ['p1', 'p2']],
    ['a level is lowered, but to errors', [all], [{ ...all, alerts: 'errors' }], []],
    ['nobody heard them before', [none], [none], []],
    ['one kind of two is given up', [all], [permanent], ['p1', 'p2']],
  ] as const)('%s', (_what, before, after, unheard) => {
    expect(unheardProfiles(before, after, ['p1', 'p2'])).toEqual(unheard);
  });
});
