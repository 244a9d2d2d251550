import type { CardElement } from '@microsoft/teams.cards';

/** A fact that is not there (null) is left out. */
export type FactLine = readonly [title: string, value: string | null];

/** Names and values beside each other; nothing when there is no fact. */
export function cardFacts(lines: readonly FactLine[]): CardElement[] {
  const facts = lines.flatMap(([title, value]) => (value === null ? [] : [{ title, value }]));
  return facts.length === 0 ? [] : [{ type: 'FactSet', facts }];
}
