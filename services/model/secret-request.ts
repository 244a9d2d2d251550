/** The one-time form for a password. The token of the link is never stored: only its hash. */
export interface SecretRequest {
  readonly environmentId: string;
  readonly id: string;
  readonly tokenHash: string;
  readonly draftId: string;
  readonly ownerId: string;
  readonly ownerName: string;
  /** Shown on the form, so that the reader sees what the password is for. */
  readonly host: string;
  readonly userName: string;
  readonly scheme: CredentialBinding['scheme'];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** open -> parked (form posted) -> confirmed (the actor clicked the right code in chat); or void. */
  readonly state: 'open' | 'parked' | 'confirmed' | 'void';
  /** Shown on the page after the post and asked for in chat: proves that the same person did both. */
  readonly code: string | null;
  readonly wrongCodes: number;
  readonly credentialId: string | null;
  readonly revision: number;
}

export const secretRequestLifetimeMs = 10 * 60 * 1000;

/** What a stored secret is tied to: a change of any of these makes it unusable (associated data of AES-GCM). */
export interface CredentialBinding {
  readonly ownerRecord: string;
  readonly host: string;
  readonly account: string;
  readonly scheme: 'basic' | 'ntlm';
}

/** A secret at rest. */
export interface Credential {
  readonly environmentId: string;
  readonly id: string;
  readonly binding: CredentialBinding;
  readonly envelope: SecretEnvelope;
  readonly setBy: string;
  readonly setAt: number;
  /** Exchange said 401 to it: it is never tried again. */
  readonly refused: boolean;
  readonly revision: number;
}

/** AES-256-GCM, all parts base64. */
export interface SecretEnvelope {
  readonly keyId: string;
  readonly iv: string;
  readonly data: string;
  readonly tag: string;
}
