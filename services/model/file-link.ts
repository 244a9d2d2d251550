/** A one-time download of one person. The token of the link is never stored: only its hash. */
export interface FileLink {
  readonly environmentId: string;
  /** Part of what the token is derived from: a new link of the same person for the same file has a new one. */
  readonly id: string;
  readonly tokenHash: string;
  readonly kind: 'run-report' | 'history' | 'mailboxes';
  /** The run; `all` for the history; of mailboxes the list that they were exported from. */
  readonly subjectId: string;
  /** Of mailboxes: which ones, as they were counted when the link was made. */
  readonly content?: ExportedMailboxes;
  readonly ownerId: string;
  readonly ownerName: string;
  /** The personal chat that shows it. */
  readonly conversationId: string;
  readonly state: 'open' | 'used';
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface ExportedMailboxes {
  /** The filter that they matched, or '' for those that were selected by hand. */
  readonly filter: string;
  readonly count: number;
  /** None any more when they were downloaded. */
  readonly mailboxIds: readonly string[];
}

export const fileLinkLifetimeMs = 10 * 60 * 1000;
