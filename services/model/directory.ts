/**
 * What the address book of Exchange says an entry is (MailboxTypeType of the schema). `mailbox`: one of this organization;
 * `group`: a distribution list that everybody sees; `private-group`: one in somebody's own contacts; `group-mailbox`: a
 * group of Microsoft 365; `contact`: a mail contact, or a mail user whose mailbox is elsewhere.
 */
export type DirectoryKind =
  'mailbox' | 'group' | 'private-group' | 'group-mailbox' | 'contact' | 'public-folder' | 'one-off' | 'unknown';

/** An entry of the address book. */
export interface DirectoryEntry {
  readonly name: string;
  /** SMTP; empty where the server gives none. */
  readonly address: string;
  readonly kind: DirectoryKind;
}
