import type { SrvRecord } from 'node:dns';
import { parseAllowList } from '../../../services/exchange/address-guard.ts';
import { continueSearch, startSearch } from '../../../services/exchange/autodiscover/search.ts';
import {
  searchLimits,
  type Ask,
  type DiscoveryResult,
  type Heard,
  type Subject,
} from '../../../services/exchange/autodiscover/search-state.ts';
import type { WireAnswer } from '../../../services/exchange/wire-answer.ts';
import type { FaultCode } from '../../../services/model/fault-catalogue.ts';

export const subject = (changes: Partial<Subject> = {}): Subject => ({
  address: 'kim@contoso.test',
  domain: 'contoso.test',
  account: 'svc@contoso.test',
  scheme: 'basic',
  confirmedHosts: [],
  declinedHosts: [],
  namedAddresses: new Map(),
  policy: parseAllowList([]),
  ...changes,
});

export const answer = (status: number, body = '', headers: WireAnswer['headers'] = {}): Heard => ({
  kind: 'http',
  result: { answer: { status, headers, body }, fault: null },
});

export const fault = (code: FaultCode, host = 'somewhere.test'): Heard => ({
  kind: 'http',
  result: { answer: null, fault: { code, params: { host } } },
});

/** What an Exchange front end answers to a stranger (facts/exchange.md §6.3). */
export const challenge = (headers: WireAnswer['headers'] = {}): Heard =>
  answer(401, '', {
    'www-authenticate': ['Negotiate', 'NTLM', 'Basic realm="mail.contoso.test"'],
    'x-soap-enabled': 'True',
    'x-wssecurity-enabled': 'True',
    'x-oauth-enabled': 'True',
    'x-owa-version': '15.2.1544.14',
    ...headers,
  });

export const challengeOf = (...schemes: string[]): Heard => challenge({ 'www-authenticate': schemes });
export const withoutSoap = challenge({ 'x-soap-enabled': undefined });
export const moved = (location: string, status = 302): Heard => answer(status, '', { location });
export const servers = (...records: SrvRecord[]): Heard => ({ kind: 'srv', records, fault: null });
export const noServers: Heard = { kind: 'srv', records: null, fault: { code: 'DnsNotFound', params: {} } };

/** An ask as the scripts write it: `GET https://…`, `SOAP https://…`, `PLAIN http://…`, `SRV name`. */
export const wordsOf = (ask: Ask): string => {
  if (ask.kind === 'srv') return `SRV ${ask.name}`;
  if (ask.kind === 'http-redirect') return `PLAIN ${ask.url}`;
  return `${ask.kind === 'probe' ? ask.method : ask.kind.toUpperCase()} ${ask.url}`;
};

export interface ScriptedRun {
  readonly result: DiscoveryResult;
  readonly asks: readonly Ask[];
  /** The asks in words, short. */
  readonly words: readonly string[];
}

/** Runs a search against a function; throws beyond the cap, which no answer may make it pass. */
export function runSearch(about: Subject, respond: (ask: Ask, index: number) => Heard): ScriptedRun {
  const asks: Ask[] = [];
  let turn = startSearch(about);
  while (turn.kind === 'ask') {
    asks.push(turn.ask);
    if (asks.length > searchLimits.requests) throw new Error('beyond the cap');
    turn = continueSearch(turn.search, respond(turn.ask, asks.length - 1), 1000 + asks.length);
  }
  return { result: { ...turn.outcome, trace: turn.trace }, asks, words: asks.map(wordsOf) };
}

export type Script = Readonly<Record<string, Heard>>;

/** Runs a search against a world in which only what is written exists. */
export const runScript = (script: Script, changes: Partial<Subject> = {}): ScriptedRun =>
  runSearch(subject(changes), (ask) => {
    const written = script[wordsOf(ask)];
    if (written !== undefined) return written;
    return ask.kind === 'srv' ? noServers : fault('DnsNotFound', new URL(ask.url).hostname);
  });

const service = '/autodiscover/autodiscover';
export const at = (host: string) => ({
  get: `GET https://${host}${service}.xml`,
  getSoap: `GET https://${host}${service}.svc`,
  empty: `POST https://${host}${service}.xml`,
  soap: `SOAP https://${host}${service}.svc`,
  pox: `POX https://${host}${service}.xml`,
  plain: `PLAIN http://${host}${service}.xml`,
  xml: `https://${host}${service}.xml`,
  svc: `https://${host}${service}.svc`,
});
