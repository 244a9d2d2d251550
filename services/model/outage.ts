import type { AlertLevel } from './alert.ts';
import type { Fault } from './fault.ts';
import { schemeOf, type EmailServerProfile } from './profile.ts';
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

/**
 * What profiles share when it is out of reach: the host with its port. Those that sign in with tokens stand apart, since
 * they also wait for the service that gives them.
 */
export function serverOf(profile: Pick<EmailServerProfile, 'serverLocation' | 'authenticationProtocol'>): string {
  const host = hostOf(profile.serverLocation);
  return schemeOf(profile) === 'oauth' ? `${host} (OAuth)` : host;
}

/** What only this profile waits for: its address, its way to sign in, its account. Others at the same server may be well. */
export function ownPlaceOf(
  profile: Pick<EmailServerProfile, 'id' | 'serverLocation' | 'authenticationProtocol'>,
): string {
  return `${serverOf(profile)} #${profile.id}`;
}

/** What keeps the mailboxes of a profile from being checked, or null. */
export type ProfileTrouble = { readonly kind: 'refused' } | { readonly kind: 'outage'; readonly since: number } | null;

/** The host in such a name, for people. */
export const hostOfPlace = (place: string): string => place.split(' ')[0] ?? place;
