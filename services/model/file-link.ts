/** A one-time download of one person. The token of the link is never stored: only its hash. */
export interface FileLink {
  readonly environmentId: string;
  /** Part of what the token is derived from: a new link of the same person for the same file has a new one. */
  readonly id: string;
  readonly tokenHash: string;
  readonly kind: 'run-report' | 'history';
  /** The run; `all` for the history. */
  readonly subjectId: string;
  readonly ownerId: string;
  readonly ownerName: string;
  /** The personal chat that shows it. */
  readonly conversationId: string;
  readonly state: 'open' | 'used';
  readonly createdAt: number;
  readonly expiresAt: number;
}

export const fileLinkLifetimeMs = 10 * 60 * 1000;
