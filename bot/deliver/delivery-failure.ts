import { DeliveryError, type DeliveryFailure } from './connector.ts';

/** Codes of a conversation or bot that is not there, with whatever status (facts C5). */
const deadCodes = new Set([
  'BotNotInConversationRoster',
  'ConversationNotFound',
  'MessageWritesBlocked',
  'BotDisabledByAdmin',
  'BotUninstalled',
]);

/** Teams' longest span is an hour. More would be a mistake, or somebody who wants us silent. */
const longestRetryAfterMs = 3_600_000;

/**
 * Reads what a call of the SDK failed with: its RestError has `statusCode`, the connector's code and the response. What
 * is no RestError (a deadline, a broken connection, no token) is `unavailable`: nobody knows whether it arrived.
 */
export function deliveryError(error: unknown, now: number): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const status = numberOf(error, 'statusCode');
  const code = connectorCode(error) ?? (status === null ? transportCode(error) : `HTTP ${status}`);
  return new DeliveryError(kindOf(status, code), code, { retryAfterMs: retryAfterMs(error, now), cause: error });
}

function kindOf(status: number | null, code: string): DeliveryFailure {
  if (code === 'MessageSizeTooBig' || status === 413) return 'too-large';
  if (status === 429 || status === 412) return 'throttled';
  if (status === 403 || deadCodes.has(code)) return 'dead';
  if (status === 404) return 'gone';
  // 401: our credentials are at fault, and the operator will put them right; 408 and 409 pass.
  if (status === null || status >= 500 || status === 401 || status === 408 || status === 409) return 'unavailable';
  return 'rejected';
}

/** `{ error: { code } }` of the body: parsed by the SDK where its schema fits, else as text. */
function connectorCode(error: unknown): string | null {
  const body = field(field(error, 'response'), 'parsedBody') ?? parse(field(field(error, 'response'), 'bodyAsText'));
  const code = field(field(body, 'error'), 'code') ?? field(error, 'code');
  return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : null;
}

function transportCode(error: unknown): string {
  const name = field(error, 'name');
  return typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : 'no answer';
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfterMs(error: unknown, now: number): number | null {
  const headers = field(field(error, 'response'), 'headers');
  const get = field(headers, 'get');
  const text: unknown = typeof get === 'function' ? get.call(headers, 'retry-after') : undefined;
  if (typeof text !== 'string' || text === '') return null;
  if (/^\d+$/.test(text)) return Math.min(longestRetryAfterMs, Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(longestRetryAfterMs, Math.max(0, at - now));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}

function numberOf(value: unknown, name: string): number | null {
  const found = field(value, name);
  return typeof found === 'number' ? found : null;
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
