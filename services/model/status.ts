import type { Incident } from './alert.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import type { EmailServerProfile } from './profile.ts';
import type { Run } from './run.ts';
import type { StoreLimit } from './store-limits.ts';

/** Mailboxes by the roll-up of their last test. */
export interface MailboxCounts {
  readonly success: number;
  readonly failure: number;
  readonly notRun: number;
}

export interface ProfileHealth extends Pick<EmailServerProfile, 'id' | 'name' | 'state'> {
  readonly counts: MailboxCounts;
}

/** How an environment stands, as of one moment: figures and a few examples, never all of it. */
export interface Status {
  readonly environmentName: string;
  readonly counts: MailboxCounts;
  /** Most mailboxes first. */
  readonly profiles: readonly ProfileHealth[];
  readonly withoutProfile: MailboxCounts;
  readonly incidents: {
    readonly errors: number;
    readonly warnings: number;
    /** Of them: those that somebody has seen, and those that are somebody's. */
    readonly acknowledged: number;
    readonly assigned: number;
    /** The critical ones, and then the worst and widest. */
    readonly worst: readonly Incident[];
  };
  readonly pending: { readonly mailboxes: number; readonly requests: number; readonly oldestAt: number | null };
  /** Mailboxes that are tried again by themselves, and when the next one is. */
  readonly retries: { readonly mailboxes: number; readonly nextAt: number | null };
  /** The latest, newest first. */
  readonly runs: readonly Run[];
  /** Those that last, and those that lie ahead, soonest first. */
  readonly maintenance: readonly MaintenanceWindow[];
  /** Those that come near. */
  readonly limits: readonly StoreLimit[];
}

export const totalOf = ({ success, failure, notRun }: MailboxCounts): number => success + failure + notRun;

export const plus = (one: MailboxCounts, other: MailboxCounts): MailboxCounts => ({
  success: one.success + other.success,
  failure: one.failure + other.failure,
  notRun: one.notRun + other.notRun,
});

/** A conversation that gets the status every week. */
export interface WeeklyStatus {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly setBy: string;
  /** Also the day of the week and the time of day at which it comes. */
  readonly setAt: number;
  readonly dueAt: number;
}

export const weekMs = 7 * 24 * 60 * 60 * 1000;

/** The next time in the rhythm that began at `setAt`: weeks that went by without a process are not made up for. */
export function nextWeeklyAt({ setAt }: Pick<WeeklyStatus, 'setAt'>, now: number): number {
  return setAt + (Math.max(0, Math.floor((now - setAt) / weekMs)) + 1) * weekMs;
}
