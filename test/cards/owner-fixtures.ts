import type { CardContext, CardView } from '../../cards/card-context.ts';
import { ownerCard } from '../../cards/owner-card.ts';
import type { IncidentReach } from '../../services/model/owner-alert.ts';
import { directions } from '../../services/model/mailbox.ts';
import { ownerMatters } from '../../services/model/owner-matter.ts';
import { mostTroubles, type OwnerView } from '../../services/model/owner-view.ts';

const hour = 3_600_000;

export const someReach: IncidentReach = { reached: 12, unreached: 43, withoutAddress: 2, profileOwnersUnreached: 1 };

export const noMailboxes: OwnerView = {
  account: 'kim@contoso.com',
  troubles: [],
  failing: 0,
  working: 0,
  others: 0,
  sample: [],
  news: null,
  isMuted: false,
};

export interface OwnerWords {
  readonly account: string;
  /** Many: lists as long as they get. */
  readonly many: boolean;
  readonly now: number;
  address(index: number): string;
}

/** A person of whom some mailboxes fail, each for another reason. */
export function failingOwner({ account, many, now, ...words }: OwnerWords): OwnerView {
  const troubles = Array.from({ length: many ? mostTroubles : 3 }, (_, index) => ({
    address: words.address(index),
    matter: ownerMatters[(index * 5) % ownerMatters.length] ?? 'server',
    level: index === 1 ? ('warning' as const) : ('error' as const),
    directions: directions.slice(0, (index % 3) + 1),
    since: now - (index + 1) * hour,
  }));
  return { ...noMailboxes, account, troubles, failing: many ? 5000 : 3, working: many ? 800 : 2, others: 1 };
}

export function ownerCards(words: OwnerWords, context: CardContext): [string, CardView][] {
  const { account, many, now } = words;
  const failing = failingOwner(words);
  const sample = Array.from({ length: many ? mostTroubles : 1 }, (_, index) => words.address(index));
  const well: OwnerView = { ...noMailboxes, account, working: many ? 5000 : 1, sample };
  const over = { kind: 'over', since: now - 3 * hour, at: now - hour } as const;
  const passing = failing.troubles.slice(0, 1).map((trouble) => ({ ...trouble, level: 'warning' as const }));
  return [
    ['owner, failing', ownerCard(failing, context)],
    ['owner, passing', ownerCard({ ...failing, troubles: passing, failing: 1, isMuted: true }, context)],
    ['owner, over', ownerCard({ ...well, news: over }, context)],
    ['owner, first success', ownerCard({ ...well, news: { kind: 'works', at: now } }, context)],
    ['owner, not in use', ownerCard({ ...noMailboxes, account, others: 3, sample }, context)],
    ['owner of nothing', ownerCard(noMailboxes, context)],
    ['owner without an account', ownerCard({ ...noMailboxes, account: null }, context)],
  ];
}
