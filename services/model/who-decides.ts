import type { ApprovalRequest, ApprovalStage } from './approval-request.ts';
import type { ApproverSet } from './approver-set.ts';
import type { EmailSettings } from './environment.ts';

type DecidingSettings = Pick<EmailSettings, 'fourEyes' | 'approverSets'>;
/** What of a request says who decides about it. */
export type AskedRequest = Pick<ApprovalRequest, 'requestedBy' | 'approverSetId' | 'stage'>;

export interface Deciding {
  /** The set whose request it is, as it is now; null: it belongs to none, or its set was deleted. */
  readonly set: ApproverSet | null;
  /** Nobody of the set may decide, so every approver does. */
  readonly fallsBack: boolean;
  /** Who is asked: those who decide, and whoever would but for four-eyes. */
  readonly asked: readonly string[];
  /** Who decides, in the order of `approvers`. */
  readonly deciding: readonly string[];
}

/** From the escalation on the second set decides as well, also about what expired and is decided by its address. */
const isEscalated = (stage: ApprovalStage): boolean => stage === 'escalated' || stage === 'expired';

/**
 * Who decides about a request, of those who hold the right to decide (`approvers`, Entra object ids): the members of its set,
 * from its escalation on those of the second set too, and without a set everybody. Whoever asked does not, with four-eyes,
 * neither way: a rejection of one's own request could be turned into an approval later. Where a set has nobody left who
 * decides, every approver does: a request never waits for somebody who is not there.
 */
export function whoDecides(settings: DecidingSettings, request: AskedRequest, approvers: readonly string[]): Deciding {
  const { fourEyes, approverSets } = settings;
  const set = approverSets.find(({ id }) => id === request.approverSetId) ?? null;
  const decides = (person: string): boolean => !fourEyes || person !== request.requestedBy;
  const ofSet = set === null ? approvers : approvers.filter(membership(approverSets, set, request.stage));
  const deciding = ofSet.filter(decides);
  if (set === null || deciding.length > 0) return { set, fallsBack: false, asked: ofSet, deciding };
  return { set, fallsBack: true, asked: approvers, deciding: approvers.filter(decides) };
}

/** True when this person decides about a request. */
export function mayDecideAbout(
  settings: DecidingSettings,
  request: AskedRequest,
  approvers: readonly string[],
  personId: string,
): boolean {
  return whoDecides(settings, request, approvers).deciding.includes(personId);
}

function membership(sets: readonly ApproverSet[], set: ApproverSet, stage: ApprovalStage): (person: string) => boolean {
  if (!isEscalated(stage)) return (person) => set.members.includes(person);
  // None is named, or the one that was is deleted: everybody.
  const second = sets.find(({ id }) => id === set.secondSetId);
  if (second === undefined) return () => true;
  return (person) => set.members.includes(person) || second.members.includes(person);
}

/** Who may decide about a request, for sentences that send somebody to them. */
export interface Deciders {
  /** 0: mailboxes wait for somebody who is not there. */
  readonly count: number;
  /** As far as they were seen: whoever never said anything has none. */
  readonly names: readonly string[];
  /** Whoever asked is an approver too, and does not decide because of four-eyes. */
  readonly holdsBackRequester: boolean;
  /** The approver set that decides; null: every approver. */
  readonly setName: string | null;
  /** Nobody of that set may decide (any more), so every approver does. */
  readonly fallsBack: boolean;
}
