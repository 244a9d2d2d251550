/**
 * Program of extra-ca.test.ts: tests one mailbox without a CA of its own, trusting what Node trusts, then ends without
 * closing. Arguments: EWS address. Prints one line.
 */
import { createExchange } from '../../services/exchange/exchange.ts';
import { basic, codesOf, requestFor } from './access.ts';

const exchange = createExchange({ allowList: ['127.0.0.0/8'], deadlineMs: 5000 });
const access = {
  serverLocation: process.argv[2] ?? '',
  account: 'CONTOSO\\svc-mailroom',
  authentication: basic('CONTOSO\\svc-mailroom', 'Sync!Pass1'),
  access: 'impersonation',
  credentialId: 'c1',
  maxConnections: 1,
} as const;
const reports = [];
for (const user of ['user1', 'user2'])
  reports.push(await exchange.testMailbox(access, requestFor(`${user}@contoso.test`)));
console.log(JSON.stringify(reports.map(codesOf)));
