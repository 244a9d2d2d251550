import type { AlertLevel } from './alert.ts';
import type { Fault } from './fault.ts';
import type { Direction } from './mailbox.ts';
import { locationFor, schemeOf, type EmailServerProfile } from './profile.ts';
import { hostOf } from './secret-target.ts';

/** A server that is out of reach, or lets a profile not in: one row as long as checks of enabled mailboxes wait for it. */
export interface Outage {
  readonly environmentId: string;
  /** As `serverOf` or `ownPlaceOf` names it. */
  readonly host: string;
  readonly fault: Fault;
  readonly level: AlertLevel;
  /** Profiles whose mailboxes wait. */
  readonly profileIds: readonly string[];
  readonly profileName: string;
  /** Mailboxes that wait. */
  readonly waiting: number;
  readonly since: number;
}

type AtServer = Pick<EmailServerProfile, 'serverLocation' | 'outgoingServerLocation' | 'authenticationProtocol'>;

/**
 * What profiles share when it is out of reach: the host with its port, of the server that mailboxes are checked at or of
 * that of another direction. Those that sign in with tokens stand apart, since they also wait for the service that gives them.
 */
export function serverOf(profile: AtServer, direction: Direction = 'incoming'): string {
  const host = hostOf(locationFor(profile, direction));
  return schemeOf(profile) === 'oauth' ? `${host} (OAuth)` : host;
}

/** What only this profile waits for: its address, its way to sign in, its account. Others at the same server may be well. */
export function ownPlaceOf(profile: AtServer & Pick<EmailServerProfile, 'id'>): string {
  return `${serverOf(profile)} #${profile.id}`;
}

/** What keeps the mailboxes of a profile from being checked, or null. */
export type ProfileTrouble =
  | { readonly kind: 'refused' }
  | { readonly kind: 'maintenance'; readonly until: number }
  | { readonly kind: 'outage'; readonly since: number }
  | null;

/** The host in such a name, for people. */
export const hostOfPlace = (place: string): string => place.split(' ')[0] ?? place;
