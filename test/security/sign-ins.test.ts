import { afterEach, beforeEach, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import type { ServerAccess } from '../../services/exchange/exchange-port.ts';
import type { Clock } from '../../services/model/clock.ts';
import { accessTo } from '../exchange/access.ts';

/*
 * A domain locks an account after a handful of wrong passwords (law 6), so what counts is what arrives at the server:
 * its own log of sign-ins is the witness.
 */

let standIn: ExchangeStandIn;
let exchange: GatedExchange;
let access: ServerAccess;
let now = 0;
const clock: Clock = {
  now: () => now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

beforeEach(async () => {
  now = Date.now();
  standIn = await startExchange({ mailboxes: 40 });
  access = accessTo(standIn);
  exchange = createExchange({ allowList: ['127.0.0.1/32'], clock, extraCa: standIn.caCertificate });
});

afterEach(async () => {
  await exchange.close();
  await standIn.close();
});

const run = (count: number, by: ServerAccess = access) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      exchange.testMailbox(by, {
        address: `user${index + 1}@contoso.test`,
        directions: ['incoming'],
        marker: `m${index}`,
        lookForMarker: false,
        stamp: null,
      }),
    ),
  );

const wrong = (): number => standIn.signIns().filter(({ outcome }) => outcome !== 'accepted').length;

test('a run of many after the password was changed at Exchange is one wrong sign-in, also minutes after the last good one', async () => {
  await run(20);
  expect(wrong()).toBe(0);
  standIn.setPassword('Another!Pass2');
  now += 60_000;
  const reports = await run(40);
  expect(reports.every(({ phases }) => phases[0]?.fault?.code === 'CredentialRefused')).toBe(true);
  expect(wrong()).toBe(1);
  now += 3_600_000;
  await run(40);
  expect(wrong()).toBe(1);
});

test('two profiles of one account with two wrong passwords are two wrong sign-ins, however many mailboxes they have', async () => {
  standIn.setPassword('Another!Pass2');
  const other = accessTo(standIn);
  await Promise.all([run(20), run(20, other)]);
  await Promise.all([run(20), run(20, other)]);
  expect(wrong()).toBe(2);
});
