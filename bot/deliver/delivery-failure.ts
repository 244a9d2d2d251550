import { DeliveryError, type DeliveryFailure } from './connector.ts';

/**
 * The platform's words for a place that takes nothing more until somebody there acts (msteams-docs,
 * conversation-messages.md#status-codes-from-bot-conversational-apis; `MessageWritesBlocked` is the older name of
 * `ConversationBlockedByUser`). They are what kills a conversation: a status alone never does.
 */
const deadCodes = new Set([
  'BotDisabledByAdmin',
  'BotNotInConversationRoster',
  'BotUninstalled',
  'ConversationBlockedByUser',
  'ConversationNotFound',
  'ForbiddenOperationException',
  'MessageWritesBlocked',
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
  const named = connectorCode(error);
  const code = named ?? (status === null ? transportCode(error) : `HTTP ${status}`);
  return new DeliveryError(kindOf(status, code, named !== null), code, {
    retryAfterMs: retryAfterMs(error, now),
    cause: error,
  });
}

/** True when Teams did the work, and it is its answer that the SDK could not read. */
export function wasDone(error: unknown): boolean {
  const status = numberOf(error, 'statusCode');
  return status !== null && status >= 200 && status < 300;
}

/** `named`: the connector gave the code itself, so that it was Teams who answered and not something on the way. */
function kindOf(status: number | null, code: string, named: boolean): DeliveryFailure {
  if (code === 'MessageSizeTooBig' || status === 413) return 'too-large';
  if (status === 429 || status === 412) return 'throttled';
  if (deadCodes.has(code)) return 'dead';
  if (status === 404) return 'gone';
  // The conversation has moved to another service address; the next activity that comes from there tells which.
  if (code === 'InvalidBotApiHost') return 'unavailable';
  if (status === 403) return named ? 'rejected' : 'unavailable';
  // 401: our credentials are at fault, and the operator will put them right; 408 and 409 pass; a redirection is not Teams'.
  if (status === null || status < 400 || status >= 500 || status === 401 || status === 408 || status === 409)
    return 'unavailable';
  return 'rejected';
}

/** `{ error: { code } }` of the body: parsed by the SDK where its schema fits, else as text. */
function connectorCode(error: unknown): string | null {
  const response = field(error, 'response');
  const body = field(response, 'parsedBody') ?? parse(field(response, 'bodyAsText'));
  const code = field(field(body, 'error'), 'code');
  return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : null;
}

function transportCode(error: unknown): string {
  const words = [field(error, 'code'), field(error, 'name')];
  return words.find((word): word is string => typeof word === 'string' && /^\w{1,40}$/.test(word)) ?? 'no answer';
}

/** As a date: RFC 9110 §5.6.7. `Date.parse` alone takes nearly everything for one, also `-5`. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Seconds or a date (RFC 9110 §10.2.3); null for whatever is neither, which then has the wait of one without it. */
function retryAfterMs(error: unknown, now: number): number | null {
  const headers = field(field(error, 'response'), 'headers');
  const get = field(headers, 'get');
  const text: unknown = typeof get === 'function' ? get.call(headers, 'retry-after') : undefined;
  if (typeof text !== 'string') return null;
  if (/^\d+$/.test(text)) return Math.min(longestRetryAfterMs, Number(text) * 1000);
  if (!httpDate.test(text)) return null;
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
