/**
 * A wish to show something somewhere, committed together with the change that caused it. It names a subject, never a
 * rendered card: `bot/deliver` renders at send time, so what is sent is always the latest state.
 *
 * Kinds and their subjects:
 * - `draft`: a ProfileDraft                 - `import`: an ImportBatch
 * - `approval`: an ApprovalRequest          - `run`: the live card of a Run
 * - `approval-question`: an ApprovalRequest, whose requester is asked something
 * - `pending-list`: the requests that wait, of the day that it names
 * - `run-summary`: a finished Run, for alert channels   - `incident`: an Incident
 * - `settings-proposal`: a SettingsProposal             - `role-change`: a RoleChange
 * - `maintenance`: a MaintenanceWindow                  - `status`: the status of the environment, of the day that it names
 * - `directory-lookup`: a DirectoryLookup
 */
export type IntentKind =
  | 'draft'
  | 'import'
  | 'approval'
  | 'approval-question'
  | 'pending-list'
  | 'run'
  | 'run-summary'
  | 'incident'
  | 'settings-proposal'
  | 'role-change'
  | 'directory-lookup'
  | 'maintenance'
  | 'status';

export interface Intent {
  readonly environmentId: string;
  readonly kind: IntentKind;
  readonly subjectId: string;
  /** Audience: one conversation. */
  readonly conversationId: string;
  /** `refresh`: edit the card where it stands. `repost`: take the old one away and post it as the newest message. */
  readonly placement: 'refresh' | 'repost';
  readonly createdAt: number;
  /** Not before this time (back-off, pacing), epoch ms. */
  readonly notBefore: number;
  readonly attempts: number;
}

/**
 * What was sent to a conversation lately, so that a restart does not give it a second budget: times with how many sends they
 * stand for, oldest first. What is older than the short limits is gathered by the minute.
 */
export interface RecentSends {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly sends: readonly (readonly [at: number, count: number])[];
  /** Teams asked to wait, or failed: nothing of this conversation goes before. */
  readonly pausedUntil: number;
  /** The last of them. */
  readonly at: number;
}

/** A message that stands in a conversation. Known id: the next delivery is an edit, not a second message. */
export interface SentMessage {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly kind: IntentKind;
  readonly subjectId: string;
  readonly activityId: string;
  readonly sentAt: number;
  readonly edits: number;
}
