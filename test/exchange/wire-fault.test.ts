import { describe, expect, test } from 'vitest';
import { AddressRefused } from '../../services/exchange/guarded-lookup.ts';
import { wireFault } from '../../services/exchange/wire-fault.ts';

const failed = (code: string, message = code): Error => Object.assign(new Error(message), { code });

/** What each code means is in the reviewed table (test/model/fault-table.ts). */
describe('an error of the connection', () => {
  test('the first attempt of several counts, and a cause is looked into', () => {
    const refused = failed('ECONNREFUSED');
    expect(wireFault(new AggregateError([refused, failed('ENETUNREACH')]), 'h').code).toBe('ConnectionRefused');
    expect(wireFault(new Error('outer', { cause: refused }), 'h').code).toBe('ConnectionRefused');
  });

  test('a refusal of the address guard comes out as it went in', () => {
    const fault = { code: 'AddressLoopback', params: { host: 'h', address: '127.0.0.1' } } as const;
    expect(wireFault(new Error('outer', { cause: new AddressRefused(fault) }), 'h')).toBe(fault);
  });

  test('a code without a name here shows itself', () => {
    expect(wireFault(failed('ESOMETHINGNEW'), 'h').raw).toBe('ESOMETHINGNEW');
    expect(wireFault('not an error', 'h').raw).toBe('unknown');
  });
});
