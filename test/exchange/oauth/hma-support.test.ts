import { expect, it } from 'vitest';
import { hmaSupportFault } from '../../../services/exchange/oauth/hma-support.ts';

it.each([
  ['14.3.123.4', false],
  ['15.0.847.32', false],
  ['15.0.1347.2', false],
  ['15.0.1365.1', true],
  ['15.0.1497.48', true],
  ['15.1.225.42', false],
  ['15.1.1261.35', false],
  ['15.1.1415.2', true],
  ['15.1.2507.66', true],
  ['15.2.221.12', true],
  ['15.2.1748.43', true],
  ['15.2.2562.37', true],
  ['16.0.1.1', true],
])('Exchange %s can do Hybrid Modern Authentication: %s', (build, can) => {
  const fault = hmaSupportFault(build, 'mail.contoso.com');
  expect(fault).toEqual(can ? null : { code: 'HmaNotSupported', params: { host: 'mail.contoso.com', build } });
});

it.each(['', 'x', '15', '15.0', '15.0.x.1', '15.0.1365.1.1'])('%j says nothing', (build) => {
  expect(hmaSupportFault(build)).toBeNull();
});
