import type { AlertLevel } from './alert.ts';

/**
 * What the owner of a mailbox was told of it, a row a mailbox and only for owners that Mailroom can reach: by it a later look
 * tells what is new.
 */
export interface OwnerAlert {
  readonly environmentId: string;
  /** Entra object id of the owner. */
  readonly aadObjectId: string;
  readonly mailboxId: string;
  readonly state: 'failing' | 'works';
  /** Of what fails; null: it works. */
  readonly level: AlertLevel | null;
  readonly since: number;
}

/** What a person was told of all their mailboxes, on the one card that they have; and whether they want to hear of it. */
export interface OwnerNotice {
  readonly environmentId: string;
  readonly aadObjectId: string;
  /** Since when at least one of their mailboxes fails; null: none does. */
  readonly failingSince: number | null;
  /** What the card says while none fails; null: there was nothing to say yet. */
  readonly news: OwnerNews | null;
  /** When the card last was the newest message. */
  readonly rungAt: number | null;
  /** Something new came too soon after that: when the card becomes the newest message again, if it still fails. */
  readonly ringAt: number | null;
  /** When the person asked for silence; null: they did not. */
  readonly mutedAt: number | null;
  readonly revision: number;
}

export type OwnerNews =
  | { readonly kind: 'over'; readonly since: number; readonly at: number }
  /** A first test succeeded. */
  | { readonly kind: 'works'; readonly at: number };

/**
 * Owners that are to be looked at anew; committed with what changed for them, and worked through apart from it: twenty thousand
 * failures at once are not held up by their owners.
 * - `mailboxes`: these were tested or changed. `succeeded`: of them, those whose test found nothing wrong.
 * - `person`: they were seen for the first time, or can be reached again.
 * - `everybody`: what owners are told was changed. `after`: the key of the last person that was looked at.
 * - `reach`: whom the incident of this cause reaches is counted anew.
 */
export type OwnerReview = { readonly environmentId: string } & (
  | { readonly kind: 'mailboxes'; readonly mailboxIds: readonly string[]; readonly succeeded: readonly string[] }
  | { readonly kind: 'person'; readonly aadObjectId: string }
  | { readonly kind: 'everybody'; readonly after: string | null }
  | { readonly kind: 'reach'; readonly causeId: string }
);

/** How many owners of the mailboxes of a cause are told in their own chat. */
export interface OwnerReach {
  readonly environmentId: string;
  readonly causeId: string;
  /** People who own one of its mailboxes and have Mailroom. */
  readonly reached: number;
  /** Those for whom it is not installed. */
  readonly unreached: number;
  /** Mailboxes whose owner is given as a name, or not at all: nobody can be found by that. */
  readonly withoutAddress: number;
}

/** People who own a mailbox, as far as they can be told of it. */
export type ReachCount = Pick<OwnerReach, 'reached' | 'unreached' | 'withoutAddress'>;

/** Whom an incident reaches: owners of its mailboxes as they were counted last, and the owners of its profiles. */
export interface IncidentReach extends ReachCount {
  /** Owners of its profiles who do not have Mailroom. */
  readonly profileOwnersUnreached: number;
}

/** However often something breaks and mends itself, a person is called at most once in this time; the card tells the truth meanwhile. */
export const ringEveryMs = 60 * 60_000;

/** Nobody was told anything yet. */
export const noNotice = (environmentId: string, aadObjectId: string): OwnerNotice => ({
  environmentId,
  aadObjectId,
  failingSince: null,
  news: null,
  rungAt: null,
  ringAt: null,
  mutedAt: null,
  revision: 0,
});

/** What a look at the mailboxes of a person found. */
export interface OwnerFinding {
  readonly failing: number;
  /** When the first of those that fail began to; of no use while none does. */
  readonly since: number;
  readonly isNewTrouble: boolean;
  /** A mailbox that was never told of works. */
  readonly isFirstSuccess: boolean;
}

/** The notice after a look, and whether the card is to be the newest message. */
export function noticeAfter(
  before: OwnerNotice,
  { failing, since, isNewTrouble, isFirstSuccess }: OwnerFinding,
  now: number,
): { readonly notice: OwnerNotice; readonly rings: boolean } {
  const revision = before.revision + 1;
  const { mutedAt, failingSince } = before;
  if (failing === 0) {
    const rings = isFirstSuccess && failingSince === null && mutedAt === null && mayRing(before, now);
    const over = failingSince === null ? before.news : ({ kind: 'over', since: failingSince, at: now } as const);
    const news = isFirstSuccess && failingSince === null ? ({ kind: 'works', at: now } as const) : over;
    const rungAt = rings ? now : before.rungAt;
    return { notice: { ...before, failingSince: null, news, rungAt, ringAt: null, revision }, rings };
  }
  const rings = isNewTrouble && mutedAt === null && mayRing(before, now);
  const isOwed = isNewTrouble && mutedAt === null && !rings;
  return {
    notice: {
      ...before,
      failingSince: failingSince ?? since,
      news: null,
      rungAt: rings ? now : before.rungAt,
      ringAt: rings ? null : isOwed ? (before.rungAt ?? now) + ringEveryMs : before.ringAt,
      revision,
    },
    rings,
  };
}

/** A time that lies ahead was written before the clock was set back. */
function mayRing({ rungAt }: OwnerNotice, now: number): boolean {
  return rungAt === null || rungAt > now || now - rungAt >= ringEveryMs;
}
