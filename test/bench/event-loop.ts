import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { rounded } from './figures.ts';

/** How long turns of the event loop took, ms; and the share of the time in which it was busy. */
export interface LoopFigures {
  readonly longestMs: number;
  readonly over50Ms: number;
  readonly busy: number;
}

/** Watches the event loop of this process: whoever asks something in it waits so long for its turn. */
export function watchLoop(): () => LoopFigures {
  const everyMs = 1;
  let last = performance.now();
  let longest = 0;
  let over = 0;
  const before: EventLoopUtilization = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.now();
    const took = now - last - everyMs;
    last = now;
    longest = Math.max(longest, took);
    if (took > 50) over += 1;
  }, everyMs);
  return () => {
    clearInterval(timer);
    const { utilization } = performance.eventLoopUtilization(before);
    return { longestMs: rounded(longest, 1), over50Ms: over, busy: rounded(utilization) };
  };
}
