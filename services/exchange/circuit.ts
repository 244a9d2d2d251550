import type { Fault } from '../model/fault.ts';
import { connectionFaults } from './gate-faults.ts';

export interface CircuitOptions {
  /** Mailboxes in a row that met a connection fault. One alone may be a mailbox that makes the server hang. */
  readonly threshold: number;
  readonly probeMs: number;
}

/** Nobody has been there for so many pauses: what is known of the server is out of date. */
const staleProbes = 10;

/**
 * One server, as its connections tell. After a row of failed ones, from different mailboxes and with no answer in
 * between, nobody is sent there but one probe at a time; everybody else has the same fault at once. Otherwise 5,000
 * mailboxes would each wait for a deadline, and each would lose one of its ten tries to an outage (DESIGN, retry rule).
 */
export class Circuit {
  readonly #options: CircuitOptions;
  readonly #row = new Set<string>();
  #fault: Fault | null = null;
  #nextProbeAt = 0;
  #learnedAt = 0;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** The fault that everybody meets while it is open. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** Null: go. While it is open, one caller every `probeMs` goes, as the probe. */
  ask(nowMs: number): Fault | null {
    if (this.#fault === null) return null;
    if (nowMs - this.#learnedAt > staleProbes * this.#options.probeMs) {
      this.#fault = null;
      return null;
    }
    // Further away than a pause: the clock was set back.
    if (nowMs < this.#nextProbeAt && this.#nextProbeAt - nowMs <= this.#options.probeMs) return this.#fault;
    this.#nextProbeAt = nowMs + this.#options.probeMs;
    return null;
  }

  /** What a call of `subject` met; returns true when this opened the circuit. */
  learn(subject: string, faults: readonly Fault[], nowMs: number): boolean {
    const fault = faults.find(({ code }) => connectionFaults.has(code));
    this.#learnedAt = nowMs;
    if (fault === undefined) {
      this.#row.clear();
      this.#fault = null;
      return false;
    }
    if (this.#fault !== null) {
      this.#fault = fault;
      return false;
    }
    this.#row.add(subject);
    if (this.#row.size < this.#options.threshold) return false;
    this.#row.clear();
    this.#fault = fault;
    this.#nextProbeAt = nowMs + this.#options.probeMs;
    return true;
  }
}
