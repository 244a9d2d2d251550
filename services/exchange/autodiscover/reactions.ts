import type { Fault } from '../../model/fault.ts';
import type { FaultCode } from '../../model/fault-catalogue.ts';
import { isOffered } from '../ews/http-headers.ts';
import { checkServerLocation, readServerLocation } from '../server-location.ts';
import { hostOf, type Meaning } from './judge-answer.ts';
import {
  asHost,
  authorityOf,
  domainOf,
  endpointAt,
  endpointOf,
  keyOf,
  leadsOf,
  readTarget,
  type Lead,
} from './leads.ts';
import {
  searchLimits,
  type Ask,
  type Current,
  type EndpointLead,
  type Found,
  type Outcome,
  type Search,
} from './search-state.ts';
import { shownTarget, type Note } from './trace.ts';
import { verdictOf } from './verdict.ts';

/** What an answer leads to: a line of the trace, the search as it is then, and how it goes on. */
export interface Reaction {
  readonly note: Note;
  readonly search: Search;
  readonly next:
    | { readonly kind: 'advance' }
    | { readonly kind: 'put'; readonly current: Current }
    | { readonly kind: 'end'; readonly outcome: Outcome };
}

/**
 * Where the two rules about credentials are kept: they go only to hosts that are the domain's own or were confirmed
 * (`challenged`), and after the first refusal nobody else is asked (`stop`).
 */
export function react(search: Search, meaning: Meaning): Reaction {
  const { current } = search;
  switch (meaning.kind) {
    case 'challenge':
      return challenged(search, meaning);
    case 'redirect':
      return redirected(search, meaning.target);
    case 'wrong-method':
      return {
        note: { code: 'asked-again', params: {} },
        search,
        next: { kind: 'put', current: { ...current, ask: { kind: 'probe', method: 'POST', url: urlOf(current.ask) } } },
      };
    case 'settings':
      return settled(search, meaning);
    case 'redirect-address':
      return readdressed(search, meaning.address);
    case 'redirect-url':
      return follow(search, meaning.url, false);
    case 'servers':
      return served(search, meaning.hosts);
    case 'failed':
      return failed(search, meaning.fault);
    case 'stop':
      return {
        note: { code: 'failed', params: {}, fault: meaning.fault },
        search,
        next: { kind: 'end', outcome: { kind: 'fault', fault: meaning.fault } },
      };
  }
}

/** Who gets the credential without a question: by convention, or because the operator says so. */
function ownHosts({ domain, namedAddresses }: Search['subject']): readonly string[] {
  const named = namedAddresses.get(domain);
  const hosts = [domain, `autodiscover.${domain}`];
  return named === undefined ? hosts : [...hosts, authorityOf(new URL(named))];
}

/** The place asks for authentication: is there a scheme in common, and may it have the credential? */
function challenged(search: Search, meaning: Extract<Meaning, { readonly kind: 'challenge' }>): Reaction {
  const { subject, current } = search;
  const { lead } = current;
  const url = urlOf(current.ask);
  const schemes = meaning.schemes.join(', ');
  if (!isOffered(meaning.schemes, subject.scheme) || lead.kind !== 'endpoint') {
    return drop(search, { code: 'AutodiscoverSchemeNotOffered', params: { host: hostOf(url), schemes } }, false);
  }
  const authority = authorityOf(new URL(url));
  const listed = (hosts: readonly string[]): boolean => hosts.some((host) => host.trim().toLowerCase() === authority);
  const isOwn = ownHosts(subject).includes(authority);
  if (!isOwn && listed(subject.declinedHosts)) {
    const fault: Fault = { code: 'AutodiscoverHostDeclined', params: { host: authority } };
    return {
      note: { code: 'declined', params: { host: authority } },
      search: having(search, fault, false),
      next: onwards,
    };
  }
  if (!isOwn && !listed(subject.confirmedHosts)) {
    return {
      note: { code: 'confirmation-needed', params: { host: authority } },
      search,
      next: { kind: 'end', outcome: { kind: 'confirm-host', host: authority } },
    };
  }
  const { pox, soap } = lead.endpoint;
  const useSoap = soap !== null && (meaning.speaksSoap || pox === null);
  const { address } = search;
  const ask: Ask = {
    kind: useSoap ? 'soap' : 'pox',
    url: useSoap ? soap : (pox ?? url),
    address,
    scheme: subject.scheme,
  };
  return {
    note: { code: 'challenged', params: { schemes } },
    search,
    next: { kind: 'put', current: { lead, ask } },
  };
}

function redirected(search: Search, target: string): Reaction {
  const { ask, lead } = search.current;
  const signedIn = ask.kind === 'soap' || ask.kind === 'pox';
  // A sign-in page in front of Exchange, not another Autodiscover.
  if (signedIn && !/\/autodiscover\.(xml|svc)/i.test(target)) {
    const location = shownTarget(target, ask.url);
    return failed(search, { code: 'HttpRedirect', params: { host: hostOf(ask.url), location } });
  }
  return follow(search, target, !signedIn && lead.kind === 'endpoint' && lead.isGuess);
}

/** Goes where a server pointed; there everything starts anew, with a question that carries nothing. */
function follow(search: Search, target: string, isGuess: boolean): Reaction {
  const { ask, lead } = search.current;
  const base = urlOf(ask);
  const host = hostOf(base);
  const location = shownTarget(target, base);
  const url = readTarget(target, base);
  if (url === null) return drop(search, { code: 'AutodiscoverRedirectRefused', params: { host, location } }, isGuess);
  const endpoint = endpointOf(url);
  const key = keyOf(endpoint, search.address);
  const chain = lead.kind === 'endpoint' ? lead.chain : [];
  if (search.hops >= searchLimits.hops || chain.includes(key)) {
    return drop(search, { code: 'AutodiscoverRedirectLoop', params: { host, location } }, isGuess);
  }
  // Reached on another way before, as when plain HTTP leads to the same host's https: it has told what it knows.
  const code = search.visited.includes(key) ? 'already-tried' : 'redirected';
  const hop: Search = {
    ...search,
    hops: search.hops + 1,
    queue: [{ kind: 'endpoint', endpoint, isGuess, chain }, ...search.queue],
  };
  return { note: { code, params: { location } }, search: hop, next: onwards };
}

/** The server knows the mailbox by another address: the search begins again with that one. */
function readdressed(search: Search, address: string): Reaction {
  const host = hostOf(urlOf(search.current.ask));
  const domain = domainOf(address);
  if (domain === null) return failed(search, { code: 'AutodiscoverAnswerInvalid', params: { host } });
  const key = address.toLowerCase();
  if (search.hops >= searchLimits.hops || search.addresses.includes(key)) {
    return drop(search, { code: 'AutodiscoverRedirectLoop', params: { host, location: address } }, false);
  }
  const hop: Search = {
    ...search,
    address,
    addresses: [...search.addresses, key],
    hops: search.hops + 1,
    queue: leadsOf(domain, search.subject.namedAddresses),
  };
  return { note: { code: 'redirected-address', params: { address } }, search: hop, next: onwards };
}

function settled(search: Search, meaning: Extract<Meaning, { readonly kind: 'settings' }>): Reaction {
  const { current, subject } = search;
  const { ask } = current;
  const host = hostOf(urlOf(ask));
  const first = meaning.ewsUrls[0];
  if (first === undefined) return failed(search, { code: 'AutodiscoverUrlMissing', params: { host } });
  const ewsUrl = meaning.ewsUrls.find((url) => checkServerLocation(url, subject.policy) === null);
  const read = ewsUrl === undefined ? null : readServerLocation(ewsUrl);
  if (read === null || read.problem !== null) {
    const location = shownTarget(first, urlOf(ask));
    return failed(search, { code: 'AutodiscoverUrlRefused', params: { host, location } });
  }
  const found: Found = {
    kind: 'found',
    ewsUrl: read.url.href,
    source: ask.kind === 'soap' ? 'soap' : 'pox',
    host,
  };
  const note: Note = { code: 'found', params: { host: read.url.host } };
  return { note, search, next: { kind: 'end', outcome: found } };
}

/** DNS is not signed: its hosts are places like any other, first asked without a credential. */
function served(search: Search, records: Extract<Meaning, { readonly kind: 'servers' }>['hosts']): Reaction {
  const leads = records.flatMap(({ host, port }): EndpointLead[] => {
    const name = asHost(host);
    const url = name === null ? null : readTarget(`https://${name}:${port}/`, 'https://none.invalid/');
    if (url === null) return [];
    return [{ kind: 'endpoint', endpoint: endpointAt(authorityOf(url)), isGuess: false, chain: [] }];
  });
  const best = records[0];
  const params = best === undefined ? { count: 0 } : { count: records.length, host: best.host.slice(0, 253) };
  const queue: readonly Lead[] = [...leads.slice(0, maxServers), ...search.queue];
  return { note: { code: 'records', params }, search: { ...search, queue }, next: onwards };
}

const maxServers = 3;

/** The other language of the same place, if there is one left; otherwise the place is done with. */
function failed(search: Search, fault: Fault): Reaction {
  const { current } = search;
  const { lead, ask } = current;
  const note: Note = { code: 'failed', params: {}, fault };
  if (lead.kind !== 'endpoint') return drop(search, fault, true);
  const { pox, soap } = lead.endpoint;
  if (ask.kind === 'probe' && fault.code === 'HttpNotFound' && ask.url === pox && soap !== null) {
    const other: EndpointLead = { ...lead, endpoint: { pox: null, soap } };
    const probe: Ask = { kind: 'probe', method: 'GET', url: soap };
    return { note, search, next: { kind: 'put', current: { ...current, lead: other, ask: probe } } };
  }
  if (ask.kind === 'soap' && pox !== null) {
    const other: Ask = { kind: 'pox', url: pox, address: search.address, scheme: ask.scheme };
    return { note, search: having(search, fault, false), next: { kind: 'put', current: { ...current, ask: other } } };
  }
  const isPage = ask.kind === 'probe' && fault.code === 'AutodiscoverAnswerInvalid';
  const dropped = drop(search, fault, isPage || (lead.isGuess && ask.kind === 'probe'));
  const isAnswered = dropped.search.findings.some((finding) => authoritative.has(finding.fault.code));
  if (!isAnswered) return dropped;
  const outcome = verdictOf(dropped.search.findings, search.subject.domain);
  return { ...dropped, next: { kind: 'end', outcome } };
}

/**
 * What only a server says that accepted the credential. Its word is the answer: going on would ask an admin about hosts,
 * and show the credential to them, for nothing.
 */
const authoritative: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'AutodiscoverAddressUnknown',
  'AutodiscoverUrlMissing',
  'AutodiscoverUrlRefused',
  'ErrorServerBusy',
]);

function drop(search: Search, fault: Fault, isGuess: boolean): Reaction {
  return {
    note: { code: 'failed', params: {}, fault },
    search: having(search, fault, isGuess),
    next: onwards,
  };
}

const having = (search: Search, fault: Fault, isGuess: boolean): Search => ({
  ...search,
  findings: [...search.findings, { fault, isGuess }],
});

const onwards: Reaction['next'] = { kind: 'advance' };

const urlOf = (ask: Ask): string => (ask.kind === 'srv' ? '' : ask.url);
