import { expect, test } from 'vitest';
import { judgeAnswer, statusFault } from '../../services/exchange/ews/answer-fault.ts';
import type { WireHeaders } from '../../services/exchange/wire-answer.ts';

/*
 * What a server says is kept with the mailbox, its alert and its outcome, and shown on cards: thousands of copies of it. A
 * hostile or broken one must not decide how large they are.
 */

const context = { host: 'mail.contoso.test', address: 'kim@contoso.test', scheme: 'basic', nowMs: 0 } as const;
const long = 'A'.repeat(500_000);

function soap(status: number, body: string) {
  const text = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
  return judgeAnswer({ status, headers: {}, body: text }, context).fault;
}

test.each([
  [
    'a response code',
    soap(200, `<m ResponseClass="Error"><ResponseCode>${long}</ResponseCode></m><xResponseMessage/>`),
  ],
  [
    'a response code of a message',
    soap(200, `<FResponseMessage ResponseClass="Error"><ResponseCode>${long}</ResponseCode></FResponseMessage>`),
  ],
  ['a fault code', soap(500, `<s:Fault><faultcode>${long}</faultcode><faultstring>${long}</faultstring></s:Fault>`)],
  [
    'values of a message',
    soap(
      500,
      `<s:Fault><faultcode>a</faultcode><detail><MessageXml><Value Name="${long}">${long}</Value></MessageXml></detail></s:Fault>`,
    ),
  ],
])('%s of half a megabyte is kept short', (_name, fault) => {
  expect(JSON.stringify(fault).length).toBeLessThan(1000);
});

const headers: readonly [string, number, WireHeaders][] = [
  ['a thousand schemes', 401, { 'www-authenticate': Array.from({ length: 1000 }, (_, index) => `Scheme${index}`) }],
  ['a scheme without an end', 401, { 'www-authenticate': `N${'x'.repeat(16_000)}, NTLM` }],
  ['a redirect to a host without an end', 302, { location: `https://${'a.'.repeat(8000)}example/` }],
];

test.each(headers)('%s is kept short', (_name, status, given) => {
  const fault = statusFault({ status, headers: given, body: '' }, context);
  expect(JSON.stringify(fault).length).toBeLessThan(1500);
});

test('a name of a value that is an object’s own member does no harm', () => {
  soap(
    500,
    '<s:Fault><faultcode>a</faultcode><detail><MessageXml><Value Name="__proto__">x</Value><Value Name="constructor">y</Value></MessageXml></detail></s:Fault>',
  );
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  expect({}.constructor).toBe(Object);
});
