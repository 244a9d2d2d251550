import type { FaultCode } from './fault-catalogue.ts';
import type { Direction } from './mailbox.ts';
import type { Fault } from './fault.ts';

/** Paused: what has not begun waits, what is under way still reports. */
export type RunState = 'running' | 'paused' | 'completed' | 'cancelled';

export const isOver = ({ state }: Pick<Run, 'state'>): boolean => state === 'completed' || state === 'cancelled';

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
  /** Overwrites the stamps of other organizations; absent in runs of before there were stamps. */
  readonly takeOver?: boolean;
  readonly state: RunState;
  readonly total: number;
  readonly done: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Among the failed: those that will be tried again by themselves. */
  readonly retrying: number;
  /** Among the failed: those that stay enabled all the same; absent in runs of before. */
  readonly stillEnabled?: number;
  /** Mailboxes by the code of their (first) fault. */
  readonly causes: Readonly<Partial<Record<FaultCode, number>>>;
  /** Of those that the request named: who is not in it, and why. */
  readonly leftOut: LeftOut;
  /** How many were done when, oldest first: the speed of the last minute. */
  readonly samples: readonly PaceSample[];
  /** What each mailbox gave is kept for a week after the end, for the report and for a retest. */
  readonly results: 'kept' | 'gone';
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly revision: number;
}

/** Mailboxes that a request for a test named but that are left out, by reason. */
export interface LeftOut {
  readonly notApproved: number;
  readonly withoutProfile: number;
  /** Delivery by Email Router, Outlook, Forward Mailbox or None in every direction. */
  readonly nothingToTest: number;
  readonly alreadyInRun: number;
  /** Exchange refused the password of their profile: a test could only fail. Absent in runs of before, as the next three. */
  readonly secretRefused?: number;
  readonly profileInactive?: number;
  readonly mailboxInactive?: number;
  /** The organization's email is processed by the Email Router: nothing is tested. */
  readonly emailRouter?: number;
}

/** Of the mailboxes that failed in a run: those that fail now, and those of them that a test may help. */
export interface StillFailing {
  readonly failing: number;
  readonly testable: number;
}

export interface PaceSample {
  readonly at: number;
  readonly done: number;
}

/** The speed is that of the last minute, taken every few seconds. */
const paceWindowMs = 60_000;
const paceStepMs = 5_000;

/** Takes a sample if the last one is old enough; the newest that is older than the window stays, to measure from. */
export function withSample(samples: readonly PaceSample[], at: number, done: number): readonly PaceSample[] {
  const last = samples.at(-1);
  // One that lies ahead was taken before the clock was set back.
  if (last !== undefined && last.at > at) return [{ at, done }];
  if (last !== undefined && at - last.at < paceStepMs) return samples;
  const base = samples.findLastIndex((sample) => sample.at <= at - paceWindowMs);
  return [...samples.slice(Math.max(0, base)), { at, done }];
}

export interface RunPace {
  /** Mailboxes a minute, or null when it is too early to say. */
  readonly rate: number | null;
  readonly etaMs: number | null;
}

/** Speed and what it promises for the rest: of the last minute while it runs, on average afterwards; none while it is paused. */
export function paceOf(run: Run, now: number): RunPace {
  const since = isOver(run) ? { at: run.startedAt, done: 0 } : (run.samples[0] ?? { at: run.startedAt, done: 0 });
  const elapsedMs = (run.finishedAt ?? now) - since.at;
  const tested = run.done - since.done;
  if (run.state === 'paused' || tested <= 0 || elapsedMs < 1000) return { rate: null, etaMs: null };
  const perMs = tested / elapsedMs;
  return {
    rate: perMs * 60_000,
    etaMs: run.state === 'running' ? Math.round((run.total - run.done) / perMs) : null,
  };
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
  /** After it the mailbox is enabled, also where it failed. */
  readonly staysEnabled?: boolean;
  /** Causes whose number of mailboxes this outcome changed. */
  readonly causes: readonly { readonly causeId: string; readonly fault: Fault }[];
  /** It was not tested after all, since something was switched off meanwhile: it leaves its run. */
  readonly leftOut?: keyof LeftOut;
  readonly folded: boolean;
}

/** An outcome that no test led to: it settles a mailbox of a run, or has the projector look at causes again. */
export function untestedOutcome(
  about: Pick<Outcome, 'environmentId' | 'runId' | 'mailboxId' | 'profileId' | 'at'> &
    Partial<Pick<Outcome, 'causes' | 'leftOut'>>,
): Outcome {
  return { phases: [], fault: null, willRetry: false, markerFound: false, causes: [], ...about, folded: false };
}

/** A unit of background work. Key: environment / kind / subject, so a subject has at most one task of a kind. */
export interface Task {
  readonly environmentId: string;
  /** Stays the same while the task is tried again; also the marker of its test message. */
  readonly id: string;
  readonly kind: 'test-mailbox' | 'check-draft' | 'find-server' | 'expand-list';
  /** Mailbox, draft, or look-up in the address book. */
  readonly subjectId: string;
  /** Profile of the mailbox: tasks are claimed in turn by run and profile, so that a slow server holds up its own alone. */
  readonly profileId: string | null;
  readonly runId: string | null;
  /** Waiting: until its profile is active again, or has another password; whatever is due then. */
  readonly state: 'ready' | 'claimed' | 'waiting';
  readonly dueAt: number;
  /** Lower is sooner: an interactive test before a run of thousands. */
  readonly priority: number;
  /** How often it was claimed: above one means that an earlier claim ended without an outcome. */
  readonly claims: number;
  /** As its run was asked to; retries keep it. */
  readonly takeOver?: boolean;
  readonly createdAt: number;
}
