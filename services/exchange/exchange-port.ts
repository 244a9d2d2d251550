import type { DirectoryEntry } from '../model/directory.ts';
import type { DiscoveryReport } from '../model/discovery.ts';
import type { Check } from '../model/draft.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import type { Fault } from '../model/fault.ts';
import type { Direction } from '../model/mailbox.ts';
import type { ModernAuthentication } from '../model/modern-authentication.ts';
import type { ServerIdentity } from '../model/profile.ts';
import type { PhaseResult } from '../model/run.ts';
import type { Secret } from '../secrets/secret.ts';

export interface PasswordAuthentication {
  readonly scheme: 'basic' | 'ntlm';
  readonly userName: string;
  readonly password: Secret;
}

/**
 * Hybrid Modern Authentication. The secret is the certificate with its key (PEM), or the client secret of the vault's app;
 * tokens are acquired, kept by `credentialId` and renewed behind this port.
 */
export interface TokenAuthentication {
  readonly scheme: 'oauth';
  readonly app: ModernAuthentication;
  readonly secret: Secret;
}

export type Authentication = PasswordAuthentication | TokenAuthentication;

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
  /** Longest wait for an answer of a test, within the engine's own limit; absent: that one. */
  readonly timeoutMs?: number;
}

/** One mailbox to test. */
export interface MailboxTestRequest {
  readonly address: string;
  readonly directions: readonly Direction[];
  /** Identifies the test message of this task for good: the same task always has the same marker. */
  readonly marker: string;
  /** An earlier try may have sent the message: look for the marker before sending. */
  readonly lookForMarker: boolean;
  /** Somebody waits for it: it goes before those of thousands that wait at the gate. */
  readonly isUrgent?: boolean;
  /** What ACT stamps the mailbox with; null where the organization does not use stamps. */
  readonly stamp: OrganizationStamp | null;
}

/** Whose mailbox this is for appointments, contacts and tasks, as it is written into the mailbox itself. */
export interface OrganizationStamp {
  /** Unique in the world, since other installations stamp too. */
  readonly organizationId: string;
  /** The stamp of another organization is overwritten instead of failing ACT. */
  readonly takeOver: boolean;
  /** Epoch ms. */
  readonly at: number;
}

/** EWS calls of one mailbox, at most, on every path; a token that was refused at once costs one more. */
export const mostCalls = 8;

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

/** Whose server Autodiscover shall find, and who signs in for it. */
export interface FindServerRequest {
  readonly address: string;
  readonly authentication: PasswordAuthentication;
  readonly credentialId: string;
  /** Hosts outside the address' domain that the admin said yes or no to, as `confirm-host` named them. */
  readonly confirmedHosts: readonly string[];
  readonly declinedHosts: readonly string[];
}

/** A question to the address book: one EWS call. */
export interface DirectoryRequest {
  /** `resolve-names`: whoever has this (beginning of a) name or address. `expand-members`: who is in the list of this address. */
  readonly operation: 'resolve-names' | 'expand-members';
  readonly text: string;
  /** Asks as this mailbox; null: as the account itself, which then needs a mailbox of its own. */
  readonly asMailbox: string | null;
}

export interface DirectoryReport {
  /** Empty when nobody is found, which is no fault. */
  readonly entries: readonly DirectoryEntry[];
  /** False: the server has more than it says (100 for names). */
  readonly isComplete: boolean;
  readonly fault: Fault | null;
}

/** One EWS call that has ended, with its answer or without one. */
export interface EwsCall {
  /** As it is named on the wire, `FindFolder`. */
  readonly operation: string;
  readonly code: FaultCode | 'NoError';
  /** With what signing in takes. */
  readonly durationMs: number;
  /** Its `client-request-id`: with it the call is found in Exchange's own logs. */
  readonly requestId: string;
}

/** The same with its place, for whoever watches. A whole search by Autodiscover counts as one call, `Autodiscover`; one for a token at Entra is `Token`. */
export interface ExchangeCall extends Omit<EwsCall, 'requestId'> {
  /** Host (with port), or `autodiscover:DOMAIN`. */
  readonly server: string;
  /** Null for a search: each of its requests has one of its own. */
  readonly requestId: string | null;
  /** The mailbox under test, and the marker of that test; null while a connection is checked. */
  readonly mailbox: string | null;
  readonly marker: string | null;
}

/**
 * Mailroom's view of Exchange. Never rejects for what a server, a network or a certificate does: that is a fault in the
 * report. Every call has a deadline; `signal` ends it earlier.
 */
export interface Exchange {
  /** Incoming, outgoing, ACT of one mailbox: at most `mostCalls` calls. */
  testMailbox(access: ServerAccess, request: MailboxTestRequest, signal?: AbortSignal): Promise<MailboxTestReport>;
  /** Step by step, ending at the first fault; `onCheck` hears of each finished step. Signs in once. */
  checkConnection(
    access: ServerAccess,
    probeAddress: string,
    onCheck: (checks: readonly Check[]) => void,
    signal?: AbortSignal,
  ): Promise<ConnectionReport>;
  /**
   * Autodiscover. One wrong password is tried once in all; the address found is a proposal, whose host gets the credential
   * when the admin accepts it.
   */
  findServer(request: FindServerRequest, signal?: AbortSignal): Promise<DiscoveryReport>;
  /** Looks into the address book, for a person who waits. */
  askDirectory(access: ServerAccess, request: DirectoryRequest, signal?: AbortSignal): Promise<DirectoryReport>;
  close(): Promise<void>;
}
