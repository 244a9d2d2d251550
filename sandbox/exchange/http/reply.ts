import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Challenge } from '../authentication/front-door.ts';
import { answerHeaders, plainHeaders, unauthorizedHeaders, type Identity } from './wire-headers.ts';
import type { RawHeaders } from './raw-headers.ts';

/** One request and the means to answer it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly identity: Identity;
  /** Called before the first byte of an answer goes out, so that a client never knows more than the log does. */
  readonly onAnswer?: () => void;
  /** Go with every answer: what the sign-in left to say. */
  readonly headers?: RawHeaders;
}

/** Starts an answer with exactly these headers: Node's own Connection and Date would not be IIS's. */
export function writeHead(
  { response, onAnswer, headers: more = [] }: Exchange,
  status: number,
  headers: RawHeaders,
): void {
  response.removeHeader('connection');
  response.sendDate = false;
  response.statusCode = status;
  onAnswer?.();
  response.writeHead(status, [...headers, ...more]);
}

/** An answer of the EWS application, packed where the client takes gzip, as the server's dynamic compression does. */
export function replyXml(exchange: Exchange, status: number, xml: string, operation: string | undefined): void {
  const headers = answerHeaders(exchange.request, exchange.identity, operation);
  // What streams is never packed: a client reads it byte by byte.
  const isStream = operation === 'GetStreamingEvents';
  const takesGzip = !isStream && /\bgzip\b/i.test(exchange.request.headers['accept-encoding'] ?? '');
  writeHead(
    exchange,
    status,
    takesGzip ? [...headers, 'Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding'] : headers,
  );
  // Two writes, so that a client that takes the first chunk for the whole is found out.
  const bytes = takesGzip ? gzipSync(xml) : Buffer.from(xml);
  const half = bytes.length >> 1;
  exchange.response.write(bytes.subarray(0, half));
  exchange.response.end(bytes.subarray(half));
}

export function replyUnauthorized(exchange: Exchange, challenges: readonly Challenge[]): void {
  writeHead(exchange, 401, unauthorizedHeaders(exchange.request, exchange.identity, challenges));
  exchange.response.end();
}

/** An answer by IIS alone; `extra` headers come first. */
export function replyPlain(
  exchange: Exchange,
  status: number,
  body = '',
  extra: RawHeaders = [],
  type = 'text/html',
): void {
  writeHead(exchange, status, [...extra, ...plainHeaders(exchange.identity, body, type)]);
  exchange.response.end(exchange.request.method === 'HEAD' ? undefined : body);
}
