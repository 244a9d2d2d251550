import { describe, expect, it } from 'vitest';
import { paceOf, withSample, type PaceSample } from '../../services/model/run.ts';
import { normal, run as runOf } from '../cards/card-fixtures.ts';

const second = 1000;
const minute = 60 * second;

/** Samples of a run that tests so many mailboxes a second for so long. */
function samplesOf(perSecond: number, seconds: number): readonly PaceSample[] {
  let samples: readonly PaceSample[] = [{ at: 0, done: 0 }];
  for (let at = 1; at <= seconds; at += 1) samples = withSample(samples, at * second, at * perSecond);
  return samples;
}

describe('the samples of a run', () => {
  it('are few, however often a fold comes, and reach back one minute', () => {
    const samples = samplesOf(7, 3600);
    expect(samples.length).toBeLessThanOrEqual(14);
    expect(samples[0]?.at).toBe(3600 * second - minute);
  });

  it('keep the newest one of before the minute when nothing came in between', () => {
    const samples = withSample([{ at: 0, done: 0 }], 10 * minute, 30);
    expect(samples).toEqual([
      { at: 0, done: 0 },
      { at: 10 * minute, done: 30 },
    ]);
  });
});

describe('the pace of a run', () => {
  const run = (changes: Parameters<typeof runOf>[1]) => runOf(normal, { startedAt: 0, total: 10_000, ...changes });

  it('is that of the last minute, and not of the hour before', () => {
    let samples = samplesOf(1, 3600);
    for (let at = 3601; at <= 3720; at += 1) samples = withSample(samples, at * second, 3600 + (at - 3600) * 5);
    const { rate, etaMs } = paceOf(run({ done: 4200, samples }), 3720 * second);
    expect(rate).toBeCloseTo(300);
    expect(etaMs).toBeCloseTo((10_000 - 4200) * 200);
  });

  it('falls when nothing comes any more', () => {
    const stalled = run({ done: 60, samples: samplesOf(1, 60) });
    expect(paceOf(stalled, minute).rate).toBeCloseTo(60);
    expect(paceOf(stalled, 4 * minute).rate).toBeCloseTo(15);
  });

  it('is unknown before there is something to measure, and while the run is paused', () => {
    const unknown = { rate: null, etaMs: null };
    expect(paceOf(run({ done: 0, samples: [] }), minute)).toEqual(unknown);
    expect(paceOf(run({ done: 5, samples: [] }), 999)).toEqual(unknown);
    expect(paceOf(run({ done: 60, samples: samplesOf(1, 60), state: 'paused' }), minute)).toEqual(unknown);
  });

  it('is the average once it has ended, without a time left', () => {
    const ended = run({ state: 'completed', done: 10_000, finishedAt: 10 * minute, samples: samplesOf(1, 60) });
    expect(paceOf(ended, 99 * minute)).toEqual({ rate: 1000, etaMs: null });
  });

  it('is measured from the start in a run of before there were samples', () => {
    expect(paceOf(run({ done: 100, samples: [] }), 2 * minute).rate).toBeCloseTo(50);
  });
});
