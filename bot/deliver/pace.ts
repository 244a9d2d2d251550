/** How fast is allowed and how long to wait. Figures of Teams: facts C3 (bots/how-to/rate-limit.md). */
export interface Pace {
  /**
   * A conversation, edits included. Teams allows 7 in 1 s, 8 in 2 s, 60 in 30 s and 1,800 in an hour; what is left free is
   * for answers to people, which do not wait in this line. Those that were given count here.
   */
  readonly conversation: readonly SendLimit[];
  /** The same for answers: nearly all that Teams allows. One is left for what is on its way at two speeds. */
  readonly answers: readonly SendLimit[];
  /**
   * Answers alone, where many read: whoever types there without pause, with or without a role, must not take so much that
   * the alerts and requests of everybody wait. Less than `conversation` leaves them the rest.
   */
  readonly sharedAnswers: readonly SendLimit[];
  /** So long an answer waits at most where Teams would refuse it, and in an invoke, whose sender waits for the outcome. */
  readonly answerWaitMs: number;
  readonly invokeWaitMs: number;
  /** Everything together, in any second. Teams: 50 for an app in a tenant; the rest is for answers to people. */
  readonly perSecond: number;
  /** The same with answers. The SDK repeats one that failed by itself, and nobody counts that: some is left for it. */
  readonly answersPerSecond: number;
  /** Calls that wait for their answer at the same time. */
  readonly inFlight: number;
  /** Between two edits of a run's live card: in its first minute, and later. */
  readonly runEarlyMs: number;
  readonly runEarlyEditMs: number;
  readonly runLateEditMs: number;
  /** First wait after a failure; doubles each time up to the cap. */
  readonly retryMs: number;
  readonly retryCapMs: number;
  /** When its budget is short, a conversation's progress waits for everything that is wished up to so much later. */
  readonly yieldMs: number;
  /** A card that cannot be made is tried so often. */
  readonly renderAttempts: number;
}

export const teamsPace: Pace = {
  conversation: [
    { count: 5, spanMs: 1000 },
    { count: 6, spanMs: 2000 },
    { count: 45, spanMs: 30_000 },
    { count: 1500, spanMs: 3_600_000 },
  ],
  answers: [
    { count: 6, spanMs: 1000 },
    { count: 7, spanMs: 2000 },
    { count: 58, spanMs: 30_000 },
    { count: 1750, spanMs: 3_600_000 },
  ],
  sharedAnswers: [
    { count: 30, spanMs: 30_000 },
    { count: 1000, spanMs: 3_600_000 },
  ],
  answerWaitMs: 8000,
  invokeWaitMs: 1500,
  perSecond: 45,
  answersPerSecond: 47,
  inFlight: 16,
  runEarlyMs: 60_000,
  runEarlyEditMs: 2000,
  runLateEditMs: 15_000,
  retryMs: 2000,
  retryCapMs: 5 * 60_000,
  yieldMs: 60_000,
  renderAttempts: 5,
};

/** At most `count` in any span of `spanMs`. */
export interface SendLimit {
  readonly count: number;
  readonly spanMs: number;
}

const exactMs = 30_000;
const groupMs = 60_000;

/**
 * Keeps several limits at once, exactly: a bucket would allow twice as many across a boundary. All sends count for two lines:
 * the one that waits its turn, and that of answers, which may go further.
 */
export class SendLimits {
  readonly #limits: readonly SendLimit[];
  readonly #answers: readonly SendLimit[];
  readonly #sharedAnswers: readonly SendLimit[];
  readonly #longestMs: number;
  readonly #most: number;
  /** Times of the latest sends, oldest first; no more than the largest limit counts. */
  readonly #taken: number[] = [];
  #underWay = 0;
  /** Those of them that were answers where many read. A restart forgets them: what it sent counts all the same. */
  readonly #shared: number[] = [];

  constructor(limits: readonly SendLimit[], answers: readonly SendLimit[], sharedAnswers: readonly SendLimit[] = []) {
    this.#limits = limits;
    this.#answers = answers;
    this.#sharedAnswers = sharedAnswers;
    this.#longestMs = Math.max(...[...limits, ...answers].map(({ spanMs }) => spanMs));
    this.#most = Math.max(...[...limits, ...answers].map(({ count }) => count));
  }

  /** When the next one may go that waits its turn: `now` or later. */
  readyAt(now: number): number {
    return this.#openAt(this.#limits, now);
  }

  /** When the next answer may go; `isShared`: where many read. */
  answerAt(now: number, isShared = false): number {
    const at = this.#openAt(this.#answers, now);
    return isShared ? Math.max(at, openAt(this.#sharedAnswers, this.#shared, now)) : at;
  }

  /** A call goes out: it counts as one of now until it is over. */
  begin(): void {
    this.#underWay += 1;
  }

  /**
   * It is over, and counts from now on: when Teams counted it nobody knows, and one that took its time would else meet the
   * quick one after it within the same second. `called` false: it was not made.
   */
  end(now: number, called: boolean): void {
    this.#underWay -= 1;
    if (called) this.#take(now);
  }

  /** The same for an answer, whose `end` is as that of every other. */
  beginAnswer(now: number, isShared: boolean): void {
    this.begin();
    if (!isShared) return;
    this.#shared.push(now);
    if (this.#shared.length > this.#most) this.#shared.shift();
  }

  /** More than half of a limit is used up: what can wait should. */
  isShort(now: number): boolean {
    return this.#limits.some(({ count, spanMs }) => {
      const half = Math.ceil(count / 2) - this.#underWay;
      return half <= 0 || (this.#taken.at(-half) ?? -Infinity) > now - spanMs;
    });
  }

  /** What still counts, to be written down: see RecentSends. */
  recent(now: number): [at: number, count: number][] {
    const groups: [at: number, count: number][] = [];
    for (const at of this.#taken) {
      if (at <= now - this.#longestMs) continue;
      const last = groups.at(-1);
      const old = at < now - exactMs;
      // The time of a group is that of its last: counted a little too long rather than too short.
      if (old && last !== undefined && Math.floor(last[0] / groupMs) === Math.floor(at / groupMs)) {
        last[0] = at;
        last[1] += 1;
      } else groups.push([at, 1]);
    }
    if (this.#underWay > 0) groups.push([now, this.#underWay]);
    return groups;
  }

  /** Counts what was sent before this process started. */
  restore(sends: readonly (readonly [at: number, count: number])[]): void {
    for (const [at, count] of sends) for (let index = 0; index < count; index += 1) this.#take(at);
  }

  #take(now: number): void {
    this.#taken.push(now);
    if (this.#taken.length > this.#most) this.#taken.shift();
  }

  #openAt(limits: readonly SendLimit[], now: number): number {
    const full = limits.filter(({ count }) => count <= this.#underWay);
    // The end of one of them opens it sooner.
    if (full.length > 0) return now + Math.max(...full.map(({ spanMs }) => spanMs));
    return openAt(
      limits.map(({ count, spanMs }) => ({ count: count - this.#underWay, spanMs })),
      this.#taken,
      now,
    );
  }

  /** Nothing that was sent counts any more: forgetting it all changes nothing. */
  isUnused(now: number): boolean {
    return this.#underWay === 0 && (this.#taken.at(-1) ?? -Infinity) + this.#longestMs <= now;
  }
}

/** When limits let one more through after those that were sent, oldest first. */
function openAt(limits: readonly SendLimit[], sent: number[], now: number): number {
  // A clock that was set back would hold everything until it has caught up.
  for (let at = sent.length - 1; at >= 0 && sent[at]! > now; at -= 1) sent[at] = now;
  return Math.max(now, ...limits.map(({ count, spanMs }) => (sent.at(-count) ?? -Infinity) + spanMs));
}

/**
 * The wait before try number `attempts + 1`. Jitter takes up to half of it away, so that conversations that failed
 * together do not come back together; what the server asked for is only ever lengthened, to the first wait at least: a
 * server that asks for none would be asked without end.
 */
export function retryDelayMs(pace: Pace, attempts: number, retryAfterMs: number | null, random: () => number): number {
  const backOff = Math.min(pace.retryCapMs, pace.retryMs * 2 ** Math.min(attempts, 20));
  if (retryAfterMs !== null) return Math.max(pace.retryMs, retryAfterMs) + Math.round(random() * pace.retryMs);
  return Math.round(backOff * (1 - random() / 2));
}

/** When a run's card may change again, given its post and its last change. */
export function runEditAt(pace: Pace, postedAt: number, changedAt: number): number {
  const early = changedAt - postedAt < pace.runEarlyMs;
  return changedAt + (early ? pace.runEarlyEditMs : pace.runLateEditMs);
}
