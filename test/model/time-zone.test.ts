import { expect, it } from 'vitest';
import { timeZoneNamed } from '../../services/model/time-zone.ts';

it('knows time zones by their IANA name, however they are written', () => {
  expect(['Europe/Berlin', 'europe/berlin', 'America/New_York', 'UTC'].map(timeZoneNamed)).toEqual([
    'Europe/Berlin',
    'Europe/Berlin',
    'America/New_York',
    'UTC',
  ]);
  // Twice: what is known is not asked again, and stays itself.
  expect(timeZoneNamed('Europe/Berlin')).toBe('Europe/Berlin');
});

it('takes nothing else, whatever a client sends', () => {
  for (const name of [
    '',
    'Europe/Nowhere',
    '+05:30',
    '-08',
    '../../etc/passwd',
    'UTC\u0000',
    'x'.repeat(5000),
    7,
    null,
    undefined,
    {},
    ['UTC'],
  ])
    expect(timeZoneNamed(name)).toBeNull();
});
