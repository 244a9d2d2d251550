import { MailroomError } from '../model/error.ts';

/**
 * A deep-frozen copy that equals what a restart would load: undefined fields are gone, -0 is 0. What JSON would change
 * or lose without a word (NaN, dates, class instances, functions) rejects with `store.not-json` and its path.
 */
export function frozenCopy<T>(value: T, path = '$'): T {
  return copy(value, path) as T;
}

function copy(value: unknown, path: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0;
  if (Array.isArray(value)) return Object.freeze(value.map((item, index) => copy(item, `${path}[${index}]`)));
  if (typeof value !== 'object' || !isPlain(value)) throw new MailroomError('store.not-json', { path });
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    // Assigning it would replace the prototype of the copy.
    if (name === '__proto__') throw new MailroomError('store.not-json', { path: `${path}.${name}` });
    result[name] = copy(field, `${path}.${name}`);
  }
  return Object.freeze(result);
}

function isPlain(value: object): boolean {
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
