/**
 * One request for the decision about the mailboxes that became Pending together. The mailboxes name the request
 * (`mailbox.approvalRequestId`); a request for hundreds is one card.
 */
export interface ApprovalRequest {
  readonly environmentId: string;
  readonly id: string;
  readonly requestedBy: string;
  readonly requestedByName: string;
  readonly requestedAt: number;
  /** Where the requester asked; a test that follows the approval shows its run there. */
  readonly conversationId: string;
  /** The import whose mailboxes wait; its card says who has the request. */
  readonly importId?: string;
  readonly total: number;
  readonly pending: number;
  readonly approved: number;
  readonly rejected: number;
  /** Start a test as soon as mailboxes are approved. */
  readonly testWhenApproved: boolean;
  readonly lastDecision: {
    readonly by: string;
    readonly at: number;
    readonly verdict: 'approved' | 'rejected';
    readonly count: number;
    readonly reason: string | null;
  } | null;
  /** Grows with each decision: a click that carries an older one gets the current card. */
  readonly revision: number;
}
