import type { SrvRecord } from 'node:dns';
import type { DiscoverySource, DiscoveryStep } from '../../model/discovery.ts';
import type { Fault } from '../../model/fault.ts';
import type { AddressPolicy } from '../address-guard.ts';
import type { HttpResult, Scheme } from './autodiscover-port.ts';
import type { Lead } from './leads.ts';

/** What a search is about; plain values, no password. */
export interface Subject {
  /** The mailbox whose server is sought. */
  readonly address: string;
  /** Its domain in ASCII: the one host, with its `autodiscover.`, that gets credentials without a question. */
  readonly domain: string;
  /** The user name that signs in, for the sentences. */
  readonly account: string;
  /** The one that the credential may be used with (DESIGN law 3 binds it to its scheme). */
  readonly scheme: Scheme;
  /** Hosts (with port unless 443) that the admin said yes or no to. */
  readonly confirmedHosts: readonly string[];
  readonly declinedHosts: readonly string[];
  /** Addresses that the operator names, by domain: asked first, and the domain's own hosts. */
  readonly namedAddresses: ReadonlyMap<string, string>;
  readonly policy: AddressPolicy;
}

/** The next thing to do. */
export type Ask =
  /** Reads what a place is and what it would accept; carries no credential. */
  | { readonly kind: 'probe'; readonly method: 'GET' | 'POST'; readonly url: string }
  /** Plain HTTP, only for the Location of the answer; carries no credential. */
  | { readonly kind: 'http-redirect'; readonly url: string }
  | { readonly kind: 'srv'; readonly name: string }
  | {
      readonly kind: DiscoverySource;
      readonly url: string;
      readonly address: string;
      readonly scheme: Scheme;
    };

/** What came of it. */
export type Heard =
  | { readonly kind: 'http'; readonly result: HttpResult }
  | { readonly kind: 'srv'; readonly records: readonly SrvRecord[]; readonly fault: null }
  | { readonly kind: 'srv'; readonly records: null; readonly fault: Fault };

export interface Found {
  readonly kind: 'found';
  readonly ewsUrl: string;
  readonly source: DiscoverySource;
  /** Who said so. */
  readonly host: string;
}

export type Outcome =
  | Found
  /** A host outside the address' domain asks for the credential: the admin decides, then the search is run again. */
  | { readonly kind: 'confirm-host'; readonly host: string }
  /** Nothing answers for this domain. */
  | { readonly kind: 'not-found'; readonly fault: Fault }
  | { readonly kind: 'fault'; readonly fault: Fault };

export type DiscoveryResult = Outcome & { readonly trace: readonly DiscoveryStep[] };

/** The place that is being asked now, and what it has told so far. */
export interface Current {
  readonly lead: Lead;
  readonly ask: Ask;
}

/** A search between two steps. */
export interface Search {
  readonly subject: Subject;
  /** The address asked about now: a server may know the mailbox by another one. */
  readonly address: string;
  readonly addresses: readonly string[];
  readonly current: Current;
  readonly queue: readonly Lead[];
  readonly visited: readonly string[];
  readonly hops: number;
  readonly asked: number;
  /** Faults of places that did not lead on, with what they are worth telling. */
  readonly findings: readonly Finding[];
  readonly trace: readonly DiscoveryStep[];
}

export interface Finding {
  readonly fault: Fault;
  readonly isGuess: boolean;
}

export type Turn =
  | { readonly kind: 'ask'; readonly ask: Ask; readonly search: Search }
  | { readonly kind: 'end'; readonly outcome: Outcome; readonly trace: readonly DiscoveryStep[] };

export const searchLimits = {
  /** Redirects of every kind together (RedirectUrl (POX): "should stop redirecting after 10"). */
  hops: 10,
  /** Requests of one search, whatever the answers are. A good search takes 2 to 8. */
  requests: 40,
} as const;

export type EndpointLead = Extract<Lead, { readonly kind: 'endpoint' }>;
