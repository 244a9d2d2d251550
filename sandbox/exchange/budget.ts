import { EwsError } from './soap/ews-error.ts';

/** EWSMaxConcurrency: how many requests of one owner may be in flight. */
export class ConcurrencyBudget {
  readonly limit: number;
  readonly #inFlight = new Map<string, number>();

  constructor(limit: number) {
    this.limit = limit;
  }

  inFlight(owner: string): number {
    return this.#inFlight.get(owner) ?? 0;
  }

  /** @returns the number in flight, this one included; it may be over the limit and must be left all the same */
  enter(owner: string): number {
    const count = this.inFlight(owner) + 1;
    this.#inFlight.set(owner, count);
    return count;
  }

  leave(owner: string): void {
    const count = this.inFlight(owner) - 1;
    if (count > 0) this.#inFlight.set(owner, count);
    else this.#inFlight.delete(owner);
  }

  /** The fault for a request too many, in the words of a real server (shared facts, exchange.md §6.4). */
  exceeded(): EwsError {
    const limit = String(this.limit);
    return new EwsError('fault', 'ErrorExceededConnectionCount', {
      values: {
        Policy: 'MaxConcurrency',
        MaxConcurrencyLimit: limit,
        ErrorMessage: `This operation exceeds the throttling budget for policy part 'MaxConcurrency', policy value '${limit}',  Budget type: 'Ews'.  Suggested backoff time 0 ms.`,
      },
    });
  }
}
