import type { Fault } from '../model/fault.ts';

/** Why somebody did not get in. */
export interface WaitEnd {
  readonly fault: Fault;
  /** The server cannot be reached just now, and was not asked for this one. */
  readonly circuitOpen: boolean;
}

/** Somebody before the gate. */
export interface Waiter {
  readonly sequence: number;
  /** How many of this credential may run beside each other. */
  readonly limit: number;
  readonly resolve: (end: WaitEnd | null) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A pause between two mailboxes of a run, or one that a busy server asked for. Nobody changes a password and starts a run
 * within it; with fifteen seconds of trust, such a run locked the account.
 */
const quietProofMs = 5000;

/**
 * The calls of one credential at one server: who waits, who runs, and whether its password is known to work. Until it
 * is, one call (the canary) runs alone.
 */
export class Lane {
  readonly #proofLifetimeMs: number;
  readonly #inside = new Set<AbortController>();
  #waiting: Waiter[] = [];
  /** Admitted; a little earlier than inside. */
  #admitted = 0;
  #isCanaryOut = false;
  #provenAt: number | null = null;

  constructor(proofLifetimeMs: number) {
    this.#proofLifetimeMs = proofLifetimeMs;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#admitted === 0;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** True from the admission of a canary until its outcome is known. */
  get isCanaryOut(): boolean {
    return this.#isCanaryOut;
  }

  get nextSequence(): number {
    return this.#waiting[0]?.sequence ?? Infinity;
  }

  /**
   * Whether the password may be relied on. Not for long once nobody is inside: it may have been changed since, and a run that
   * begins then would send as many wrong sign-ins at once as it has connections.
   */
  isProven(nowMs: number): boolean {
    const lifetimeMs = this.#admitted === 0 ? Math.min(quietProofMs, this.#proofLifetimeMs) : this.#proofLifetimeMs;
    // Older than nothing: the clock was set back, and nobody knows how old the proof is.
    const ageMs = this.#provenAt === null ? -1 : nowMs - this.#provenAt;
    return ageMs >= 0 && ageMs < lifetimeMs;
  }

  /** Whether its first waiter may be admitted now. */
  isReady(nowMs: number): boolean {
    const next = this.#waiting[0];
    if (next === undefined || this.#isCanaryOut) return false;
    // A password may have changed since it last worked: with an old proof one call goes first, and alone.
    return this.isProven(nowMs) ? this.#admitted < next.limit : this.#admitted === 0;
  }

  /** By number: mostly that is the end. */
  add(waiter: Waiter): void {
    const after = this.#waiting.findLastIndex(({ sequence }) => sequence < waiter.sequence);
    this.#waiting.splice(after + 1, 0, waiter);
  }

  remove(waiter: Waiter): void {
    const index = this.#waiting.indexOf(waiter);
    if (index !== -1) this.#waiting.splice(index, 1);
  }

  admitNext(nowMs: number): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#isCanaryOut = !this.isProven(nowMs);
    this.#admitted += 1;
    next.resolve(null);
  }

  /** Notes who runs, to be able to end it; returns the way out. */
  enter(controller: AbortController): () => void {
    this.#inside.add(controller);
    return () => {
      this.#inside.delete(controller);
      this.#admitted -= 1;
    };
  }

  prove(nowMs: number): void {
    this.#provenAt = nowMs;
  }

  /** The canary is back. With a fault: it meets those who waited for it as well. */
  endCanary(shared: Fault | null): void {
    if (!this.#isCanaryOut) return;
    this.#isCanaryOut = false;
    if (shared !== null) this.answerAll({ fault: shared, circuitOpen: false });
  }

  /** The password is refused: nobody waits on, and who is inside makes no further call with it. */
  refuse(fault: Fault): void {
    this.#isCanaryOut = false;
    this.#provenAt = null;
    this.answerAll({ fault, circuitOpen: false });
    for (const controller of this.#inside) controller.abort(new Error('credential refused'));
  }

  dismiss(reason: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) waiter.reject(reason);
  }

  /** Nobody waits on: all have the same answer. */
  answerAll(end: WaitEnd): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) waiter.resolve(end);
  }
}
