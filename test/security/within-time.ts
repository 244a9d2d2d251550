import { expect } from 'vitest';

/** Far above what honest work takes on a busy machine, far below what a quadratic pattern takes for 100,000 characters. */
const limitMs = 1200;

/** Fails when the work takes long; its own time is the measure, so nothing is waited for. */
export function withinTime<Result>(work: () => Result): Result {
  const startedAt = performance.now();
  const check = (): void => expect(Math.round(performance.now() - startedAt), 'milliseconds').toBeLessThan(limitMs);
  const result = work();
  if (result instanceof Promise) return result.finally(check) as Result;
  check();
  return result;
}
