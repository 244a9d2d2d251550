/** What a bulk command would do, waiting for a yes. It acts on exactly the mailboxes that were counted. */
export interface BulkAction {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly kind: 'apply-defaults' | 'approve' | 'reject' | 'test';
  /** The filter as typed, for the title. */
  readonly filter: string;
  readonly reason: string | null;
  readonly mailboxIds: readonly string[];
  readonly state: 'waiting' | 'done' | 'cancelled';
  readonly createdAt: number;
  readonly revision: number;
}
