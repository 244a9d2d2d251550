import type { IncomingMessage } from 'node:http';

/** IIS lets 64 MiB through to EWS. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Reads a request's body; undefined where it is larger than the limit or the client went away. What is too much is read
 * and forgotten, so that the client can be told; far too much ends the connection.
 */
export async function readBody(request: IncomingMessage, limit = MAX_BODY_BYTES): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) return undefined;
      size += chunk.length;
      if (size > 4 * limit) return undefined;
      if (size > limit) chunks.length = 0;
      else chunks.push(chunk);
    }
  } catch {
    // An aborted upload has nobody left to answer to.
    return undefined;
  }
  return size > limit ? undefined : Buffer.concat(chunks).toString('utf8');
}
