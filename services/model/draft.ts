import type { Discovery } from './discovery.ts';
import type { Fault } from './fault.ts';
import type { CertificateSource } from './modern-authentication.ts';
import type { ServerIdentity } from './profile.ts';

/** Values of the guided creation of an email server profile, as far as they are answered. */
export interface DraftValues {
  readonly name: string;
  readonly isDefault: boolean;
  /** Active: the address is found, and a typed one is not read (the platform's 0x8005E205 refuses both together). */
  readonly autodiscover: 'active' | 'inactive';
  /** The EWS address; with Autodiscover empty until a found one was accepted. */
  readonly serverLocation: string;
  /** On: mail is sent by the same server, and a typed address is not read. */
  readonly useSameSettingsForOutgoing: boolean;
  /** The EWS address for outgoing; never beside Autodiscover (0x8005E205). */
  readonly outgoingServerLocation: string;
  readonly authentication: 'basic' | 'ntlm' | 'oauth';
  /** How the account opens a mailbox: as its owner, or with the rights that it has there. */
  readonly access: 'impersonation' | 'delegate';
  /** Of `basic` and `ntlm`. */
  readonly userName: string;
  /** A mailbox that the admin names; the check impersonates it, and Autodiscover looks for its server. */
  readonly probeAddress: string;
  /** Of `oauth`, as in ModernAuthentication; the last three with a vault only. */
  readonly tenant: string;
  readonly clientId: string;
  readonly resource: string;
  readonly certificateSource: CertificateSource;
  readonly vaultUrl: string;
  readonly certificateName: string;
  readonly vaultClientId: string;
  /** The advanced settings, numbers and the day as they were typed; all have a default. */
  readonly description: string;
  readonly minPollingIntervalMinutes: string;
  readonly maxConcurrentConnections: string;
  readonly timeoutMailboxConnectionAfterAmount: string;
  readonly processEmailsReceivedAfter: string;
  readonly moveUndeliveredEmails: boolean;
  readonly sendEmailAlert: boolean;
}

export type DraftField = keyof DraftValues;

export const advancedFields = [
  'description',
  'minPollingIntervalMinutes',
  'maxConcurrentConnections',
  'timeoutMailboxConnectionAfterAmount',
  'processEmailsReceivedAfter',
  'moveUndeliveredEmails',
  'sendEmailAlert',
] as const satisfies readonly DraftField[];

export type AdvancedValues = Pick<DraftValues, (typeof advancedFields)[number]>;

/**
 * Where the conversation stands: details -> (modern-auth, for OAuth) -> credential -> (finding, with Autodiscover) ->
 * checking -> review -> saved. From the review there is a way to `advanced` and back.
 */
export type DraftStep =
  'details' | 'modern-auth' | 'credential' | 'finding' | 'checking' | 'review' | 'advanced' | 'saved' | 'cancelled';

/** What the check does, in this order; a failed one ends it. `token` is for OAuth only. */
export const checkNames = ['address', 'connect', 'tls', 'token', 'authentication', 'version', 'impersonation'] as const;
export type CheckName = (typeof checkNames)[number];

/** One finished check. `seen` is what it saw (address, certificate subject and expiry, schemes, build, folder …). */
export interface Check {
  readonly name: CheckName;
  /** Of the outgoing server, where that is another one; absent: of the server for incoming, or for both. */
  readonly at?: 'outgoing';
  readonly fault: Fault | null;
  readonly seen: Readonly<Record<string, string | number>>;
  readonly durationMs: number;
}

/** Steps at which a draft waits for something: it can be gone on with, and runs out. */
export const openSteps: readonly DraftStep[] = [
  'details',
  'modern-auth',
  'credential',
  'finding',
  'checking',
  'review',
  'advanced',
];

export interface ProfileDraft {
  readonly environmentId: string;
  readonly id: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly ownerTenantId: string;
  /** The conversation in which the step card lives. */
  readonly conversationId: string;
  readonly step: DraftStep;
  readonly values: DraftValues;
  /** What is wrong with a value, by field: a code for `error.*` in locales. */
  readonly errors: Readonly<Partial<Record<DraftField, string>>>;
  /** The open or parked one-time form, if there is one. */
  readonly secretRequestId: string | null;
  /** `none`: no secret yet. `parked`: posted, waits for the code. `confirmed`: usable. `refused`: wrong, tried once. */
  readonly credential: 'none' | 'parked' | 'confirmed' | 'refused';
  readonly credentialId: string | null;
  /** The search by Autodiscover; null until one began. */
  readonly discovery: Discovery | null;
  readonly checks: readonly Check[];
  readonly server: ServerIdentity | null;
  /** The profile that this draft changes; null: it creates one. The secret is entered anew in both cases. */
  readonly editsProfileId: string | null;
  /** The profile whose values this draft began with, without its secret; null: it began empty. */
  readonly copiesProfileId: string | null;
  /** At the step `advanced`: what its values were before, for whoever goes back. */
  readonly advancedBefore: AdvancedValues | null;
  /** Set once saved. */
  readonly profileId: string | null;
  /** Set once saved: how many other profiles of the same account got the new secret too. */
  readonly sharedWith: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revision: number;
}

/** So many profiles of one account can get a new secret in one step. */
export const mostShared = 50;

/** A draft waits this long for its next answer. */
export const draftLifetimeMs = 24 * 60 * 60 * 1000;
