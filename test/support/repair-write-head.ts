import { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

/**
 * restify replaces `writeHead` of every server in its process by one that returns nothing. Tests share a process, so that
 * the small servers of other tests, which write `writeHead(404).end()`, would fail by the order of the files alone.
 */
createRequire(import.meta.url)('restify');
const repaired = Symbol.for('mailroom writeHead returns its response');
const prototype = ServerResponse.prototype as unknown as Record<symbol, boolean> & {
  writeHead: (...args: unknown[]) => unknown;
};
if (prototype[repaired] !== true) {
  const { writeHead } = prototype;
  prototype.writeHead = function writeHeadAndReturn(this: ServerResponse, ...args: unknown[]) {
    writeHead.apply(this, args);
    return this;
  };
  prototype[repaired] = true;
}
