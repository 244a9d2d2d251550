import type { FaultCode } from './fault-catalogue.ts';
import type { Direction } from './mailbox.ts';
import type { Fault } from './fault.ts';

export type RunState = 'running' | 'completed' | 'cancelled';

/** A Test & Enable run. Its counters are folded from outcomes by one projector, never by the testers. */
export interface Run {
  readonly environmentId: string;
  /** Short, for people: `run K7Q2`. */
  readonly id: string;
  readonly title: RunTitle;
  readonly requestedBy: string;
  readonly requestedByName: string;
  /** Where its live card is. */
  readonly conversationId: string;
  readonly state: RunState;
  readonly total: number;
  readonly done: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Among the failed: those that will be tried again by themselves. */
  readonly retrying: number;
  /** Mailboxes by the code of their (first) fault. */
  readonly causes: Readonly<Partial<Record<FaultCode, number>>>;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly revision: number;
}

/** What was asked for, for the card's title. */
export type RunTitle =
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'approved' }
  | { readonly kind: 'incident'; readonly code: FaultCode }
  | { readonly kind: 'selection'; readonly text: string };

/** What one test of one direction found. */
export interface PhaseResult {
  readonly direction: Direction;
  readonly fault: Fault | null;
  readonly durationMs: number;
}

/**
 * What a test of a mailbox found, waiting to be folded by the projector into the rows that cards show. The first outcome
 * of a mailbox in a run names the run; later tries belong to the mailbox alone.
 */
export interface Outcome {
  readonly environmentId: string;
  readonly runId: string | null;
  readonly mailboxId: string;
  readonly profileId: string;
  readonly phases: readonly PhaseResult[];
  readonly fault: Fault | null;
  readonly willRetry: boolean;
  readonly at: number;
  /** The test message's marker was found, so none was sent again. */
  readonly markerFound: boolean;
  /** Causes whose number of mailboxes this outcome changed. */
  readonly causes: readonly { readonly causeId: string; readonly fault: Fault }[];
  readonly folded: boolean;
}

/** A unit of background work. Key: environment / kind / subject, so a subject has at most one task of a kind. */
export interface Task {
  readonly environmentId: string;
  /** Stays the same while the task is tried again; also the marker of its test message. */
  readonly id: string;
  readonly kind: 'test-mailbox' | 'check-draft';
  /** Mailbox or draft. */
  readonly subjectId: string;
  readonly runId: string | null;
  readonly state: 'ready' | 'claimed';
  readonly dueAt: number;
  /** Lower is sooner: an interactive test before a run of thousands. */
  readonly priority: number;
  /** How often it was claimed: above one means that an earlier claim ended without an outcome. */
  readonly claims: number;
  readonly createdAt: number;
}
