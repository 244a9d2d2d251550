import { globMatcher } from '../faults/glob.ts';
import type { Mailbox } from './mailbox.ts';

/** Rights in somebody else's mailbox, as Add-MailboxPermission and Add-MailboxFolderPermission give them. */
export interface DelegateGrant {
  /** Glob of the mailboxes that are opened. */
  readonly mailbox: string;
  /** Glob of the addresses they are opened to; the service account's own without it. */
  readonly to?: string;
  readonly rights: 'editor' | 'reviewer';
  /** Only these folders, by DistinguishedFolderId; all of them without it. */
  readonly folders?: readonly string[];
}

export interface DelegateRights {
  readonly rights: DelegateGrant['rights'];
  readonly allows: (folder: string) => boolean;
}

/** Who may open whose mailbox without impersonation. */
export class Delegates {
  readonly #grants: readonly (DelegateGrant & {
    opens: (address: string) => boolean;
    isTo: (address: string) => boolean;
  })[];

  constructor(grants: readonly DelegateGrant[], self: string) {
    this.#grants = grants.map((grant) => ({
      ...grant,
      opens: globMatcher(grant.mailbox),
      isTo: globMatcher(grant.to ?? self),
    }));
  }

  /** The first grant that fits counts. */
  find(caller: Mailbox, target: Mailbox): DelegateRights | undefined {
    const grant = this.#grants.find(({ opens, isTo }) => opens(target.address) && isTo(caller.address));
    if (!grant) return undefined;
    const folders = grant.folders?.map((folder) => folder.toLowerCase());
    return {
      rights: grant.rights,
      allows: (folder) => folders?.includes(folder.toLowerCase()) ?? true,
    };
  }
}
