import type { MailboxType } from './mailbox.ts';

export type ImportVerdict = 'new' | 'changed' | 'unchanged' | 'refused';

/** One row of an import after the dry run. */
export interface ImportRow {
  /** 1-based line in what was pasted or in the file; of a list, the place among its members. */
  readonly line: number;
  readonly address: string;
  readonly type: MailboxType;
  readonly owner: string;
  readonly verdict: ImportVerdict;
  /** Why it is refused: a key of `import.refusal.*` in locales, with its value. */
  readonly refusal: { readonly code: ImportRefusal; readonly value: string } | null;
  /** The mailbox was rejected, for this reason; the import asks for its approval again. */
  readonly rejectedBecause?: string;
  /** The mailbox needs an approval and nobody is asked for it; the import asks. */
  readonly unasked?: boolean;
}

export type ImportRefusal =
  | 'address-missing'
  | 'address-invalid'
  | 'type-unknown'
  | 'duplicate'
  | 'too-many-cells'
  // Members of a list that are no mailboxes of this organization.
  | 'member-contact'
  | 'member-public-folder'
  | 'member-group-mailbox'
  | 'member-private-group'
  | 'member-outside'
  | 'member-unknown'
  // Lists within it whose members are not known.
  | 'group-unreadable'
  | 'group-incomplete'
  | 'group-too-deep';

/** How the text of a file was read. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Where the rows of an import come from. */
export type ImportSource =
  | { readonly kind: 'paste' }
  | { readonly kind: 'file'; readonly name: string; readonly encoding: TextEncoding }
  | {
      readonly kind: 'directory';
      /** Of the list, or of the one mailbox. */
      readonly name: string;
      readonly address: string;
      /** Lists that were opened, with those within it. */
      readonly groups: number;
      /** Members that were met more than once, and are there once. */
      readonly repeated: number;
    };

/** A dry run that waits for its confirmation. */
export interface ImportBatch {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly conversationId: string;
  readonly rows: readonly ImportRow[];
  /** Absent in dry runs of before there were others than a paste. */
  readonly source?: ImportSource;
  /** Columns that the rows have and an import does not read. */
  readonly ignoredColumns?: readonly string[];
  readonly state: 'waiting' | 'done' | 'cancelled';
  readonly createdAt: number;
  readonly revision: number;
}

/** Rows that one import takes. */
export const importRowLimit = 10_000;
