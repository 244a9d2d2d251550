import { describe, expect, it, test } from 'vitest';
import { notHandled } from '../../services/model/incident-handling.ts';
import {
  compareAlerts,
  composeAlertFilter,
  formatAlertFilter,
  parseAlertFilter,
  passesAlertFilter,
} from '../../services/model/alert-filter.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { handledBy, incident, normal } from '../cards/card-fixtures.ts';

const refused = (text: string): unknown => {
  try {
    return parseAlertFilter(text);
  } catch (error) {
    return isMailroomError(error) ? [error.code, error.params] : error;
  }
};

describe('the filter of alerts', () => {
  test.each([
    ['', ''],
    ['all', 'state:all'],
    ['state:resolved all', 'state:resolved'],
    ['LEVEL:Error Quota', 'quota level:error'],
    ['scope:profile nature:TRANSIENT', 'nature:transient scope:server'],
    ['profile:"The ""old"" one" x', 'x profile:"The ""old"" one"'],
    ['code:errorquotaexceeded sort:latest', 'code:ErrorQuotaExceeded sort:latest'],
    ['"all" "a b"', '"a b" state:all'],
  ])('%j is written %j, which reads the same', (text, written) => {
    expect(formatAlertFilter(parseAlertFilter(text))).toBe(written);
    expect(parseAlertFilter(written)).toEqual(parseAlertFilter(text));
  });

  it('answers what it does not know with what there is', () => {
    expect(refused('colour:red')).toEqual(['alert-filter.unknown-key', { key: 'colour' }]);
    expect(refused('level:blue')).toMatchObject(['filter.unknown-value', { allowed: 'error, warning' }]);
    expect(refused('code:quota')).toMatchObject(['alert-filter.unknown-code', { code: 'quota' }]);
    expect(JSON.stringify(refused('code:quota'))).toContain('ErrorQuotaExceeded');
    for (const odd of ['code:constructor', 'code:__proto__', 'state:toString', 'constructor:x'])
      expect(refused(odd)).toMatchObject([expect.stringMatching(/^(alert-)?filter\.unknown-/), {}]);
  });

  it('takes a choice that was changed before what is typed, and leaves one that was not', () => {
    const before = parseAlertFilter('state:acked level:error');
    const typed = parseAlertFilter('quota state:muted level:error');
    const same = { state: 'acked', level: 'error', sort: 'widest' };
    expect(formatAlertFilter(composeAlertFilter(before, typed, same))).toBe('quota level:error state:muted');
    const changed = { state: 'resolved', level: '', sort: 'latest' };
    expect(formatAlertFilter(composeAlertFilter(before, typed, changed))).toBe('quota state:resolved sort:latest');
  });

  it('tells how an alert stands apart', () => {
    const { snoozed, muted } = handledBy(normal);
    const one = (handling = notHandled) => incident(normal, 'ErrorQuotaExceeded', { handling });
    const over = incident(normal, 'ErrorQuotaExceeded', { state: 'resolved', handling: snoozed });
    const passing = (text: string) =>
      Object.entries({ plain: one(), snoozed: one(snoozed), muted: one(muted), over })
        .filter(([, value]) => passesAlertFilter(parseAlertFilter(text), value))
        .map(([name]) => name);
    expect(passing('')).toEqual(['plain', 'snoozed', 'muted']);
    expect(passing('all')).toEqual(['plain', 'snoozed', 'muted', 'over']);
    expect(passing('state:resolved')).toEqual(['over']);
    expect(passing('state:acked')).toEqual(['snoozed', 'muted']);
    expect(passing('state:assigned')).toEqual(['snoozed', 'muted']);
    expect(passing('state:snoozed')).toEqual(['snoozed']);
    expect(passing('state:muted')).toEqual(['muted']);
    expect(passing('level:warning')).toEqual([]);
  });

  it('puts errors before warnings and the widest first; or the latest', () => {
    const narrow = incident(normal, 'ErrorQuotaExceeded', { id: 'B', open: 1, lastAt: 3 });
    const wide = incident(normal, 'ErrorQuotaExceeded', { id: 'A', open: 9, lastAt: 1 });
    const warning = incident(normal, 'ErrorServerBusy', { id: 'C', open: 99, lastAt: 2 });
    const over = incident(normal, 'ErrorQuotaExceeded', { id: 'D', state: 'resolved', peak: 999, resolvedAt: 4 });
    const sorted = (sort: 'widest' | 'latest') =>
      [over, warning, narrow, wide]
        .sort(compareAlerts(sort))
        .map(({ id }) => id)
        .join('');
    expect(sorted('widest')).toBe('ABCD');
    expect(sorted('latest')).toBe('DBCA');
  });
});
