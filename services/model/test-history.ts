import type { FaultCode } from './fault-catalogue.ts';
import { isEnabled, type Direction, type Mailbox } from './mailbox.ts';
import type { Outcome } from './run.ts';

/**
 * One line of what tests found, kept for its time in files (`Logs.outcome`) and not in memory. A code and no parameters: who
 * wants to know more looks at the mailbox or into the logs of that time.
 */
export interface TestHistoryEntry {
  readonly environmentId: string;
  readonly at: number;
  readonly mailboxId: string;
  /** A check is one of an enabled mailbox that brought news: a failure, or a recovery. */
  readonly kind: 'test' | 'retry' | 'check';
  readonly runId: string | null;
  readonly profileId: string;
  readonly phases: readonly TestHistoryPhase[];
  /** Of the fault that decided; null: all was well. */
  readonly code: FaultCode | null;
  readonly willRetry: boolean;
  /** After it the mailbox works in every direction. */
  readonly enabled: boolean;
}

export interface TestHistoryPhase {
  readonly direction: Direction;
  readonly code: FaultCode | null;
  readonly durationMs: number;
}

/** The line of an outcome; `after`: the mailbox as it is from then on. */
export function testHistoryEntry(outcome: Outcome, kind: TestHistoryEntry['kind'], after: Mailbox): TestHistoryEntry {
  const { environmentId, at, mailboxId, runId, profileId, phases, fault, willRetry } = outcome;
  return {
    environmentId,
    at,
    mailboxId,
    kind,
    runId,
    profileId,
    phases: phases.map((phase) => ({
      direction: phase.direction,
      code: phase.fault?.code ?? null,
      durationMs: Math.round(phase.durationMs),
    })),
    code: fault?.code ?? null,
    willRetry,
    enabled: isEnabled(after),
  };
}
