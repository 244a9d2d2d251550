import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frozenCopy } from '../../services/storage/frozen-json.ts';

describe('the copy of a value that goes into the store', () => {
  test('equals what a restart would load, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('"__proto__"')) return;
        const copy = frozenCopy(value);
        expect(copy).toStrictEqual(JSON.parse(text));
        expect(JSON.stringify(copy)).toBe(text);
      }),
    );
  });

  test('has no undefined fields and no negative zero', () => {
    expect(frozenCopy({ a: undefined, b: { c: undefined, d: -0 } })).toStrictEqual({ b: { d: 0 } });
  });

  test.each([
    ['NaN', Number.NaN],
    ['an infinite number', Number.POSITIVE_INFINITY],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a big integer', 1n],
    ['a function', () => undefined],
    ['undefined in an array', [undefined]],
    ['an object that would change its prototype', JSON.parse('{"__proto__":{"admin":true}}') as unknown],
  ])('refuses %s and says where it is', (_, value) => {
    expect(() => frozenCopy({ list: [{ value }] })).toThrow(
      expect.objectContaining({ code: 'store.not-json', params: { path: expect.stringContaining('$.list[0].value') } }),
    );
  });
});
