import type { Params } from './error.ts';
import type { Fault } from './fault.ts';

/** The two languages of Autodiscover: SOAP (`autodiscover.svc`) and POX (`autodiscover.xml`). */
export type DiscoverySource = 'soap' | 'pox';

/** What a step of a search came to; each has a sentence `discovery.NOTE`. */
export const discoveryNotes = [
  'challenged', // asks for authentication: schemes
  'redirected', // location
  'redirected-address', // address
  'already-tried', // location
  'asked-again', // looked at the method first
  'found', // host of the EWS address
  'records', // count, host of the best
  'confirmation-needed', // host
  'declined', // host
  'failed',
] as const;
export type DiscoveryNote = (typeof discoveryNotes)[number];

/** One step of a search for a server, for showing and storing: never a credential, never a query. */
export interface DiscoveryStep {
  /** Epoch ms. */
  readonly at: number;
  /** The address asked, or the DNS name. */
  readonly url: string;
  readonly what: 'probe' | 'http-redirect' | 'srv' | DiscoverySource;
  readonly status: number | null;
  readonly fault: Fault | null;
  readonly note: { readonly code: DiscoveryNote; readonly params: Params };
}

/** The EWS address that Autodiscover named, and who named it when. */
export interface FoundServer {
  readonly serverLocation: string;
  readonly source: DiscoverySource;
  /** Who said so. */
  readonly host: string;
  /** Epoch ms. */
  readonly foundAt: number;
}

/** The search of a draft. Hosts are those outside the address' domain that asked for the credential, with what the admin said. */
export interface Discovery {
  readonly state: 'searching' | 'confirm-host' | 'found' | 'failed';
  /** Of `confirm-host`: who asks for the credential. */
  readonly askedHost: string | null;
  readonly confirmedHosts: readonly string[];
  readonly declinedHosts: readonly string[];
  readonly found: FoundServer | null;
  readonly fault: Fault | null;
  readonly trace: readonly DiscoveryStep[];
}

/** What a search came to. */
export type DiscoveryReport =
  | { readonly kind: 'found'; readonly found: FoundServer; readonly trace: readonly DiscoveryStep[] }
  /** A host outside the address' domain asks for the credential: the admin decides, then the search is run again. */
  | { readonly kind: 'confirm-host'; readonly host: string; readonly trace: readonly DiscoveryStep[] }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly trace: readonly DiscoveryStep[] };

export const newSearch: Discovery = {
  state: 'searching',
  askedHost: null,
  confirmedHosts: [],
  declinedHosts: [],
  found: null,
  fault: null,
  trace: [],
};
