import { afterAll, beforeAll, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import { accessTo, allowList, requestFor } from '../exchange/access.ts';

const admitted = 27;
const mailboxes = 150;
let standIn: ExchangeStandIn;
let exchange: GatedExchange;

beforeAll(async () => {
  standIn = await startExchange({ mailboxes, concurrency: admitted, latencyMs: 10 });
  exchange = createExchange({ allowList, extraCa: standIn.caCertificate });
});
afterAll(async () => {
  await exchange.close();
  await standIn.close();
});

test('two profiles of one account fill what Exchange admits and never ask for more, so nobody hears "busy"', async () => {
  // Each of the two would by itself allow more than Exchange does.
  const profiles = [accessTo(standIn, { maxConnections: 50 }), accessTo(standIn, { maxConnections: 50 })];
  const reports = await Promise.all(
    Array.from({ length: mailboxes }, (_unused, index) =>
      exchange.testMailbox(profiles[index % 2]!, requestFor(`user${index + 1}@contoso.test`)),
    ),
  );
  const requests = standIn.requests();
  expect(requests.filter(({ code }) => code === 'ErrorExceededConnectionCount')).toEqual([]);
  expect(Math.max(...requests.map(({ inFlight }) => inFlight))).toBe(admitted);
  expect(reports.filter(({ phases }) => phases.some(({ fault }) => fault !== null))).toEqual([]);
});

test('where something else uses the account as well, "busy" makes room for it and every mailbox ends well', async () => {
  standIn.resetLog();
  const access = accessTo(standIn, { maxConnections: 50 });
  const busy = { then: { fault: 'ErrorServerBusy', backOffMilliseconds: 50 } } as const;
  standIn.setFaults(
    Array.from({ length: 6 }, (_unused, index) => ({ mailbox: `user${index * 7 + 3}@contoso.test`, to: 2, ...busy })),
  );
  const left = new Map(Array.from({ length: 60 }, (_unused, index) => [`user${index + 1}@contoso.test`, 0]));
  // A test that met "busy" is due again, as the engine makes it; ten times are what a mailbox has.
  while (left.size > 0) {
    await Promise.all(
      [...left].map(async ([address, tries]) => {
        const { phases } = await exchange.testMailbox(access, requestFor(address));
        const codes = phases.flatMap(({ fault }) => fault?.code ?? []);
        expect(codes.every((code) => code === 'ErrorServerBusy')).toBe(true);
        if (codes.length === 0) left.delete(address);
        else left.set(address, tries + 1);
        expect(tries, address).toBeLessThan(9);
      }),
    );
  }
  expect(Math.max(...standIn.requests().map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(admitted);
  expect(exchange.load()[0]?.limit).toBeLessThan(admitted);
});
