import { describe, expect, it } from 'vitest';
import type { Subscription } from '../../services/model/conversation.ts';
import {
  mostProfiles,
  offeredProfiles,
  readSubscription,
  valuesOf,
  type SubscriptionErrors,
  type SubscriptionValues,
} from '../../services/model/subscription-input.ts';

const before: Subscription = {
  environmentId: 'main',
  conversationId: 'c1',
  alerts: 'warnings',
  profiles: {},
  approvals: true,
  nature: null,
  quietHours: null,
  digest: null,
  setBy: 'ada',
  setAt: 0,
  revision: 3,
};
const values = valuesOf(before, 'Europe/Berlin');
const read = (typed: Partial<SubscriptionValues>, of = before, offered = ['p1', 'p2']) =>
  readSubscription({ ...values, ...typed }, of, offered);

describe('the form of a subscription', () => {
  it('shows what holds, and the zone of whoever looks where none is set', () => {
    expect(values).toEqual({
      alerts: 'warnings',
      profiles: '',
      profileAlerts: 'errors',
      nature: 'both',
      quietFrom: '',
      quietTo: '',
      digest: 'hourly',
      digestTime: '08:00',
      timeZone: 'Europe/Berlin',
    });
    expect(valuesOf({ ...before, alerts: null }, null)).toMatchObject({ alerts: 'none', timeZone: 'UTC' });
  });

  it('changes nothing when it is saved as it was shown', () => {
    const set: Subscription = {
      ...before,
      profiles: { p1: 'errors', p2: 'all' },
      nature: 'permanent',
      quietHours: { from: '22:00', to: '07:00', timeZone: 'America/New_York' },
      digest: { time: '06:30', timeZone: 'America/New_York' },
    };
    const { alerts, profiles, nature, quietHours, digest } = set;
    const change = { alerts, profiles, nature, quietHours, digest };
    expect(readSubscription(valuesOf(set, 'Europe/Berlin'), set, ['p1', 'p2'])).toEqual({ kind: 'change', change });
  });

  it('reads everything that is set', () => {
    expect(
      read({
        alerts: 'none',
        nature: 'transient',
        profiles: 'p1,p2',
        profileAlerts: 'all',
        quietFrom: '22:00:00',
        quietTo: ' 07:00 ',
        digest: 'daily',
        digestTime: '07:15',
      }),
    ).toEqual({
      kind: 'change',
      change: {
        alerts: null,
        nature: 'transient',
        profiles: { p1: 'all', p2: 'all' },
        quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
        digest: { time: '07:15', timeZone: 'Europe/Berlin' },
      },
    });
  });

  it.each<[string, Partial<SubscriptionValues>, SubscriptionErrors]>([
    ['an hour that no day has', { quietFrom: '25:00', quietTo: '07:00' }, { quietFrom: 'time-invalid' }],
    ['a minute that no hour has', { quietFrom: '22:00', quietTo: '07:60' }, { quietTo: 'time-invalid' }],
    ['words', { quietFrom: 'late', quietTo: 'early' }, { quietFrom: 'time-invalid', quietTo: 'time-invalid' }],
    ['an end that is the beginning', { quietFrom: '22:00', quietTo: '22:00' }, { quietTo: 'quiet-same' }],
    ['a beginning without an end', { quietFrom: '22:00' }, { quietTo: 'time-missing' }],
    ['an end without a beginning', { quietTo: '07:00' }, { quietFrom: 'time-missing' }],
    ['nearly the whole day', { quietFrom: '08:00', quietTo: '07:00' }, { quietTo: 'quiet-long' }],
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, { timeZone: 'zone-unknown' }],
    ['a zone that is an offset', { timeZone: '+05:30' }, { timeZone: 'zone-unknown' }],
    ['no zone', { timeZone: ' ' }, { timeZone: 'zone-unknown' }],
    ['a daily digest without a time', { digest: 'daily', digestTime: '' }, { digestTime: 'time-missing' }],
    ['a daily digest at no time', { digest: 'daily', digestTime: '8' }, { digestTime: 'time-invalid' }],
    [
      'choices that are none',
      { alerts: 'toString', nature: '', digest: 'never', profileAlerts: 'x' },
      { alerts: 'choose', nature: 'choose', digest: 'choose', profileAlerts: 'choose' },
    ],
  ])('puts what is wrong beside its field: %s', (_what, typed, errors) => {
    expect(read(typed)).toEqual({ kind: 'errors', errors });
  });

  it('takes sixteen quiet hours and not a minute more', () => {
    expect(read({ quietFrom: '16:00', quietTo: '08:00' }).kind).toBe('change');
    expect(read({ quietFrom: '16:00', quietTo: '08:01' }).kind).toBe('errors');
  });

  it('takes no profile that it did not show, and keeps those that had no room', () => {
    const of: Subscription = { ...before, profiles: { hidden: 'all', p1: 'warnings' } };
    const taken = read({ profiles: 'p2,__proto__,other', profileAlerts: 'errors' }, of);
    expect(taken).toMatchObject({ change: { profiles: { hidden: 'all', p2: 'errors' } } });
  });

  it('keeps several levels where they are not touched', () => {
    const of: Subscription = { ...before, profiles: { p1: 'warnings', p2: 'all' } };
    expect(valuesOf(of, null).profileAlerts).toBe('keep');
    const taken = read({ profiles: 'p1,p2', profileAlerts: 'keep' }, of);
    expect(taken).toMatchObject({ change: { profiles: { p1: 'warnings', p2: 'all' } } });
  });

  it('offers a bounded number of profiles, those that are chosen first', () => {
    const profiles = Array.from({ length: 300 }, (_, index) => ({ id: `p${index}` }));
    const offered = offeredProfiles({ profiles: { p299: 'all' } }, profiles);
    expect(offered).toHaveLength(mostProfiles);
    expect(offered[0]).toEqual({ id: 'p299' });
  });
});
