import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/*
 * Loaded into the bot before its own code (`NODE_OPTIONS=--import`): every few seconds it collects garbage, in the worker as
 * well, and the main thread prints what is left. The product knows nothing of it.
 */
const everyMs = 3000;

setFlagsFromString('--expose-gc');

/** All that can be collected, and given back to the machine: what is only kept for the next allocation is no memory in use. */
const collect = runInNewContext("() => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })") as () => void;

setInterval(() => {
  collect();
  collect();
  if (!isMainThread) return;
  const { rss, heapUsed, external } = process.memoryUsage();
  const handles = readdirSync('/proc/self/fd').map(targetOf);
  const sockets = handles.filter((target) => target.startsWith('socket:')).length;
  process.stdout.write(
    `${JSON.stringify({ probe: { at: Date.now(), rss, heapUsed, external, sockets, files: handles.length - sockets } })}\n`,
  );
}, everyMs).unref();

/** A handle that was open while the list was read may be closed by now. */
function targetOf(handle: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${handle}`);
  } catch {
    return '';
  }
}
