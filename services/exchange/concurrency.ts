/** A first "busy" shrinks to no less than about this many, however few were inside: a gentle step, not a stop. */
const smallestStart = 10;
const shrink = 0.7;

/**
 * How many calls of an account may be under way: up by one for each full round of good answers, down by a third when the
 * server is busy (additive increase, multiplicative decrease, RFC 5681 §3.1). The back-off clock says when to come back;
 * this says with how many, or the same number would meet the same "busy".
 */
export class Concurrency {
  readonly #most: number;
  #window: number;

  constructor(most: number) {
    this.#most = most;
    this.#window = most;
  }

  get limit(): number {
    return Math.max(1, Math.floor(this.#window));
  }

  /** Once for each time that the server asks for: the calls that were under way together all hear the same. */
  decrease(underWay: number): void {
    this.#window = Math.max(1, Math.min(this.#window, Math.max(underWay, smallestStart)) * shrink);
  }

  increase(): void {
    this.#window = Math.min(this.#most, this.#window + 1 / this.#window);
  }
}
