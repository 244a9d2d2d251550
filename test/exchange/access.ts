import {
  readFaultRules,
  type ExchangeStandIn,
  type FaultAction,
  type FaultRule,
} from '../../sandbox/exchange/index.ts';
import type {
  MailboxTestReport,
  MailboxTestRequest,
  PasswordAuthentication,
  ServerAccess,
} from '../../services/exchange/exchange-port.ts';
import { Secret } from '../../services/secrets/secret.ts';

/** Loopback is reachable only by being listed. */
export const allowList = ['127.0.0.0/8'];

export const basic = (userName: string, password: string): PasswordAuthentication => ({
  scheme: 'basic',
  userName,
  password: new Secret(password),
});

let credentials = 0;

/** Access to a stand-in, with a credential that nobody has tried yet. */
export function accessTo(standIn: ExchangeStandIn, changes: Partial<ServerAccess> = {}): ServerAccess {
  credentials += 1;
  return {
    serverLocation: standIn.ews,
    account: standIn.serviceAccount.userName,
    authentication: basic(standIn.serviceAccount.userName, standIn.serviceAccount.password),
    access: 'impersonation',
    credentialId: `credential-${credentials}`,
    maxConnections: 10,
    ...changes,
  };
}

export function requestFor(address: string, changes: Partial<MailboxTestRequest> = {}): MailboxTestRequest {
  return {
    address,
    directions: ['incoming', 'outgoing', 'act'],
    marker: `m-${address}`,
    lookForMarker: false,
    stamp: null,
    ...changes,
  };
}

/** The codes of a report, direction by direction. */
export const codesOf = ({ phases }: MailboxTestReport): (string | null)[] =>
  phases.map(({ fault }) => fault?.code ?? null);

/** A fault rule of the stand-in for one mailbox. */
export function rule(mailbox: string, action: FaultAction, rest: Partial<FaultRule> = {}): FaultRule[] {
  // By a map: as a literal, an object with this key would look like something to await.
  const fields = new Map<string, unknown>(Object.entries({ mailbox, ...rest }));
  fields.set('then', action);
  return readFaultRules([Object.fromEntries(fields)]);
}
