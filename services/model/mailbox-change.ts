import type { MailboxConfiguration, MailboxEdit } from './mailbox-edit.ts';
import type { Direction } from './mailbox.ts';

/** The bulk commands that change mailboxes and can be taken back. */
export type ChangeKind = 'edit' | 'apply-defaults' | 'activate' | 'deactivate';

/**
 * What a bulk command would change, waiting for a yes. It is bound to the mailboxes that were counted (DESIGN, law 1) and to
 * how they were then: whichever somebody else changes in between is left as it is, and named.
 */
export interface MailboxChange {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly kind: ChangeKind;
  /** The filter as typed, for the title. */
  readonly filter: string;
  /** Each counted mailbox with the place of its configuration in `seen`; none after the yes. */
  readonly items: readonly (readonly [id: string, seen: number])[];
  readonly seen: readonly MailboxConfiguration[];
  /** What it changes; empty while its form is not filled in. */
  readonly edit: MailboxEdit;
  readonly effect: ChangeEffect;
  readonly state: 'form' | 'waiting' | 'done' | 'cancelled';
  readonly result: ChangeResult | null;
  readonly createdAt: number;
  readonly revision: number;
}

/** What it would do, in numbers of mailboxes. */
export interface ChangeEffect {
  readonly matching: number;
  readonly changing: number;
  /** Of those that change: they work in some direction that has to be tested again, or stops. */
  readonly stopping: number;
  /** Of those that change: a test of them is due or under way. */
  readonly testing: number;
  /** Queues, which are left without ACT. */
  readonly queues: number;
  /** Of those that change: no test before somebody approves them. */
  readonly unapproved: number;
  /** Of those that change: they wait for an approval that is not asked for any more. */
  readonly withdrawn: number;
  /** Some of those that change. */
  readonly sample: readonly string[];
}

/** What it did, in numbers of mailboxes, with some of those that it did not change. */
export interface ChangeResult {
  readonly changed: number;
  /** They were so already. */
  readonly unchanged: number;
  /** Changed by somebody else since the question: left as they are. */
  readonly changedSince: number;
  /** Not there any more under this address. */
  readonly gone: number;
  readonly left: readonly string[];
  readonly stopped: number;
  /** Approval was asked for. */
  readonly asked: number;
  /** Approval is not asked for any more. */
  readonly withdrawn: number;
  readonly runId: string | null;
  readonly tested: number;
}

export const noEffect: ChangeEffect = {
  matching: 0,
  changing: 0,
  stopping: 0,
  testing: 0,
  queues: 0,
  unapproved: 0,
  withdrawn: 0,
  sample: [],
};

/** Mailboxes that one bulk change takes: it is one commit, and its question and the way back are each one record. */
export const changeLimit = 20_000;

/** Some of many, for a card. */
export const changeSampleSize = 10;

/** How long a change can be taken back. */
export const undoMs = 10 * 60 * 1000;

/**
 * How mailboxes were before the last bulk change of a person, and how it left them: the configuration alone, each kept once.
 * A person has one, the next change replaces it, and housekeeping deletes it when its time is over.
 */
export interface UndoStep {
  readonly environmentId: string;
  /** Of the change. */
  readonly id: string;
  readonly actorId: string;
  readonly kind: ChangeKind;
  readonly filter: string;
  readonly doneAt: number;
  readonly was: readonly UndoImage[];
  readonly became: readonly MailboxConfiguration[];
  /** Each changed mailbox with the places of its configurations in `was` and `became`; none when it is taken back. */
  readonly items: readonly (readonly [id: string, was: number, became: number])[];
  /** The test that the change began, which cannot be taken back. */
  readonly runId: string | null;
  readonly state: 'open' | 'done';
  readonly result: UndoResult | null;
  readonly revision: number;
}

export interface UndoImage {
  readonly configuration: MailboxConfiguration;
  /** Directions that worked. */
  readonly enabled: readonly Direction[];
}

export interface UndoResult {
  readonly restored: number;
  /** Changed again since, or not there any more: left as they are. */
  readonly left: number;
  readonly sample: readonly string[];
  /** Of those restored: they work again in every direction in which they worked. */
  readonly working: number;
}
