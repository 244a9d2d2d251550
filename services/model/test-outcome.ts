import { natureOf, scopeOf, type Fault } from './fault.ts';
import {
  rollUp,
  serverSideDirections,
  testStatus,
  type Direction,
  type DirectionState,
  type Mailbox,
} from './mailbox.ts';
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
 * What the failure of a direction costs the mailbox. `counted`: by the nature of its fault. `passing`: one try, whatever the fault, since it
 * may come and go with the machine behind the name that answers. `uncounted`: nothing, since the server is known to be out of
 * reach and the outage is the server's; whatever the fault, it is waited out.
 */
export type Weight = 'counted' | 'passing' | 'uncounted';

/**
 * What a test makes of a mailbox. The platform's rule (SupportArticles, "troubleshooting and monitoring server-side
 * synchronization"): a permanent fault disables its direction at once; a transient one is tried `attempts` times,
 * `delayMs` apart, and then counts as permanent. The fault keeps its code, only the level rises. A permanent fault of the
 * server or of the account says nothing about a mailbox that is enabled: that one stays so and loses no try.
 */
export function judgeTest(
  mailbox: Mailbox,
  phases: readonly PhaseResult[],
  rule: RetryRule,
  now: number,
  weight: Weight | ((direction: Direction) => Weight) = 'counted',
): Judgement {
  const weightOf = typeof weight === 'function' ? weight : (): Weight => weight;
  const failed = phases.filter((phase) => phase.fault !== null);
  const waits = (direction: Direction, fault: Fault): boolean =>
    weightOf(direction) === 'uncounted' ||
    (weightOf(direction) === 'counted' && mailbox[direction].enabled && hitsAll(fault));
  const isCounted = failed.some(({ direction, fault }) => fault !== null && !waits(direction, fault));
  const failures = failed.length === 0 ? 0 : mailbox.transientFailureCount + (isCounted ? 1 : 0);
  const triesLeft = failures < rule.attempts;
  const goesOn = (direction: Direction, fault: Fault): boolean =>
    waits(direction, fault) || (triesLeft && (weightOf(direction) !== 'counted' || natureOf(fault) === 'transient'));
  const states: Partial<Record<Direction, DirectionState>> = {};
  for (const { direction, fault } of phases) {
    const goes = fault !== null && goesOn(direction, fault);
    states[direction] = judgeDirection(mailbox[direction], fault, goes);
  }

  const tested: Mailbox = { ...mailbox, ...states };
  const status = rollUp(serverSideDirections(tested).map((direction) => tested[direction]));
  const decisive = worst(failed);
  const retries = failed.some(({ direction, fault }) => fault !== null && goesOn(direction, fault));
  const retryAt = retries ? now + rule.delayMs : null;
  const recovers = mailbox.status === testStatus.failure && status === testStatus.success;
  return {
    mailbox: {
      ...tested,
      status,
      transientFailureCount: retries ? failures : 0,
      postponedUntil: retryAt,
      lastTestedAt: now,
      recoveredAt: recovers ? now : decisive === null ? mailbox.recoveredAt : null,
      revision: mailbox.revision + 1,
    },
    fault: decisive,
    retryAt,
  };
}

/** Permanent and of the server or the account; a profile that is switched off is nothing that either of them said. */
function hitsAll(fault: Fault): boolean {
  return scopeOf(fault) === 'server' && natureOf(fault) === 'permanent' && fault.code !== 'InactiveEmailServerProfile';
}

function judgeDirection(before: DirectionState, fault: Fault | null, goesOn: boolean): DirectionState {
  if (fault === null) return { status: testStatus.success, enabled: true, fault: null };
  return { status: testStatus.failure, enabled: goesOn && before.enabled, fault };
}

/** A permanent fault decides before a transient one; among equals the first direction. */
function worst(failed: readonly PhaseResult[]): Fault | null {
  const faults = failed.flatMap((phase) => (phase.fault === null ? [] : [phase.fault]));
  return faults.find((fault) => natureOf(fault) === 'permanent') ?? faults[0] ?? null;
}
