import type { Check } from '../model/draft.ts';
import type { Fault } from '../model/fault.ts';
import type { Direction } from '../model/mailbox.ts';
import type { ServerIdentity } from '../model/profile.ts';
import type { PhaseResult } from '../model/run.ts';
import type { Secret } from '../secrets/secret.ts';

export type Authentication =
  | { readonly scheme: 'basic' | 'ntlm'; readonly userName: string; readonly password: Secret }
  /** A token that is good for at least this call: renewing it is the caller's. */
  | { readonly scheme: 'bearer'; readonly token: Secret };

export type MailboxAccess = 'impersonation' | 'delegate';

/** How to reach a server: what a profile (or a draft) and its credential give. */
export interface ServerAccess {
  /** EWS URL, https only. */
  readonly serverLocation: string;
  /** Who signs in, for sentences and for the gate: the user name, or the app of a token. */
  readonly account: string;
  readonly authentication: Authentication;
  /** As the mailbox (an impersonation header), or as the account itself with the rights that the mailbox gave it. */
  readonly access: MailboxAccess;
  /** Identity of the credential, so that a new one gets a new canary. */
  readonly credentialId: string;
  /** Parallel calls of the profile, 1…300; the gate never admits more than 27 for one account. */
  readonly maxConnections: number;
}

/** One mailbox to test. */
export interface MailboxTestRequest {
  readonly address: string;
  readonly directions: readonly Direction[];
  /** Identifies the test message of this task for good: the same task always has the same marker. */
  readonly marker: string;
  /** An earlier try may have sent the message: look for the marker before sending. */
  readonly lookForMarker: boolean;
}

export interface MailboxTestReport {
  /** One result a requested direction, in order; directions after a fault of the whole mailbox carry the same fault. */
  readonly phases: readonly PhaseResult[];
  readonly markerFound: boolean;
  readonly calls: number;
  /**
   * The server was not asked: its circuit is open after a row of failed connections, and the fault is theirs. It is the
   * server's outage, not a try of this mailbox's (DESIGN, retry and disable).
   */
  readonly circuitOpen: boolean;
}

export interface ConnectionReport {
  readonly checks: readonly Check[];
  readonly server: ServerIdentity | null;
  /** The fault that ended the check, or null when everything is well. */
  readonly fault: Fault | null;
}

/**
 * Mailroom's view of Exchange. Never rejects for what a server, a network or a certificate does: that is a fault in the
 * report. Every call has a deadline; `signal` ends it earlier.
 */
export interface Exchange {
  /** Incoming, outgoing, ACT of one mailbox: at most 8 calls. */
  testMailbox(access: ServerAccess, request: MailboxTestRequest, signal?: AbortSignal): Promise<MailboxTestReport>;
  /** Step by step, ending at the first fault; `onCheck` hears of each finished step. Signs in once. */
  checkConnection(
    access: ServerAccess,
    probeAddress: string,
    onCheck: (checks: readonly Check[]) => void,
    signal?: AbortSignal,
  ): Promise<ConnectionReport>;
  close(): Promise<void>;
}
