import type { AlertLevel } from './alert.ts';
import type { Control } from './weakened-controls.ts';
import type { Direction, MailboxType } from './mailbox.ts';

/** What a change of the email settings does, in numbers, as a sentence each (`card.settings-effect.KIND`). */
export type SettingsEffect =
  /** `asked`: mailboxes that nobody was asked about; `stopped`: enabled ones without an approval. */
  | { readonly kind: 'approval-on'; readonly type: MailboxType; readonly asked: number; readonly stopped: number }
  | { readonly kind: 'approval-off'; readonly type: MailboxType; readonly waiting: number }
  /** `waiting`: mailboxes whose requester is an approver, and may (not) decide about them from then on. */
  | { readonly kind: 'four-eyes-on' | 'four-eyes-off'; readonly waiting: number }
  /** User mailboxes that wait, and that their owners may (not) approve from then on. */
  | { readonly kind: 'self-approval-on' | 'self-approval-off'; readonly waiting: number }
  /**
   * A set that is new, changed or deleted. `covers`: mailboxes that belong to it then; `keeping`: those of them that wait for
   * others, who were asked before.
   */
  | {
      readonly kind: 'approver-set';
      readonly name: string;
      readonly deed: 'added' | 'changed' | 'deleted';
      readonly covers: number;
      readonly keeping: number;
    }
  /** Open requests, with their mailboxes, about which other people decide from then on. */
  | { readonly kind: 'change-hands'; readonly requests: number; readonly mailboxes: number }
  /** Mailboxes that have the new default now, and those that have another profile or none. */
  | { readonly kind: 'default-profile'; readonly same: number; readonly others: number }
  | { readonly kind: 'no-default-profile'; readonly without: number }
  | { readonly kind: 'method'; readonly direction: Direction; readonly others: number }
  | { readonly kind: 'router-on'; readonly enabled: number; readonly runs: number }
  | { readonly kind: 'router-off'; readonly enabled: number }
  | { readonly kind: 'alerts-on' | 'alerts-off'; readonly level: AlertLevel; readonly open: number }
  /** Owners of mailboxes who hear of faults of the server too, and those who cannot be told. */
  | { readonly kind: 'owners-on' | 'owners-off'; readonly reached: number; readonly unreached: number }
  | { readonly kind: 'ntlm-on' }
  | { readonly kind: 'ntlm-off'; readonly profiles: number; readonly mailboxes: number }
  | { readonly kind: 'attachment-size' }
  | { readonly kind: 'file-types'; readonly more: readonly string[]; readonly fewer: readonly string[] }
  | { readonly kind: 'stamp-on'; readonly mailboxes: number }
  | { readonly kind: 'stamp-off' }
  /** Somebody else has to agree; `alone`: there is nobody, so it is done and announced. */
  | { readonly kind: 'second-person'; readonly controls: readonly Control[]; readonly alone: boolean };
