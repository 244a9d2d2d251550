import type { Fault, FaultNature, FaultScope } from './fault.ts';
import type { FaultCode } from './fault-catalogue.ts';
import type { IncidentHandling } from './incident-handling.ts';
import type { Direction } from './mailbox.ts';

export type AlertLevel = 'information' | 'warning' | 'error';

/** One fault of one mailbox, with the directions it stops. Same fault again: the row is updated, not repeated. */
export interface Alert {
  readonly environmentId: string;
  readonly mailboxId: string;
  readonly directions: readonly Direction[];
  readonly address: string;
  readonly profileId: string;
  /** Same for all alerts of one fault code on one profile, or on one of its two servers. */
  readonly causeId: string;
  readonly fault: Fault;
  readonly level: AlertLevel;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

/** The same cause on the same profile: one card in a channel, however many mailboxes it hits. */
export interface Incident {
  readonly environmentId: string;
  /** One episode of a cause: after a recovery the same cause opens a new incident. */
  readonly id: string;
  readonly causeId: string;
  readonly profileId: string;
  /** All that it hits: a server can have several. */
  readonly profileIds: readonly string[];
  readonly profileName: string;
  readonly code: FaultCode;
  /** A typical fault of it, for the sentence. */
  readonly fault: Fault;
  readonly nature: FaultNature;
  readonly scope: FaultScope;
  readonly level: AlertLevel;
  /** Mailboxes it hits now. */
  readonly open: number;
  /** Of them: enabled ones whose checks wait for a server or for a new password; they lose nothing and need no test. */
  readonly waiting: number;
  /** Some of them, for the card: at most `sampleSize`. */
  readonly sample: readonly string[];
  readonly state: 'open' | 'resolved';
  readonly firstAt: number;
  readonly lastAt: number;
  readonly resolvedAt: number | null;
  readonly handling: IncidentHandling;
  /** When it is snoozed: the end of that, epoch ms. */
  readonly wakeAt: number | null;
  readonly revision: number;
}

/** Nothing of a whole profile or server works: whoever silences that silences everything else as well. */
export function isCritical({ causeId }: Pick<Incident, 'causeId'>): boolean {
  return serverOfCause(causeId) !== null || profileOfAccountCause(causeId) !== null;
}

export const incidentSampleSize = 10;

/** Transient faults warn until the tries are used up; from then on, and for permanent ones, it is an error. */
export function levelOf(nature: FaultNature, triesLeft: boolean): AlertLevel {
  return nature === 'transient' && triesLeft ? 'warning' : 'error';
}

/** Identity of a cause: one fault code on one profile; of its outgoing server alone, where that is another one. */
export function causeIdOf(profileId: string, code: FaultCode, at: 'incoming' | 'outgoing' = 'incoming'): string {
  return at === 'outgoing' ? `${profileId}~${code}~${at}` : `${profileId}~${code}`;
}

/** Identity of a refused sign-in, whatever Exchange called it: the account of the profile is locked out as a whole. */
export function accountCauseIdOf(profileId: string): string {
  return causeIdOf(profileId, 'CredentialRefused');
}

/** The profile of such a cause, or null. */
export function profileOfAccountCause(causeId: string): string | null {
  const [profileId = '', code] = causeId.split('~');
  return code === 'CredentialRefused' ? profileId : null;
}

const serverPrefix = 'server~';

/** Identity of the trouble of a server, whatever its faults are and whichever profiles lead to it. */
export function serverCauseIdOf(host: string): string {
  return `${serverPrefix}${host}`;
}

/** The server of such a cause; null for a cause of mailboxes. */
export function serverOfCause(causeId: string): string | null {
  return causeId.startsWith(serverPrefix) ? causeId.slice(serverPrefix.length) : null;
}
