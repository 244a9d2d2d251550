import { describe, expect, it } from 'vitest';
import { isMailroomError } from '../../services/model/error.ts';
import {
  handle,
  notHandled,
  snoozedUntil,
  type HandlingDeed,
  type IncidentHandling,
} from '../../services/model/incident-handling.ts';

const ada = { aadObjectId: 'ada', name: 'Ada' };
const abe = { aadObjectId: 'abe', name: 'Abe' };
const now = Date.parse('2026-11-25T08:00:00Z');
const hour = 3_600_000;
const byAda = { by: 'ada', byName: 'Ada', at: now };

function after(before: IncidentHandling, deed: HandlingDeed, who = ada, isCritical = false): unknown {
  try {
    return handle(before, deed, who, now, isCritical);
  } catch (error) {
    return isMailroomError(error) ? error.code : error;
  }
}

const seen = { ...notHandled, acknowledged: byAda };
const taken = { ...seen, assigned: { ...byAda, personId: 'ada', personName: 'Ada' } };
const until = now + hour;
const snoozed = { ...notHandled, quiet: { ...byAda, until, agreedByName: null } };
const muted = { ...notHandled, quiet: { ...byAda, until: null, agreedByName: null } };
const asked = { ...notHandled, muteAsked: byAda };
const acknowledge: HandlingDeed = { kind: 'acknowledge' };
const toAda: HandlingDeed = { kind: 'assign', personId: 'ada', personName: 'Ada' };
const toAbe: HandlingDeed = { kind: 'assign', personId: 'abe', personName: 'Abe' };
const mute: HandlingDeed = { kind: 'mute' };
const wake: HandlingDeed = { kind: 'wake' };
const snooze = (end: number): HandlingDeed => ({ kind: 'snooze', until: end });

describe('what a deed makes of an incident', () => {
  it.each<[string, IncidentHandling, HandlingDeed, unknown]>([
    ['acknowledged, with who and when', notHandled, acknowledge, { ...seen, revision: 2 }],
    ['acknowledged once', seen, acknowledge, null],
    ['taken, which acknowledges', notHandled, toAda, { ...taken, revision: 2 }],
    ['taken once', taken, toAda, null],
    [
      'given to somebody who has not seen it',
      notHandled,
      toAbe,
      { ...notHandled, revision: 2, assigned: { ...byAda, personId: 'abe', personName: 'Abe' } },
    ],
    ['snoozed', notHandled, snooze(until), { ...snoozed, revision: 2 }],
    ['snoozed once', snoozed, snooze(until), null],
    [
      'snoozed for longer',
      snoozed,
      snooze(until + hour),
      { ...snoozed, revision: 2, quiet: { ...byAda, until: until + hour, agreedByName: null } },
    ],
    ['no snooze into the past', notHandled, snooze(now), 'incident.snooze-unknown'],
    ['no snooze for good', notHandled, snooze(now + 100 * hour), 'incident.snooze-unknown'],
    ['muted', notHandled, mute, { ...muted, revision: 2 }],
    ['muted once', muted, mute, null],
    ['muted, and heard again', muted, wake, { ...notHandled, revision: 2 }],
    ['not silent, so nothing ends', notHandled, wake, null],
    ['asked to be muted, and taken back', asked, wake, { ...notHandled, revision: 2 }],
  ])('%s', (_, before, deed, expected) => {
    expect(after(before, deed)).toEqual(expected);
  });

  it('takes two people to mute what is critical, and one to snooze it', () => {
    expect(after(notHandled, mute, ada, true)).toEqual({ ...asked, revision: 2 });
    expect(after(asked, mute, ada, true)).toBe('incident.mute-alone');
    expect(after(asked, mute, abe, true)).toEqual({
      ...muted,
      revision: 2,
      quiet: { ...byAda, until: null, agreedByName: 'Abe' },
    });
    expect(after(asked, snooze(until), ada, true)).toEqual({ ...snoozed, revision: 2 });
  });
});

describe('a snooze ends', () => {
  it.each<[string, number, string | null, string]>([
    ['1h', now, null, '2026-11-25T09:00:00.000Z'],
    ['4h', now, 'Asia/Tokyo', '2026-11-25T12:00:00.000Z'],
    ['tomorrow', now, null, '2026-11-26T09:00:00.000Z'],
    ['tomorrow', now, 'Europe/Berlin', '2026-11-26T08:00:00.000Z'],
    // There it is the 26th already.
    ['tomorrow', Date.parse('2026-11-25T16:00:00Z'), 'Asia/Tokyo', '2026-11-27T00:00:00.000Z'],
    ['tomorrow', Date.parse('2026-12-31T12:00:00Z'), 'UTC', '2027-01-01T09:00:00.000Z'],
    // The night in which summer time ends.
    ['tomorrow', Date.parse('2026-10-24T10:00:00Z'), 'Europe/Berlin', '2026-10-25T08:00:00.000Z'],
    // A day that Samoa left out.
    ['tomorrow', Date.parse('2011-12-29T20:00:00Z'), 'Pacific/Apia', '2011-12-30T20:00:00.000Z'],
  ])('%s from %d in %s', (choice, from, zone, end) => {
    expect(new Date(snoozedUntil(choice as '1h', from, zone)).toISOString()).toBe(end);
  });
});
