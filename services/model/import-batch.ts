import type { MailboxType } from './mailbox.ts';

export type ImportVerdict = 'new' | 'changed' | 'unchanged' | 'refused';

/** One row of an import after the dry run. */
export interface ImportRow {
  /** 1-based line in what was pasted. */
  readonly line: number;
  readonly address: string;
  readonly type: MailboxType;
  readonly owner: string;
  readonly verdict: ImportVerdict;
  /** Why it is refused: a key of `import.refusal.*` in locales, with its value. */
  readonly refusal: { readonly code: ImportRefusal; readonly value: string } | null;
  /** The mailbox was rejected, for this reason; the import asks for its approval again. */
  readonly rejectedBecause?: string;
}

export type ImportRefusal = 'address-missing' | 'address-invalid' | 'type-unknown' | 'duplicate' | 'too-many-cells';

/** A dry run that waits for its confirmation. */
export interface ImportBatch {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly conversationId: string;
  readonly rows: readonly ImportRow[];
  readonly state: 'waiting' | 'done' | 'cancelled';
  readonly createdAt: number;
  readonly revision: number;
}

/** Rows that one import takes. */
export const importRowLimit = 10_000;
