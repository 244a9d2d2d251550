/**
 * A wish to show something somewhere, committed together with the change that caused it. It names a subject, never a
 * rendered card: `bot/deliver` renders at send time, so what is sent is always the latest state.
 *
 * Kinds and their subjects:
 * - `draft`: a ProfileDraft                 - `import`: an ImportBatch
 * - `approval`: an ApprovalRequest          - `run`: the live card of a Run
 * - `own-mailbox`: a Mailbox, in the own chat of whoever may approve it as their own
 * - `approval-question`: an ApprovalRequest, whose requester is asked something
 * - `approval-setup`: the person who asks where nobody could decide, in the conversation where they ask
 * - `pending-list`: the requests that wait, of the day that it names
 * - `incident`: an Incident                 - `alert-digest`: an AlertDigest that was closed
 * - `alerts-unheard`: the conversation that was the last to hear of errors
 * - `settings-proposal`: a SettingsProposal             - `role-change`: a RoleChange
 * - `maintenance`: a MaintenanceWindow                  - `status`: the status of the environment, of the day that it names
 * - `dead-conversation`: the conversations that the notice named by it tells of (`ConversationReference.deathNotice`)
 * - `owner`: a person who owns mailboxes, in their own chat
 * - `directory-lookup`: a DirectoryLookup             - `mailbox-list`: a MailboxView, in its owner's own chat
 */
export type IntentKind =
  | 'draft'
  | 'import'
  | 'approval'
  | 'approval-question'
  | 'own-mailbox'
  | 'approval-setup'
  | 'pending-list'
  | 'run'
  | 'incident'
  | 'alert-digest'
  | 'alerts-unheard'
  | 'settings-proposal'
  | 'role-change'
  | 'dead-conversation'
  | 'owner'
  | 'directory-lookup'
  | 'maintenance'
  | 'mailbox-list'
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
