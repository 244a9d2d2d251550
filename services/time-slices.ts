import { setImmediate } from 'node:timers/promises';

/** Work between two turns of the event loop, ms. */
const sliceMs = 4;

/**
 * For work on thousands of records in a process that also answers people: whoever awaits the function that comes back between
 * two pieces hands over once the slice is used up. Reads from memory alone never do, since their promises are settled at once.
 * Others act meanwhile: a commit has to expect what it relies on.
 */
export function timeSlices(): () => Promise<void> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < sliceMs) return;
    await setImmediate();
    started = performance.now();
  };
}
