import type { Check } from '../model/draft.ts';
import type { ConnectionReport, MailboxAccess, MailboxTestReport, MailboxTestRequest } from './exchange-port.ts';
import type { ProxySettings } from './proxy.ts';
import type { OpenAuthentication } from './wire-answer.ts';

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
}

/** `ServerAccess` as it crosses into the worker: the only place where the secret is open outside the wire itself. */
export interface OpenAccess {
  readonly serverLocation: string;
  readonly account: string;
  readonly authentication: OpenAuthentication;
  readonly access: MailboxAccess;
}

export type Command =
  | { readonly kind: 'test'; readonly access: OpenAccess; readonly request: MailboxTestRequest }
  | { readonly kind: 'check'; readonly access: OpenAccess; readonly probeAddress: string };

export type ToWorker =
  | { readonly id: number; readonly command: Command }
  | { readonly id: number; readonly command: { readonly kind: 'abort' } };

export type FromWorker =
  | { readonly id: number; readonly kind: 'progress'; readonly checks: readonly Check[] }
  | { readonly id: number; readonly kind: 'done'; readonly report: MailboxTestReport | ConnectionReport }
  /** Ended by its abort. */
  | { readonly id: number; readonly kind: 'aborted' }
  /** A defect of ours: the call ended with an error instead of a report. */
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string };
