import type { AlertLevel } from './alert.ts';
import type { Direction } from './mailbox.ts';
import type { OwnerNews } from './owner-alert.ts';
import type { OwnerMatter } from './owner-matter.ts';

/** What the owner of a mailbox is told of it. */
export interface OwnerTrouble {
  readonly matter: OwnerMatter;
  readonly level: AlertLevel;
  /** What of it does not work. */
  readonly directions: readonly Direction[];
  readonly since: number;
}

/** How the mailboxes of one person stand, for the card of that person and of nobody else. */
export interface OwnerView {
  /** Sign-in name by which their mailboxes are found; null: the roster has none. */
  readonly account: string | null;
  /** Mailboxes that fail, what is to be mended first, then the latest; at most `mostTroubles`. */
  readonly troubles: readonly ({ readonly address: string } & OwnerTrouble)[];
  readonly failing: number;
  readonly working: number;
  /** Neither tested nor failing, or switched off. */
  readonly others: number;
  /** Some of those that do not fail. */
  readonly sample: readonly string[];
  readonly news: OwnerNews | null;
  readonly isMuted: boolean;
}

/** Rows of a card; of more it says how many. */
export const mostTroubles = 15;
