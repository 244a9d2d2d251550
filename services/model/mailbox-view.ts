import type { Mailbox, TestStatus } from './mailbox.ts';

/** Orders of a list of mailboxes: by address; what fails first; what was tested last first. */
export const mailboxSorts = ['address', 'status', 'lastTestedAt'] as const;
export type MailboxSort = (typeof mailboxSorts)[number];

/**
 * A list of mailboxes as one person looks at it. Filter, order, page and selection live on the server; the card carries the
 * id and the revision. Whatever its card shows differently has a revision of its own.
 */
export interface MailboxView {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly actorName: string;
  /** The person whose list this is a copy of: somebody else used the card in a shared conversation. */
  readonly copiedFrom: string | null;
  /** As `formatFilter` writes it, with the id of the profile. */
  readonly filter: string;
  readonly sort: MailboxSort;
  readonly page: number;
  /** Ids of the page as it was shown: the boxes to tick are counted in this order. */
  readonly shown: readonly string[];
  /** How many matched when it was shown. */
  readonly total: number;
  /** A digest of the ids that matched when it was shown: select all means these and no others. */
  readonly mark: string;
  readonly createdAt: number;
  readonly revision: number;
}

/** What is selected in a list, also on other pages and of other filters. Apart from the list, since it may be long. */
export interface MailboxSelection {
  readonly environmentId: string;
  /** The id of the list. */
  readonly id: string;
  /** In the order of the addresses. */
  readonly mailboxIds: readonly string[];
  readonly changedAt: number;
}

/** Selections that a person has at once: each may hold every mailbox, and whoever may read can make one. The oldest goes. */
export const mostSelections = 10;

/** A selection is kept for a day; a list itself longer. */
export const selectionLifetimeMs = 24 * 60 * 60 * 1000;

/** Name of the box beside a row of the page. */
export const tickInput = (index: number): string => `pick${index}`;

/**
 * The selection with what was ticked and unticked on a page. A box that the client did not send stays as it was.
 * The same list comes back when nothing changes.
 */
export function withTicks(
  selected: readonly string[],
  shown: readonly string[],
  inputs: Readonly<Record<string, string>>,
): readonly string[] {
  const ids = new Set(selected);
  const answered = shown.map((id, index) => [id, inputs[tickInput(index)]] as const);
  const added = answered.filter(([id, tick]) => tick === 'true' && !ids.has(id)).map(([id]) => id);
  const removed = new Set(answered.filter(([id, tick]) => tick === 'false' && ids.has(id)).map(([id]) => id));
  if (added.length === 0 && removed.size === 0) return selected;
  return inOrder([...selected.filter((id) => !removed.has(id)), ...added]);
}

/** The selection with more mailboxes in it. */
export function withAll(selected: readonly string[], ids: readonly string[]): readonly string[] {
  return inOrder([...new Set([...selected, ...ids])]);
}

// As the store orders keys: by code unit, whatever the language of the machine.
const inOrder = (ids: readonly string[]): string[] => ids.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));

const rankOfStatus: Readonly<Record<TestStatus, number>> = { 2: 0, 0: 1, 1: 2 };

/** A number by which a list is ordered; equal ones stay in the order of their addresses. */
export function sortRank(sort: MailboxSort, { status, lastTestedAt }: Mailbox): number {
  if (sort === 'address') return 0;
  if (sort === 'status') return rankOfStatus[status];
  return lastTestedAt === null ? 0 : -lastTestedAt;
}

export function isMailboxSort(text: string | undefined): text is MailboxSort {
  return mailboxSorts.some((sort) => sort === text);
}
