import type { EmailServerProfile } from './profile.ts';

/**
 * The check of an enabled mailbox that goes on after Test & Enable, at the profile's polling interval. A row of its own
 * beside the mailbox: thousands of due times move without touching a record that people decide about.
 */
export interface Poll {
  readonly environmentId: string;
  readonly mailboxId: string;
  /** As of the last look, to count who waits for a server. */
  readonly profileId: string;
  /** Epoch ms. */
  readonly dueAt: number;
  /** When Exchange last answered a check; null: not yet. */
  readonly checkedAt: number | null;
  /** Since when the server gave no answer to checks of this mailbox; null: it did. */
  readonly unansweredSince: number | null;
}

/** What 0 in `minpollingintervalinminutes` means: ACT's own rhythm on the platform (dynamics facts §3.3). */
export const enginePollingMinutes = 15;

/** How much later than its interval a check may come, so that those that came together drift apart. Never earlier. */
const drift = 0.1;

/** Interval of a profile, unless the operator has set one for all. */
export function pollIntervalOf(
  { minPollingIntervalMinutes }: Pick<EmailServerProfile, 'minPollingIntervalMinutes'>,
  overrideMs: number | null,
): number {
  if (overrideMs !== null) return overrideMs;
  return (minPollingIntervalMinutes === 0 ? enginePollingMinutes : minPollingIntervalMinutes) * 60_000;
}

/**
 * The first checks are spread over the interval, since a run enables thousands within minutes; none comes at once, since each
 * has just been tested. `random` is from 0 to 1.
 */
export function firstPollAt(now: number, intervalMs: number, random: number): number {
  return now + Math.round(intervalMs * (0.1 + 0.9 * random));
}

export function nextPollAt(now: number, intervalMs: number, random: number): number {
  return now + Math.round(intervalMs * (1 + drift * random));
}

/**
 * Pause between two calls to a server that is out of reach: a minute, or less where a shorter interval is set, so that after
 * an outage everybody is checked again within two intervals.
 */
export function probeMsOf(overrideMs: number | null): number {
  return Math.min(60_000, (overrideMs ?? Number.POSITIVE_INFINITY) / 4);
}
