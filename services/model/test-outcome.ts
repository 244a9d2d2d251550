import { natureOf, type Fault } from './fault.ts';
import { rollUp, serverSideDirections, testStatus, type DirectionState, type Mailbox } from './mailbox.ts';
import type { PhaseResult } from './run.ts';

/** Retry and disable: figures of the platform's rule as settings. */
export interface RetryRule {
  readonly attempts: number;
  readonly delayMs: number;
}

export interface Judgement {
  readonly mailbox: Mailbox;
  /** The fault that decides what happens next, or null when all is well. */
  readonly fault: Fault | null;
  /** When the engine tries again by itself, or null. */
  readonly retryAt: number | null;
}

/**
 * What a test makes of a mailbox. The platform's rule (SupportArticles, "troubleshooting and monitoring server-side
 * synchronization"): a permanent fault disables its direction at once; a transient one is tried `attempts` times,
 * `delayMs` apart, and then counts as permanent. The fault keeps its code, only the level rises. `counts` false: the server
 * was known to be out of reach, so the outage is the server's and the mailbox loses no try.
 */
export function judgeTest(
  mailbox: Mailbox,
  phases: readonly PhaseResult[],
  rule: RetryRule,
  now: number,
  counts = true,
): Judgement {
  const failed = phases.filter((phase) => phase.fault !== null);
  const failures = failed.length === 0 ? 0 : mailbox.transientFailureCount + (counts ? 1 : 0);
  const triesLeft = failures < rule.attempts;
  const states: Partial<Record<PhaseResult['direction'], DirectionState>> = {};
  for (const phase of phases)
    states[phase.direction] = judgeDirection(mailbox[phase.direction], phase.fault, triesLeft);

  const tested: Mailbox = { ...mailbox, ...states };
  const fault = worst(failed);
  const retries = triesLeft && failed.some((phase) => phase.fault !== null && natureOf(phase.fault) === 'transient');
  const retryAt = retries ? now + rule.delayMs : null;
  return {
    mailbox: {
      ...tested,
      status: rollUp(serverSideDirections(tested).map((direction) => tested[direction])),
      transientFailureCount: retries ? failures : 0,
      postponedUntil: retryAt,
      lastTestedAt: now,
      revision: mailbox.revision + 1,
    },
    fault,
    retryAt,
  };
}

function judgeDirection(before: DirectionState, fault: Fault | null, triesLeft: boolean): DirectionState {
  if (fault === null) return { status: testStatus.success, enabled: true, fault: null };
  const goesOn = natureOf(fault) === 'transient' && triesLeft;
  return { status: testStatus.failure, enabled: goesOn && before.enabled, fault };
}

/** A permanent fault decides before a transient one; among equals the first direction. */
function worst(failed: readonly PhaseResult[]): Fault | null {
  const faults = failed.flatMap((phase) => (phase.fault === null ? [] : [phase.fault]));
  return faults.find((fault) => natureOf(fault) === 'permanent') ?? faults[0] ?? null;
}
