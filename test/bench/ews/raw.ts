/**
 * The measure: posts the same four texts over as many NTLM connections and looks at nothing but the status. No envelope
 * is read, nothing is decided, and the sign-in is another implementation's (@ewsjs/ntlm-client).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Client } from 'undici';
import { recordBodies } from './bodies.ts';
import { addressOf, measure, readPlan, spread } from './plan.ts';

interface NtlmClient {
  createType1Message(workstation: string, domain: string): string;
  decodeType2Message(header: string): unknown;
  createType3Message(type2: unknown, user: string, password: string, workstation: string, domain: string): string;
}

const plan = readPlan();
const require = createRequire(import.meta.url);
const ntlm = require('@ewsjs/ntlm-client') as NtlmClient;
const bodiesOf = await recordBodies();
const { origin, pathname } = new URL(plan.ews);
const connections = Array.from(
  { length: plan.connections },
  () => new Client(origin, { pipelining: 1, connect: { ca: readFileSync(plan.ca, 'utf8'), allowH2: false } }),
);
const [domain = '', user = ''] = plan.userName.split('\\');

async function post(client: Client, address: string, body: string, authorization?: string) {
  const headers = {
    'Content-Type': 'text/xml; charset=utf-8',
    Accept: 'text/xml',
    'X-AnchorMailbox': address,
    ...(authorization === undefined ? {} : { Authorization: authorization }),
  };
  const response = await client.request({ method: 'POST', path: pathname, headers, body });
  await response.body.text();
  return response;
}

async function signIn(client: Client): Promise<void> {
  const first = await post(client, 'a@contoso.test', '', ntlm.createType1Message('', domain));
  const challenge = [first.headers['www-authenticate'] ?? []].flat().find((value) => value.startsWith('NTLM T')) ?? '';
  const type3 = ntlm.createType3Message(ntlm.decodeType2Message(challenge), user, plan.password, '', domain);
  const [body = ''] = bodiesOf(addressOf(0), 'none');
  const { statusCode } = await post(client, addressOf(0), body, type3);
  if (statusCode !== 200) throw new Error(`raw client: ${statusCode} instead of a sign-in`);
}

await Promise.all(connections.map(signIn));
await measure(
  (from, to) =>
    spread(from, to, plan.connections, async (index, lane) => {
      const client = connections[lane];
      if (client === undefined) return false;
      const address = addressOf(index);
      for (const body of bodiesOf(address, `${plan.round}-${index}`)) {
        if ((await post(client, address, body)).statusCode !== 200) return false;
      }
      return true;
    }),
  plan,
);
await Promise.all(connections.map((client) => client.destroy()));
