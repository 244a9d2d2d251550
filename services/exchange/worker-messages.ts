import type { Check } from '../model/draft.ts';
import type { ConnectionReport, MailboxTestReport, MailboxTestRequest } from './exchange-port.ts';

/** What the worker is built with; plain values, since it is copied between threads. */
export interface WorkerSettings {
  readonly allowList: readonly string[];
  readonly deadlineMs: number;
  readonly maxAnswerBytes: number;
  /** PEM, in addition to Node's own roots. */
  readonly extraCa: string | null;
}

/** `ServerAccess` as it crosses into the worker: the only place where the password is open outside the wire itself. */
export interface OpenAccess {
  readonly serverLocation: string;
  readonly userName: string;
  readonly password: string;
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
