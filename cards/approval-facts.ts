import type { ApprovalRequest } from '../services/model/approval-request.ts';
import type { Rejection } from '../services/model/pending-group.ts';
import type { Button } from './card-action-buttons.ts';
import { localTime, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';

/** Who asked, and when. */
export function askedFacts({ requestedByName, requestedAt }: ApprovalRequest, say: Say): [string, string][] {
  return [
    [say('fact.asked-by'), personName(say, requestedByName)],
    [say('fact.asked-at'), localTime(requestedAt)],
  ];
}

/** How far the decision is. */
export const countsOf = ({ pending, approved, rejected, total }: ApprovalRequest): Record<string, number> => ({
  pending,
  approved,
  rejected,
  total,
});

/** Of the last decision: who, when, about how many, and why. */
export function lastDecision({ lastDecision }: ApprovalRequest, say: Say): [string, string | null][] {
  if (lastDecision === null) return [];
  const { by, at, verdict, count, reason } = lastDecision;
  return [
    [say('fact.decided'), say(`approve.${verdict}-by`, { who: personName(say, by), date: localTime(at), count })],
    [say('fact.reason'), reason === null ? null : plainText(reason, 500)],
  ];
}

/** Why mailboxes of it were rejected, where the last decision does not say it. */
export function rejectionFacts(
  { lastDecision: last }: ApprovalRequest,
  rejections: readonly Rejection[],
  say: Say,
): [string, string][] {
  if (rejections.length === 1 && last?.verdict === 'rejected') return [];
  return rejections.map(({ by, reason, count }) => [
    say('approve.rejection', { count }),
    say('approve.rejection-by', { who: personName(say, by), reason: plainText(reason, 200) }),
  ]);
}

/** Who took mailboxes of it back, and when. */
export function withdrawalFact({ withdrawal }: ApprovalRequest, say: Say): [string, string | null][] {
  if (withdrawal === null) return [];
  const { by, at, count } = withdrawal;
  return [
    [say('approve.taken-back'), say('approve.taken-back-by', { who: personName(say, by), date: localTime(at), count })],
  ];
}

/** Whoever decides rejects instead; importing the mailboxes again brings it back. */
export const withdrawButton = (say: Say, { id, revision, pending }: ApprovalRequest): Button => ({
  verb: 'approval.withdraw',
  title: say('button.withdraw', { count: pending }),
  id,
  revision,
  inputs: 'none',
});
