import { randomUUID } from 'node:crypto';
import { resolveSrv } from 'node:dns/promises';
import type { Clock } from '../../model/clock.ts';
import type { Fault } from '../../model/fault.ts';
import type { AddressPolicy } from '../address-guard.ts';
import type { OpenPassword } from '../wire-answer.ts';
import { wireFault } from '../wire-fault.ts';
import type { AutodiscoverHttp, HttpRequest, ResolveSrv } from './autodiscover-port.ts';
import { domainOf } from './leads.ts';
import { poxHeaders, poxQuestion } from './pox.ts';
import type { Ask, DiscoveryResult, Heard, Search } from './search-state.ts';
import { continueSearch, startSearch } from './search.ts';
import { soapHeaders, soapQuestion } from './soap.ts';

export interface DiscoverOptions {
  /** The mailbox whose server is sought. */
  readonly address: string;
  /** User name (UPN or DOMAIN\user) and password, and the one scheme that they are used with. */
  readonly authentication: OpenPassword;
  readonly http: AutodiscoverHttp;
  readonly resolver?: ResolveSrv;
  readonly policy: AddressPolicy;
  readonly clock: Clock;
  /** Hosts outside the address' domain that an admin said yes to for this credential, as `confirm-host` named them. */
  readonly confirmedHosts: readonly string[];
  /** Hosts that an admin said no to: the search goes on past them. */
  readonly declinedHosts?: readonly string[];
  /** Addresses of Autodiscover that the operator names, by domain. */
  readonly namedAddresses?: ReadonlyMap<string, string>;
  /** Of one request. */
  readonly requestDeadlineMs?: number;
  /** Of the whole search. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export const defaultRequestDeadlineMs = 10_000;
export const defaultSearchDeadlineMs = 60_000;

/**
 * Finds the EWS address of a mailbox by Autodiscover. Never rejects for what servers, DNS or certificates do; rejects
 * only when the signal ends it, with its reason. The address found is a proposal: its host gets the credential when the
 * admin takes it into the profile, not before.
 */
export async function discover(options: DiscoverOptions): Promise<DiscoveryResult> {
  const { clock, signal } = options;
  const address = options.address.trim();
  const domain = domainOf(address);
  if (domain === null) {
    return { kind: 'fault', fault: { code: 'ErrorInvalidSmtpAddress', params: { address } }, trace: [] };
  }
  const endsAt = clock.now() + (options.deadlineMs ?? defaultSearchDeadlineMs);
  let turn = startSearch({
    address,
    domain,
    account: options.authentication.userName,
    scheme: options.authentication.scheme,
    confirmedHosts: options.confirmedHosts,
    declinedHosts: options.declinedHosts ?? [],
    namedAddresses: options.namedAddresses ?? new Map(),
    policy: options.policy,
  });
  while (turn.kind === 'ask') {
    signal?.throwIfAborted();
    const leftMs = endsAt - clock.now();
    if (leftMs <= 0) return tooLate(turn.search, domain, options.deadlineMs ?? defaultSearchDeadlineMs);
    const heard = await carryOut(options, turn.ask, leftMs);
    turn = continueSearch(turn.search, heard, clock.now());
  }
  return { ...turn.outcome, trace: turn.trace };
}

function tooLate({ trace }: Search, domain: string, deadlineMs: number): DiscoveryResult {
  const params = { host: domain, seconds: Math.ceil(deadlineMs / 1000) };
  return { kind: 'fault', fault: { code: 'DeadlineExceeded', params }, trace };
}

async function carryOut(options: DiscoverOptions, ask: Ask, leftMs: number): Promise<Heard> {
  const deadlineMs = Math.min(leftMs, options.requestDeadlineMs ?? defaultRequestDeadlineMs);
  if (ask.kind === 'srv') return lookUp(options, ask.name, deadlineMs);
  const { http, signal } = options;
  const plain: HttpRequest = {
    url: ask.url,
    headers: ownHeaders(),
    body: null,
    authentication: null,
    deadlineMs,
    ...(signal === undefined ? {} : { signal }),
  };
  if (ask.kind === 'http-redirect' || (ask.kind === 'probe' && ask.method === 'GET')) {
    return { kind: 'http', result: await http.get(plain) };
  }
  if (ask.kind === 'probe') {
    const headers = { ...plain.headers, ...poxHeaders };
    return { kind: 'http', result: await http.post({ ...plain, headers, body: '' }) };
  }
  const isSoap = ask.kind === 'soap';
  const result = await http.post({
    ...plain,
    headers: {
      ...plain.headers,
      ...(isSoap ? soapHeaders : poxHeaders),
      // Routes the question to the mailbox's own server, as it does for EWS.
      'X-AnchorMailbox': ask.address.replaceAll(/[^\x21-\x7e]/g, ''),
    },
    body: isSoap ? soapQuestion(ask.address, ask.url) : poxQuestion(ask.address),
    authentication: options.authentication,
  });
  return { kind: 'http', result };
}

const ownHeaders = (): Record<string, string> => ({
  'User-Agent': 'Mailroom/0.1',
  Accept: 'text/xml',
  'client-request-id': randomUUID(),
  'return-client-request-id': 'true',
});

/** A resolver takes no deadline and no signal of its own; one that hangs is left behind. */
async function lookUp(options: DiscoverOptions, name: string, deadlineMs: number): Promise<Heard> {
  const { clock, signal, resolver = resolveSrv } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Heard>();
  const failed = (fault: Fault): Heard => ({ kind: 'srv', records: null, fault });
  const callOff = clock.after(deadlineMs, () => resolve(failed({ code: 'DnsFailure', params: { host: name } })));
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = resolver(name).then(
      (records): Heard => ({ kind: 'srv', records, fault: null }),
      (error: unknown) => failed(dnsFault(error, name)),
    );
    return await Promise.race([answer, promise]);
  } finally {
    callOff();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** A name server's own refusals (`ESERVFAIL`, `ETIMEOUT`) are not a connection's. */
function dnsFault(error: unknown, name: string): Fault {
  const fault = wireFault(error, name);
  return fault.code === 'DnsNotFound' ? fault : { code: 'DnsFailure', params: { host: name } };
}
