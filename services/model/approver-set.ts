import type { Mailbox, MailboxType } from './mailbox.ts';

/** Approvers who decide about some of the mailboxes: those of a profile, of a type, or of both. */
export interface ApproverSet {
  readonly id: string;
  readonly name: string;
  /** Null: mailboxes of every profile. */
  readonly profileId: string | null;
  /** Null: mailboxes of both types. */
  readonly mailboxType: MailboxType | null;
  /** Entra object ids. Who of them has lost the role of an approver does not decide any more. */
  readonly members: readonly string[];
  /** The set that decides too once a request is escalated; null: everybody who may decide. */
  readonly secondSetId: string | null;
}

/** All sets stand in one record and on one card. */
export const approverSetLimits = { sets: 20, members: 50, nameCharacters: 60 } as const;

/** What a set decides about: never everything, which is what no set means. */
export type ApproverScope = Pick<ApproverSet, 'profileId' | 'mailboxType'>;

/** The set that a mailbox belongs to: the one of its profile and type, else of its profile, else of its type; null: none. */
export function approverSetOf(
  sets: readonly ApproverSet[],
  { profileId, type }: Pick<Mailbox, 'profileId' | 'type'>,
): ApproverSet | null {
  const scopes: readonly ApproverScope[] = [
    ...(profileId === null
      ? []
      : [{ profileId, mailboxType: type } as const, { profileId, mailboxType: null } as const]),
    { profileId: null, mailboxType: type },
  ];
  for (const scope of scopes) {
    const found = sets.find((set) => isSameScope(set, scope));
    if (found !== undefined) return found;
  }
  return null;
}

/**
 * True when a mailbox that waits has to be asked about anew, since its profile or type changed and another set decides about
 * it now. Out of every set it stays with the one that was asked (`askedSetId`): nobody leads it around a set.
 */
export function movesToOtherSet(
  sets: readonly ApproverSet[],
  askedSetId: string | null,
  before: Pick<Mailbox, 'profileId' | 'type'>,
  after: Pick<Mailbox, 'profileId' | 'type'>,
): boolean {
  if (before.profileId === after.profileId && before.type === after.type) return false;
  const set = approverSetOf(sets, after);
  return set !== null && set.id !== askedSetId;
}

export function isSameScope(one: ApproverScope, other: ApproverScope): boolean {
  return one.profileId === other.profileId && one.mailboxType === other.mailboxType;
}

/** The sets without this one; whoever named it as the second set asks everybody in its place. */
export function withoutSet(sets: readonly ApproverSet[], id: string): ApproverSet[] {
  return sets
    .filter((set) => set.id !== id)
    .map((set) => (set.secondSetId === id ? { ...set, secondSetId: null } : set));
}

/** The sets with this one, in the place of the one that has its id, or at the end. */
export function withSet(sets: readonly ApproverSet[], set: ApproverSet): ApproverSet[] {
  return sets.some(({ id }) => id === set.id)
    ? sets.map((other) => (other.id === set.id ? set : other))
    : [...sets, set];
}

/** Ids of the sets that one list has and the other has not, or has in another form. */
export function changedSets(before: readonly ApproverSet[], after: readonly ApproverSet[]): string[] {
  const text = (sets: readonly ApproverSet[], id: string): string =>
    JSON.stringify(sets.find((set) => set.id === id) ?? null);
  const ids = new Set([...before, ...after].map(({ id }) => id));
  return [...ids].filter((id) => text(before, id) !== text(after, id));
}

/**
 * The sets as one line of the trail, with all that is said of those in `changed` (ids): mailboxes, members and second set, as
 * ids where they have one.
 */
export function approverSetsText(sets: readonly ApproverSet[], changed: readonly string[]): string {
  return sets
    .map((set) => {
      if (!changed.includes(set.id)) return set.name;
      const second = sets.find(({ id }) => id === set.secondSetId)?.name;
      const scope = [set.profileId, set.mailboxType].filter((part) => part !== null).join(' ');
      return `${set.name} (${scope}: ${set.members.join(', ')}${second === undefined ? '' : `; ${second}`})`;
    })
    .join(', ');
}
