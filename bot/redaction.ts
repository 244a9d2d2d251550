import { Secret } from '../services/secrets/secret.ts';

const mask = '[redacted]';
/** Deeper than any object we log on purpose; what is below is left out, so nothing escapes by being deep. */
const maxDepth = 6;
const maxEntries = 200;
const maxText = 4000;

const secretKey =
  /pass(word|wd|phrase)?|pwd|secret|token|authori[sz]ation|bearer|cookie|credential|assertion|api[-_]?key|private[-_]?key|envelope|signature/i;
/** Ids and states of secrets are no secrets, and without them a log line explains nothing. */
const harmlessKey = /(id|ids|state|count|kind|expiresat|status)$/i;

/** A copy that is safe to write: secrets masked by key and by form, activities without what people typed. */
export function redact(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(details, 0, new Set());
}

/** Masks secrets that have a form of their own: private keys, bearer tokens, JWTs, one-time links, `password=…` pairs. */
export function redactText(text: string): string {
  return (text.length > maxText ? `${text.slice(0, maxText)}…` : text)
    .replace(/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, mask)
    .replace(/\b(Bearer|Basic|NTLM|Negotiate)\s+[\w.~+/=-]{8,}/gi, `$1 ${mask}`)
    .replace(/\beyJ[\w-]*\.[\w-]+\.[\w-]*/g, mask)
    .replace(/(\/(?:secrets|files)\/)[\w-]+/g, `$1${mask}`)
    .replace(
      /((?:password|passwd|pwd|secret|token|client_secret|client_assertion)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;}]+)/gi,
      `$1${mask}`,
    );
}

function redactObject(source: object, depth: number, above: Set<object>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source).slice(0, maxEntries)) {
    copy[key] = isSecretEntry(key, value) ? mask : redactValue(key, value, depth + 1, above);
  }
  return copy;
}

function isSecretEntry(key: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return false;
  if (secretKey.test(key)) return !harmlessKey.test(key) || typeof value === 'object';
  // A four-digit confirmation code; fault and error codes are words and stay.
  return /code$/i.test(key) && typeof value === 'string' && /^\d+$/.test(value);
}

function redactValue(key: string, value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return mask;
  if (above.has(value)) return '[circular]';
  if (depth > maxDepth) return '[deep]';
  const within = new Set(above).add(value);
  if (value instanceof Error) return redactError(value, depth, within);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value))
    return value.slice(0, maxEntries).map((entry) => redactValue(key, entry, depth + 1, within));
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  if (key === 'activity' || looksLikeActivity(value)) return summarizeActivity(value);
  // The value of an activity holds everything that was typed into a card, passwords of careless people included.
  if (key === 'value') return '[omitted]';
  return redactObject(value, depth, within);
}

/** Only what an error says of itself: request and response objects hang on the errors of HTTP clients. */
function redactError(error: Error, depth: number, above: Set<object>): Record<string, unknown> {
  const { code, statusCode, params } = error as Error & { code?: unknown; statusCode?: unknown; params?: unknown };
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof statusCode === 'number' ? { statusCode } : {}),
    ...(typeof params === 'object' && params !== null ? { params: redactObject(params, depth, above) } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redactValue('cause', error.cause, depth + 1, above) }),
  };
}

function looksLikeActivity(value: object): boolean {
  return 'channelId' in value && 'conversation' in value && 'type' in value;
}

function summarizeActivity(value: object): Record<string, unknown> {
  const { type, name, id, channelId, conversation } = value as Record<string, unknown>;
  const conversationId =
    typeof conversation === 'object' && conversation !== null && 'id' in conversation ? conversation.id : undefined;
  return { type, name, id, channelId, conversationId };
}
