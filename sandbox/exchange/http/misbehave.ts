import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { Challenge } from '../authentication/front-door.ts';
import type { WireFault } from '../faults/rule.ts';
import { replyPlain, replyUnauthorized, writeHead, type Exchange } from './reply.ts';
import { answerHeaders } from './wire-headers.ts';

/** Resets the connection under an exchange. */
export type ResetConnection = (exchange: Exchange) => void;

const LOGON_PAGE =
  '<!DOCTYPE html><html><head><title>Outlook</title></head><body><form action="/owa/auth.owa" method="POST"><input name="username"><input name="password" type="password"><br></form></body></html>';
const FILLER = Buffer.alloc(64 * 1024, ' ');

/** The faults that strike after the operation has been carried out. */
export function isAfterwards(fault: WireFault | undefined): fault is 'cut' | 'lost' {
  return fault === 'cut' || fault === 'lost';
}

/** Answers in place of the operation. */
export async function misbehave(
  exchange: Exchange,
  fault: Exclude<WireFault, 'cut' | 'lost'>,
  challenges: readonly Challenge[],
  reset: ResetConnection,
): Promise<void> {
  if (fault === 'html200') replyPlain(exchange, 200, LOGON_PAGE, [], 'text/html; charset=utf-8');
  else if (fault === 'empty500') replyPlain(exchange, 500);
  else if (fault === 'text500') replyPlain(exchange, 500, 'Internal Server Error', [], 'text/plain');
  else if (fault === 'reset') reset(exchange);
  else if (fault === 'hang') return;
  else if ('redirect' in fault) replyPlain(exchange, fault.status ?? 302, '', ['Location', fault.redirect]);
  else if ('gzipBomb' in fault) await flood(exchange, fault.gzipBomb, true);
  else if ('huge' in fault) await flood(exchange, fault.huge, false);
  else if (fault.status === 401) replyUnauthorized(exchange, challenges);
  else {
    const extra = fault.retryAfter === undefined ? [] : ['Retry-After', String(fault.retryAfter)];
    replyPlain(exchange, fault.status, fault.body ?? '', extra);
  }
}

/** Sends the head and half of the body, then resets: the client sees a 200 that never ends well. */
export function cutAnswer(exchange: Exchange, status: number, xml: string, reset: ResetConnection): void {
  writeHead(exchange, status, answerHeaders(exchange.request, exchange.identity, undefined));
  exchange.response.write(xml.slice(0, xml.length >> 1), () => {
    reset(exchange);
  });
}

/** An answer without end, for all a client can tell: white space before an envelope that never comes. */
async function flood(exchange: Exchange, bytes: number, packed: boolean): Promise<void> {
  const headers = answerHeaders(exchange.request, exchange.identity, undefined);
  writeHead(exchange, 200, packed ? [...headers, 'Content-Encoding', 'gzip'] : headers);
  const { response } = exchange;
  const packer = packed ? createGzip({ level: 9 }) : undefined;
  packer?.pipe(response);
  const target = packer ?? response;
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  try {
    for (let left = bytes; left > 0 && !gone.signal.aborted; left -= FILLER.length) {
      if (!target.write(FILLER.subarray(0, Math.min(left, FILLER.length)))) {
        await once(target, 'drain', { signal: gone.signal });
      }
    }
    target.end();
  } catch {
    // The client hung up, which is the right thing for it to do.
    packer?.destroy();
  }
}
