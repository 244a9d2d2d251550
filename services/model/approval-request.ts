/**
 * One request for the decision about the mailboxes that became Pending together. The mailboxes name the request
 * (`mailbox.approvalRequestId`); a request for hundreds is one card.
 */
export interface ApprovalRequest {
  readonly environmentId: string;
  readonly id: string;
  readonly requestedBy: string;
  readonly requestedByName: string;
  readonly requestedAt: number;
  /** Where the requester asked; a test that follows the approval shows its run there. */
  readonly conversationId: string;
  /** The import whose mailboxes wait; its card says who has the request. */
  readonly importId?: string;
  /** The approver set that decides; null: every approver. */
  readonly approverSetId: string | null;
  /** Mailboxes that it is about, without those that left it: switched off, taken back, or asked about anew. */
  readonly total: number;
  readonly pending: number;
  readonly approved: number;
  readonly rejected: number;
  /** Start a test as soon as mailboxes are approved. */
  readonly testWhenApproved: boolean;
  readonly lastDecision: {
    readonly by: string;
    readonly at: number;
    readonly verdict: 'approved' | 'rejected';
    readonly count: number;
    readonly reason: string | null;
  } | null;
  /** What approvers asked the requester, oldest first: at most `questionLimits.rounds`, and one without an answer. */
  readonly questions: readonly ApprovalQuestion[];
  /** The last time that somebody took mailboxes back. */
  readonly withdrawal: { readonly by: string; readonly at: number; readonly count: number } | null;
  /** How long nobody has decided (`stageAt`). */
  readonly stage: ApprovalStage;
  /** When the next stage begins; null: there is none, or nothing waits any more. */
  readonly dueAt: number | null;
  /** Grows with each change of what is decided about: a click that carries an older one gets the current card. */
  readonly revision: number;
}

/** A question of an approver to the requester, and the answer. */
export interface ApprovalQuestion {
  /** The mailbox that it is about; null: the request. */
  readonly address: string | null;
  readonly by: string;
  readonly at: number;
  readonly text: string;
  readonly answer: { readonly by: string; readonly at: number; readonly text: string } | null;
}

/** Characters of a rejection's reason: it stands on the cards too. */
export const reasonLimit = 500;

/** Both stand on the request's card, which must stay small enough for Teams. */
export const questionLimits = { rounds: 10, characters: 500 } as const;

/** `expired`: its cards decide nothing any more; mailboxes that still wait stay Pending and can be asked about anew. */
export type ApprovalStage = 'open' | 'reminded' | 'escalated' | 'expired';

const dayMs = 24 * 60 * 60 * 1000;

/** After so long without the last decision the card is posted again, once: a working day is enough to have seen it. */
export const reminderAfterMs = dayMs;
/** After so long the admins, who can name more approvers, get the card too: approvers may be away for a weekend, not longer. */
export const escalationAfterMs = 3 * dayMs;
/** After so long nobody remembers what was asked: whoever still wants it asks again. */
export const expiryAfterMs = 30 * dayMs;

const begins: Readonly<Record<ApprovalStage, number>> = {
  open: 0,
  reminded: reminderAfterMs,
  escalated: escalationAfterMs,
  expired: expiryAfterMs,
};
const stages = ['open', 'reminded', 'escalated', 'expired'] as const satisfies readonly ApprovalStage[];

/** The stage by the clock. Stages that went by while no process ran are left out, not made up for. */
export function stageAt({ requestedAt }: Pick<ApprovalRequest, 'requestedAt'>, now: number): ApprovalStage {
  return stages.findLast((stage) => requestedAt + begins[stage] <= now) ?? 'open';
}

/** Since when it is in the stage of this moment. */
export function stageSince({ requestedAt }: Pick<ApprovalRequest, 'requestedAt'>, now: number): number {
  return requestedAt + begins[stageAt({ requestedAt }, now)];
}

/** When the stage after this one begins; null: it is the last. */
export function dueAfter({ requestedAt }: Pick<ApprovalRequest, 'requestedAt'>, stage: ApprovalStage): number | null {
  const next = stages[stages.indexOf(stage) + 1];
  return next === undefined ? null : requestedAt + begins[next];
}

/** True while its cards decide: something waits, and it is not too old. */
export function isLive({ pending, stage }: Pick<ApprovalRequest, 'pending' | 'stage'>): boolean {
  return pending > 0 && stage !== 'expired';
}

/** The question that waits for its answer. */
export function openQuestion({ questions }: Pick<ApprovalRequest, 'questions'>): ApprovalQuestion | null {
  const last = questions.at(-1);
  return last === undefined || last.answer !== null ? null : last;
}
