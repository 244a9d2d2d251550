import type { AlertLevel } from './alert.ts';
import type { Fault } from './fault.ts';
import { schemeOf, type EmailServerProfile } from './profile.ts';
import { hostOf } from './secret-target.ts';

/** A server that is out of reach: there is one row a server as long as checks of enabled mailboxes wait for it. */
export interface Outage {
  readonly environmentId: string;
  /** As `serverOf` names it. */
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
