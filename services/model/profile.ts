import type { DiscoveryStep, FoundServer } from './discovery.ts';
import { directions, type Direction } from './mailbox.ts';
import type { ModernAuthentication } from './modern-authentication.ts';

/**
 * The email server profile, with the platform's numbers (table `emailserverprofile`,
 * learn.microsoft.com/power-apps/developer/data-platform/reference/entities/emailserverprofile).
 * Only what Mailroom can carry out today is in the types; the option sets are wider.
 */
export interface EmailServerProfile {
  readonly environmentId: string;
  readonly id: string;
  readonly name: string;
  /** 2 = Exchange Server (Hybrid): what an online organization uses for Exchange on-premises. */
  readonly serverType: 2;
  /** `incomingserverlocation`, the EWS address; with Autodiscover the one that was found and confirmed. */
  readonly serverLocation: string;
  /** Where mail is sent, with the same account; null: `usesamesettingsforoutgoingconnections`. Never beside Autodiscover. */
  readonly outgoingServerLocation: string | null;
  /** `useautodiscover`: who named the address and when; null: it was typed. */
  readonly autodiscover: ProfileDiscovery | null;
  /** 2 = NTLM, 3 = Basic, 4 = OAuth. */
  readonly authenticationProtocol: 2 | 3 | 4;
  /** 1 = credentials specified in the profile, 6 = Exchange Hybrid Modern Auth; the latter goes with OAuth. */
  readonly credentialRetrieval: 1 | 6;
  /** False: delegate access, with the rights that the account has in each mailbox. */
  readonly useImpersonation: boolean;
  /** Service account, best as a UPN; empty with OAuth, whose account is the app. */
  readonly userName: string;
  /** With OAuth and only then. */
  readonly modernAuthentication: ModernAuthentication | null;
  readonly credentialId: string;
  /** Parallel calls for this profile, 1…300 (platform default 10). */
  readonly maxConcurrentConnections: number;
  /** `minpollingintervalinminutes`, 0…1440: at least so long between two checks of a mailbox; 0 = the engine's default. */
  readonly minPollingIntervalMinutes: number;
  /** `timeoutmailboxconnectionafteramount`, 0…100000 ms: longest wait for an answer, within the engine's own limit; 0 = that one. */
  readonly timeoutMailboxConnectionAfterAmount: number;
  readonly description: string;
  /** A day, `2025-01-31`, or null. This and the next one are kept for the platform, which carries them out: Mailroom tests. */
  readonly processEmailsReceivedAfter: string | null;
  readonly moveUndeliveredEmails: boolean;
  /** The owner is told in person when more than half of the mailboxes failed within an hour. */
  readonly sendEmailAlert: boolean;
  readonly state: 'active' | 'inactive';
  /** What the check before saving saw. */
  readonly server: ServerIdentity | null;
  readonly ownerId: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly revision: number;
}

/** How the address of a profile was found. The trace is bounded by the search's own limit of requests. */
export interface ProfileDiscovery extends Omit<FoundServer, 'serverLocation'> {
  readonly trace: readonly DiscoveryStep[];
}

export type ExchangeProduct = '2013' | '2016' | '2019' | 'SE' | 'unknown';

/** What a server says of itself in `ServerVersionInfo`. */
export interface ServerIdentity {
  readonly product: ExchangeProduct;
  /** major.minor.build.revision */
  readonly build: string;
  readonly supported: boolean;
}

/** Limits of the columns (dynamics facts §1.1). */
export const profileLimits = {
  name: 100,
  description: 2000,
  serverLocation: 2084,
  userName: 250,
  password: 250,
  minPollingIntervalMinutes: { least: 0, most: 1440 },
  maxConcurrentConnections: { least: 1, most: 300 },
  timeoutMailboxConnectionAfterAmount: { least: 0, most: 100_000 },
} as const;

/**
 * Names the product behind a build number. Rule and milestones: CSS-Exchange,
 * Shared/Get-ExchangeBuildVersionInformation.ps1. Server-side synchronization needs 2013 SP1 (15.0.847) or later.
 */
export function identifyServer(build: string): ServerIdentity {
  const [major = 0, minor = 0, number = 0] = build.split('.').map(Number);
  if (major !== 15) return { product: 'unknown', build, supported: major > 15 };
  if (minor === 0) return { product: '2013', build, supported: number >= 847 };
  if (minor === 1) return { product: '2016', build, supported: true };
  if (minor === 2) return { product: number >= 2562 ? 'SE' : '2019', build, supported: true };
  return { product: 'unknown', build, supported: true };
}

/** How a profile signs in, by the platform's number. */
export type ProfileScheme = 'ntlm' | 'basic' | 'oauth';

const schemeOfProtocol = { 2: 'ntlm', 3: 'basic', 4: 'oauth' } as const satisfies Record<
  EmailServerProfile['authenticationProtocol'],
  ProfileScheme
>;

export const schemeOf = ({
  authenticationProtocol,
}: Pick<EmailServerProfile, 'authenticationProtocol'>): ProfileScheme => schemeOfProtocol[authenticationProtocol];

export type ProfileLocations = Pick<EmailServerProfile, 'serverLocation' | 'outgoingServerLocation'>;

/** The server of a direction: what is sent goes to the outgoing one, all else to the incoming one. */
export const locationFor = (
  { serverLocation, outgoingServerLocation }: ProfileLocations,
  direction: Direction,
): string => (direction === 'outgoing' ? (outgoingServerLocation ?? serverLocation) : serverLocation);

/** Addresses with the directions that lead there: one for all, or the incoming and then the outgoing server. */
export function serversOf(
  locations: ProfileLocations,
): readonly { readonly serverLocation: string; readonly directions: readonly Direction[] }[] {
  return [...new Set(directions.map((direction) => locationFor(locations, direction)))].map((serverLocation) => ({
    serverLocation,
    directions: directions.filter((direction) => locationFor(locations, direction) === serverLocation),
  }));
}
