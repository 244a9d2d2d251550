import type { Check } from '../model/draft.ts';
import type { DiscoveryResult } from './autodiscover/search-state.ts';
import type {
  ConnectionReport,
  DirectoryReport,
  DirectoryRequest,
  EwsCall,
  FindServerRequest,
  MailboxAccess,
  MailboxTestReport,
  MailboxTestRequest,
} from './exchange-port.ts';
import type { ProxySettings } from './proxy.ts';
import type { OpenAuthentication, OpenPassword } from './wire-answer.ts';

/** What the worker is built with; plain values, since it is copied between threads. */
export interface WorkerSettings {
  readonly allowList: readonly string[];
  readonly deadlineMs: number;
  readonly maxAnswerBytes: number;
  /** PEM, in addition to Node's own roots. */
  readonly extraCa: string | null;
  readonly proxy: ProxySettings | null;
  /** How long Exchange may take to put a sent message into Sent Items before it is looked for once more. */
  readonly sentItemsDelayMs: number;
  /** Addresses of Autodiscover that the operator names, by domain. */
  readonly autodiscoverAddresses: ReadonlyMap<string, string>;
}

/** `ServerAccess` as it crosses into the worker: the only place where the secret is open outside the wire itself. */
export interface OpenAccess {
  readonly serverLocation: string;
  readonly account: string;
  readonly authentication: OpenAuthentication;
  readonly access: MailboxAccess;
  readonly timeoutMs?: number;
}

/** `FindServerRequest` as it crosses. */
export interface OpenSearch extends Pick<FindServerRequest, 'address' | 'confirmedHosts' | 'declinedHosts'> {
  readonly authentication: OpenPassword;
}

export type Command =
  | { readonly kind: 'test'; readonly access: OpenAccess; readonly request: MailboxTestRequest }
  | {
      readonly kind: 'check';
      readonly access: OpenAccess;
      readonly probeAddress: string;
      /** How the token was got, on the other side; null: no token is used. */
      readonly token: Check | null;
    }
  | { readonly kind: 'find'; readonly search: OpenSearch }
  | { readonly kind: 'directory'; readonly access: OpenAccess; readonly request: DirectoryRequest };

/** What a command comes to, by its kind. */
export interface Reports {
  readonly test: MailboxTestReport;
  readonly check: ConnectionReport;
  readonly find: DiscoveryResult;
  readonly directory: DirectoryReport;
}

export type ToWorker =
  | { readonly id: number; readonly command: Command }
  | { readonly id: number; readonly command: { readonly kind: 'abort' } };

export type FromWorker =
  | { readonly id: number; readonly kind: 'progress'; readonly checks: readonly Check[] }
  | { readonly id: number; readonly kind: 'call'; readonly call: EwsCall }
  | { readonly id: number; readonly kind: 'done'; readonly report: Reports[keyof Reports] }
  /** Ended by its abort. */
  | { readonly id: number; readonly kind: 'aborted' }
  /** A defect of ours: the call ended with an error instead of a report. */
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string };
