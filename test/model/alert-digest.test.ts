import { describe, expect, it } from 'vitest';
import {
  digestLimits,
  isDigestDue,
  newDigest,
  withEnded,
  withReturning,
  withRun,
} from '../../services/model/alert-digest.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 5, 9);
const empty = newDigest('main', 'c1', 'd1', start);

describe('what a digest gathers', () => {
  it('counts a cause that comes and goes, and keeps its last incident', () => {
    const night = Array.from({ length: 480 }, (_, index) => `i${index}`);
    const digest = night.reduce((sum, id) => withEnded(sum, 'p1~X', id), empty);
    expect(digest).toMatchObject({
      hasNews: true,
      ended: [{ causeId: 'p1~X', incidentId: 'i479', times: 480 }],
      moreEnded: 0,
    });
  });

  it('is bounded in causes, runs and cards that come back, and counts what it leaves out', () => {
    let digest = empty;
    for (let index = 0; index < 1000; index += 1) {
      digest = withEnded(digest, `p${index}~X`, `i${index}`);
      digest = withRun(digest, `r${index}`);
      digest = withReturning(digest, `i${index}`);
    }
    expect(digest.ended).toHaveLength(digestLimits.ended);
    expect(digest.moreEnded).toBe(1000 - digestLimits.ended);
    expect(digest.runs).toHaveLength(digestLimits.runs);
    expect(digest.moreRuns).toBe(1000 - digestLimits.runs);
    expect(digest.returning).toHaveLength(digestLimits.returning);
    expect(JSON.stringify(digest).length).toBeLessThan(8000);
  });

  it('has no news by a card that comes back alone', () => {
    expect(withReturning(withReturning(empty, 'i1'), 'i1')).toEqual({ ...empty, returning: ['i1'] });
  });
});

describe('when a digest goes', () => {
  it.each([
    ['an hour after its first news', null, start + hour, true],
    ['not before', null, start + hour - 1, false],
    ['once after a long stop', null, start + 1000 * hour, true],
    ['at once where it began after now: the clock was set back', null, start - 1, true],
    ['each day at its time', { time: '12:00', timeZone: 'UTC' }, start + 3 * hour, true],
    ['not before that time', { time: '12:00', timeZone: 'UTC' }, start + 3 * hour - 60_000, false],
    ['of a time that was today already: tomorrow', { time: '08:00', timeZone: 'UTC' }, start + 22 * hour, false],
  ] as const)('%s', (_what, time, now, due) => {
    expect(isDigestDue(time, start, now)).toBe(due);
  });
});
