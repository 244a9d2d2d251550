import { expect, test } from 'vitest';
import { judgeAddress, parseAllowList } from '../../services/exchange/address-guard.ts';
import { checkServerLocation } from '../../services/exchange/server-location.ts';

const open = parseAllowList([]);

test.each([
  ['64:ff9b:1::a9fe:a9fe', 'AddressLinkLocal'],
  ['64:ff9b:1::7f00:1', 'AddressLoopback'],
  ['64:ff9b:1::e000:1', 'AddressNotAllowed'],
])('a network’s own translation prefix hides no forbidden address: %s', (address, code) => {
  expect(judgeAddress(open, 'mail.contoso.test', address)).toMatchObject({ code });
});

test.each([
  ['https://2130706433/EWS', 'server-location.loopback'],
  ['https://0177.0.0.1/EWS', 'server-location.loopback'],
  ['https://127.1/EWS', 'server-location.loopback'],
  ['https://①②⑦.⓪.⓪.①/EWS', 'server-location.loopback'],
  ['https://localhost./EWS', 'server-location.loopback'],
  ['https://2852039166/', 'server-location.link-local'],
  ['https://0xa9fea9fe/', 'server-location.link-local'],
  ['https://169.254.43518/', 'server-location.link-local'],
])('%s is seen for what it is', (url, problem) => {
  expect(checkServerLocation(url, open)).toBe(problem);
});
