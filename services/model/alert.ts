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
  /** The most that it hit at once; a recovery leaves nothing else to tell how wide it was. */
  readonly peak: number;
  /** Some of them, for the card: at most `sampleSize`. */
  readonly sample: readonly string[];
  readonly state: 'open' | 'resolved';
  readonly firstAt: number;
  readonly lastAt: number;
  readonly resolvedAt: number | null;
  /** Null while it is open, and where nobody knows. */
  readonly ending: IncidentEnd | null;
  readonly handling: IncidentHandling;
  /** When it is snoozed: the end of that, epoch ms. */
  readonly wakeAt: number | null;
  readonly revision: number;
}

/**
 * What the last mailbox of an incident was well again by: a test that somebody asked for, a later try of the engine, a check
 * at the polling interval, a server that answers again, a new password, or another setting of the mailbox.
 */
export const incidentEndings = ['run', 'retry', 'check', 'server', 'secret', 'change'] as const;

export interface IncidentEnd {
  readonly by: (typeof incidentEndings)[number];
  /** Of a test that somebody asked for. */
  readonly runId: string | null;
}

/** Most of a profile or of a server does not work: whoever silences that silences everything else as well. */
export function isCritical({ causeId }: Pick<Incident, 'causeId'>): boolean {
  return isOfWholeServer(causeId) || profileOfAlarm(causeId) !== null;
}

/** The trouble of a server or of an account: it explains whatever fails behind it. */
export function isOfWholeServer(causeId: string): boolean {
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

/**
 * Fewer than three mailboxes raise no alarm of their profile: of one or two, the alerts of their causes say the same, and two
 * that fail together may be chance.
 */
export const fewestForAlarm = 3;

/** True when more than half fail. */
export function isAlarming(failing: number, total: number): boolean {
  return failing >= fewestForAlarm && failing * 2 > total;
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

const alarmPrefix = 'alarm~';

/** Identity of a profile of which more than half of the mailboxes fail, whatever their faults are. */
export function alarmCauseIdOf(profileId: string): string {
  return `${alarmPrefix}${profileId}`;
}

/** The profile of such a cause; null for every other. */
export function profileOfAlarm(causeId: string): string | null {
  return causeId.startsWith(alarmPrefix) ? causeId.slice(alarmPrefix.length) : null;
}
