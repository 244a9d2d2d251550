/** How fast is allowed and how long to wait. Figures of Teams: facts C3 (bots/how-to/rate-limit.md). */
export interface Pace {
  /** A conversation: so many at once, then one each `refillMs`. Teams: 7/1 s, 8/2 s, 60/30 s, 1800/h, turns included. */
  readonly burst: number;
  readonly refillMs: number;
  /** Everything together, in any second. Teams: 50 for an app in a tenant; the rest is for answers to people. */
  readonly perSecond: number;
  /** Calls that wait for their answer at the same time. */
  readonly inFlight: number;
  /** Between two edits of a run's live card: in its first minute, and later. */
  readonly runEarlyMs: number;
  readonly runEarlyEditMs: number;
  readonly runLateEditMs: number;
  /** First wait after a failure; doubles each time up to the cap. */
  readonly retryMs: number;
  readonly retryCapMs: number;
  /** A card that cannot be made is tried so often. */
  readonly renderAttempts: number;
}

export const teamsPace: Pace = {
  burst: 5,
  refillMs: 2000,
  perSecond: 45,
  inFlight: 16,
  runEarlyMs: 60_000,
  runEarlyEditMs: 2000,
  runLateEditMs: 15_000,
  retryMs: 2000,
  retryCapMs: 5 * 60_000,
  renderAttempts: 5,
};

/** `burst` at once, then one each `refillMs`. */
export class TokenBucket {
  readonly #burst: number;
  readonly #refillMs: number;
  #tokens: number;
  #at: number;

  constructor(burst: number, refillMs: number, now: number) {
    this.#burst = burst;
    this.#refillMs = refillMs;
    this.#tokens = burst;
    this.#at = now;
  }

  /** When the next one may go: `now` or later. */
  readyAt(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? now : now + Math.ceil((1 - this.#tokens) * this.#refillMs);
  }

  take(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  /** Gives one back that was not used. */
  refund(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1);
  }

  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= this.#burst;
  }

  #refill(now: number): void {
    if (now <= this.#at) return;
    // Rounded to what no limit notices, so that fractions of many refills do not add up to a token that is never whole.
    const tokens = this.#tokens + (now - this.#at) / this.#refillMs;
    this.#tokens = Math.min(this.#burst, Math.round(tokens * 1e6) / 1e6);
    this.#at = now;
  }
}

/** At most `count` in any span of a second: a bucket would allow twice that across a boundary. */
export class SecondWindow {
  readonly #count: number;
  readonly #taken: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  readyAt(now: number): number {
    while (this.#taken[0] !== undefined && this.#taken[0] <= now - 1000) this.#taken.shift();
    return this.#taken.length < this.#count ? now : (this.#taken[0] ?? now) + 1000;
  }

  take(now: number): void {
    this.#taken.push(now);
  }

  /** Gives one back that was taken at that time and not used. */
  refund(takenAt: number): void {
    const index = this.#taken.lastIndexOf(takenAt);
    if (index !== -1) this.#taken.splice(index, 1);
  }
}

/**
 * The wait before try number `attempts + 1`. Jitter takes up to half of it away, so that conversations that failed
 * together do not come back together; what the server asked for is only ever lengthened.
 */
export function retryDelayMs(pace: Pace, attempts: number, retryAfterMs: number | null, random: () => number): number {
  const backOff = Math.min(pace.retryCapMs, pace.retryMs * 2 ** Math.min(attempts, 20));
  if (retryAfterMs !== null) return retryAfterMs + Math.round(random() * pace.retryMs);
  return Math.round(backOff * (1 - random() / 2));
}

/** When a run's card may change again, given its post and its last change. */
export function runEditAt(pace: Pace, postedAt: number, changedAt: number): number {
  const early = changedAt - postedAt < pace.runEarlyMs;
  return changedAt + (early ? pace.runEarlyEditMs : pace.runLateEditMs);
}
