import { MailroomError } from '../model/error.ts';

/**
 * A deep-frozen copy that equals what a restart would load: undefined fields are gone, -0 is 0. What JSON would change
 * or lose without a word (NaN, dates, class instances, functions) rejects with `store.not-json` and its path.
 */
export function frozenCopy<T>(value: T): T {
  try {
    return copy(value) as T;
  } catch (error) {
    if (error !== notJson) throw error;
    throw new MailroomError('store.not-json', { path: pathOfProblem(value, '$') ?? '$' });
  }
}

/** Where the problem is, is looked up afterwards: writing a path down for each field would take longer than the copy. */
const notJson = new Error('a value is not JSON');

/** Assigning it would replace the prototype of the copy. */
const forbiddenName = '__proto__';

function copy(value: unknown): unknown {
  if (isScalar(value)) return typeof value === 'number' ? value + 0 : value;
  if (Array.isArray(value)) return Object.freeze(value.map(copy));
  if (!isRecord(value)) throw notJson;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = value[name];
    if (field === undefined) continue;
    if (name === forbiddenName) throw notJson;
    result[name] = copy(field);
  }
  return Object.freeze(result);
}

/** Path of the first thing in it that is not JSON; null: there is none. */
function pathOfProblem(value: unknown, path: string): string | null {
  if (isScalar(value)) return null;
  if (!Array.isArray(value) && !isRecord(value)) return path;
  for (const [name, field] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (field === undefined && !Array.isArray(value)) continue;
    const place = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    const found = name === forbiddenName ? place : pathOfProblem(field, place);
    if (found !== null) return found;
  }
  return null;
}

const isScalar = (value: unknown): value is string | number | boolean | null =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Freezes what JSON.parse gave, in place. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const field of Object.values(value)) deepFreeze(field);
    Object.freeze(value);
  }
  return value;
}
