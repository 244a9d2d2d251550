/** People for whom Teams refreshes a card by itself, by their ids for this bot (facts, teams C2). */
export interface CardReaders {
  /** At most `mostReaders`; none where there are more. */
  readonly userIds: readonly string[];
  /** More people would need it than Teams refreshes a card for: each of them has to ask for their own view. */
  readonly isTooMany: boolean;
}

/** What Teams takes in `refresh.userIds`. */
export const mostReaders = 60;
