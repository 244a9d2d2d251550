import type { SecretTarget } from './secret-target.ts';

/** The one-time form for a password, a certificate or a client secret: its target's scheme says which. The token of the link is never stored: only its hash. */
export interface SecretRequest {
  readonly environmentId: string;
  readonly id: string;
  readonly tokenHash: string;
  readonly draftId: string;
  readonly ownerId: string;
  readonly ownerName: string;
  /** Shown on the form, so that the reader sees what the secret is for. */
  readonly target: SecretTarget;
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
export interface CredentialBinding extends SecretTarget {
  readonly ownerRecord: string;
}

/** What may be shown of a certificate that was handed in. */
export interface CertificateFacts {
  readonly subject: string;
  /** SHA-1 in hex, as the Entra portal shows it. */
  readonly thumbprint: string;
  /** Epoch ms. */
  readonly notAfter: number;
}

/** A secret at rest. */
export interface Credential {
  readonly environmentId: string;
  readonly id: string;
  readonly binding: CredentialBinding;
  readonly envelope: SecretEnvelope;
  /** Of a certificate; null for any other secret. */
  readonly certificate: CertificateFacts | null;
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
