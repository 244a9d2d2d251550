import { totalmem } from 'node:os';
import type { Clock } from '../model/clock.ts';
import type { Store } from '../storage/store.ts';

/** What tells how near the store is to the limits that it is made for. */
export interface StoreMeter {
  /** Durable writes a second, on average over the last minute. */
  writesPerSecond(): number;
  /** Memory of this process, and what it may have. */
  memory(): { readonly bytes: number; readonly limitBytes: number };
}

const windowMs = 60_000;
const stepMs = 5_000;

interface Step {
  readonly at: number;
  count: number;
}

/** Counts commits as they happen, in a few steps: nothing is kept for a single one. */
export function meterStore(store: Pick<Store, 'onCommit'>, clock: Pick<Clock, 'now'>): StoreMeter {
  let steps: Step[] = [];
  store.onCommit(() => {
    const now = clock.now();
    const last = steps.at(-1);
    // One that lies ahead was counted before the clock was set back.
    if (last !== undefined && last.at > now) steps = [];
    const current = steps.at(-1);
    if (current !== undefined && now - current.at < stepMs) current.count += 1;
    else steps = [...steps.filter(({ at }) => at >= now - windowMs), { at: now, count: 1 }];
  });
  return {
    writesPerSecond() {
      const now = clock.now();
      const recent = steps.filter(({ at }) => at >= now - windowMs && at <= now);
      return recent.reduce((sum, { count }) => sum + count, 0) / (windowMs / 1000);
    },
    memory: processMemory,
  };
}

/** Of the machine, or of the container where that allows less. */
function processMemory(): { bytes: number; limitBytes: number } {
  const allowed = process.constrainedMemory();
  const limitBytes = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  return { bytes: process.memoryUsage.rss(), limitBytes };
}
