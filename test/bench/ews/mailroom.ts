/** Mailroom's own wire: gate, worker thread, library and transport, as the bot runs them. */
import { readFileSync } from 'node:fs';
import { createExchange } from '../../../services/exchange/exchange.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { addressOf, measure, readPlan, callsPerMailbox } from './plan.ts';

const plan = readPlan();
const exchange = createExchange({
  allowList: ['127.0.0.0/8'],
  extraCa: readFileSync(plan.ca, 'utf8'),
  accountLimit: plan.connections,
});
const profiles = plan.profiles ?? { count: 1, connections: plan.connections };
const accesses = Array.from({ length: profiles.count }, (_unused, index) => ({
  serverLocation: plan.ews,
  account: plan.userName,
  authentication: { scheme: 'ntlm' as const, userName: plan.userName, password: new Secret(plan.password) },
  access: 'impersonation' as const,
  credentialId: `bench-${index}`,
  maxConnections: profiles.connections,
}));

await measure(async (from, to) => {
  const reports = await Promise.all(
    Array.from({ length: to - from }, (_unused, index) =>
      exchange.testMailbox(accesses[index % accesses.length] ?? accesses[0]!, {
        address: addressOf(from + index),
        directions: ['incoming', 'outgoing', 'act'],
        marker: `${plan.round}-${from + index}`,
        lookForMarker: false,
        stamp: null,
      }),
    ),
  );
  return reports.filter(({ phases, calls }) => calls !== callsPerMailbox || phases.some(({ fault }) => fault !== null))
    .length;
}, plan);
await exchange.close();
