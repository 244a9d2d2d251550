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

/** The first check falls anywhere in the interval: a run enables thousands within minutes. `random` is from 0 to 1. */
export function firstPollAt(now: number, intervalMs: number, random: number): number {
  return now + Math.round(intervalMs * random);
}

export function nextPollAt(now: number, intervalMs: number, random: number): number {
  return now + Math.round(intervalMs * (1 + drift * random));
}

/**
 * Pause between two calls to a server that is out of reach: so short beside the interval that after an outage everybody is
 * checked again within two intervals, also at the shortest that a profile can have (a minute).
 */
export function probeMsOf(overrideMs: number | null): number {
  return Math.min(15_000, (overrideMs ?? 60_000) / 4);
}
