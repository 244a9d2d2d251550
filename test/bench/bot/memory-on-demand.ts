import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/*
 * Loaded into the bot before its own code (`NODE_OPTIONS=--import`). On SIGUSR2 it collects garbage and prints what is left,
 * and the most since the last time; nothing is collected in between, so that answers are measured as they are.
 */
const everyMs = 20;

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let peakHeap = 0;
  let peakRss = 0;
  const look = (): void => {
    const { heapUsed, rss } = process.memoryUsage();
    peakHeap = Math.max(peakHeap, heapUsed);
    peakRss = Math.max(peakRss, rss);
  };
  setInterval(look, everyMs).unref();
  process.on('SIGUSR2', () => {
    look();
    collect();
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    process.stdout.write(`${JSON.stringify({ memory: { heapUsed, rss, peakHeap, peakRss } })}\n`);
    peakHeap = 0;
    peakRss = 0;
  });
  process.stdout.write(`${JSON.stringify({ memoryOf: process.pid })}\n`);
}
