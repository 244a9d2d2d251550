import type { SrvRecord } from 'node:dns';
import type { Params } from '../../model/error.ts';
import type { Fault } from '../../model/fault.ts';
import type { AddressPolicy } from '../address-guard.ts';
import type { HttpResult, Scheme } from './autodiscover-port.ts';
import type { Lead } from './leads.ts';
import type { Source } from './settings-answer.ts';

/** What a search is about; plain values, no password. */
export interface Subject {
  /** The mailbox whose server is sought. */
  readonly address: string;
  /** Its domain in ASCII: the one host, with its `autodiscover.`, that gets credentials without a question. */
  readonly domain: string;
  /** The user name that signs in, for the sentences. */
  readonly account: string;
  /** Schemes that may be used, the preferred one first. */
  readonly schemes: readonly Scheme[];
  /** Hosts (with port unless 443) that the admin said yes or no to. */
  readonly confirmedHosts: readonly string[];
  readonly declinedHosts: readonly string[];
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
      readonly kind: Source;
      readonly url: string;
      readonly address: string;
      readonly scheme: Scheme;
    };

/** What came of it. */
export type Heard =
  | { readonly kind: 'http'; readonly result: HttpResult }
  | { readonly kind: 'srv'; readonly records: readonly SrvRecord[]; readonly fault: null }
  | { readonly kind: 'srv'; readonly records: null; readonly fault: Fault };

/** What a step came to; a key of sentences, like every code of services. */
export type NoteCode =
  | 'challenged' // asks for authentication: schemes
  | 'redirected' // to: host
  | 'redirected-address' // to: address
  | 'already-tried' // to: host
  | 'asked-again' // looked at the method first
  | 'found' // host of the EWS address
  | 'records' // count, host of the best
  | 'confirmation-needed' // host
  | 'declined' // host
  | 'failed';

/** One step of a search, for showing and storing: never a credential, never a query. */
export interface TraceStep {
  /** Epoch ms. */
  readonly at: number;
  /** The address asked, or the DNS name. */
  readonly url: string;
  readonly what: Ask['kind'];
  readonly status: number | null;
  readonly fault: Fault | null;
  readonly note: { readonly code: NoteCode; readonly params: Params };
}

export interface Found {
  readonly kind: 'found';
  readonly ewsUrl: string;
  readonly source: Source;
  /** Who said so. */
  readonly host: string;
  readonly serverBuild: string | null;
  /** EWS schema versions that the server names; empty when it does not. */
  readonly schemas: readonly string[];
}

export type Outcome =
  | Found
  /** A host outside the address' domain asks for the credential: the admin decides, then the search is run again. */
  | { readonly kind: 'confirm-host'; readonly host: string }
  /** Nothing answers for this domain. */
  | { readonly kind: 'not-found'; readonly fault: Fault }
  | { readonly kind: 'fault'; readonly fault: Fault };

export type DiscoveryResult = Outcome & { readonly trace: readonly TraceStep[] };

/** The place that is being asked now, and what it has told so far. */
export interface Current {
  readonly lead: Lead;
  readonly ask: Ask;
  /** Known once it asked for authentication. */
  readonly scheme: Scheme | null;
  /** `X-OWA-Version` of its challenge. */
  readonly build: string | null;
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
  readonly trace: readonly TraceStep[];
}

export interface Finding {
  readonly fault: Fault;
  readonly isGuess: boolean;
}

export type Turn =
  | { readonly kind: 'ask'; readonly ask: Ask; readonly search: Search }
  | { readonly kind: 'end'; readonly outcome: Outcome; readonly trace: readonly TraceStep[] };

export const searchLimits = {
  /** Redirects of every kind together (RedirectUrl (POX): "should stop redirecting after 10"). */
  hops: 10,
  /** Requests of one search, whatever the answers are. A good search takes 2 to 8. */
  requests: 40,
} as const;

export type EndpointLead = Extract<Lead, { readonly kind: 'endpoint' }>;
