import type { Fault } from './fault.ts';
import type { ServerIdentity } from './profile.ts';

/** Values of the guided creation of an email server profile, as far as they are answered. */
export interface DraftValues {
  readonly name: string;
  readonly isDefault: boolean;
  readonly serverLocation: string;
  readonly authentication: 'basic' | 'ntlm';
  /** How the account opens a mailbox: as its owner, or with the rights that it has there. */
  readonly access: 'impersonation' | 'delegate';
  readonly userName: string;
  /** A mailbox that the admin names; the check impersonates it. */
  readonly probeAddress: string;
}

export type DraftField = keyof DraftValues;

/** Where the conversation stands: details -> credential -> checking -> review -> saved. */
export type DraftStep = 'details' | 'credential' | 'checking' | 'review' | 'saved' | 'cancelled';

/** What the check does, in this order; a failed one ends it. */
export const checkNames = ['address', 'connect', 'tls', 'authentication', 'version', 'impersonation'] as const;
export type CheckName = (typeof checkNames)[number];

/** One finished check. `seen` is what it saw (address, certificate subject and expiry, schemes, build, folder …). */
export interface Check {
  readonly name: CheckName;
  readonly fault: Fault | null;
  readonly seen: Readonly<Record<string, string | number>>;
  readonly durationMs: number;
}

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
  /** `none`: no password yet. `parked`: posted, waits for the code. `confirmed`: usable. `refused`: wrong, tried once. */
  readonly credential: 'none' | 'parked' | 'confirmed' | 'refused';
  readonly credentialId: string | null;
  readonly checks: readonly Check[];
  readonly server: ServerIdentity | null;
  /** The profile that this draft changes; null: it creates one. The password is entered anew in both cases. */
  readonly editsProfileId: string | null;
  /** Set once saved. */
  readonly profileId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revision: number;
}

/** A draft waits this long for its next answer. */
export const draftLifetimeMs = 24 * 60 * 60 * 1000;
