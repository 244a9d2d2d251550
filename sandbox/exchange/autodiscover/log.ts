import type { AutodiscoverProtocol } from './rule.ts';

/** One request for settings, or for where to ask for them. */
export interface AutodiscoverEntry {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly protocol: AutodiscoverProtocol;
  readonly method: string;
  /** Host header, with its port. */
  readonly host: string;
  readonly path: string;
  /** Scheme of the credentials that came along; null where there were none, as must be over plain HTTP. */
  readonly scheme: string | null;
  readonly account: string | null;
  /** The first address asked for. */
  readonly address: string | null;
  readonly connection: number;
  /** HTTP status; 0 where the connection ended without one. */
  readonly status: number;
}

/** A long run must not fill the memory: the oldest half goes when this many are held. */
const LIMIT = 100_000;

/** What Autodiscover was asked, oldest first. */
export class AutodiscoverLog {
  #entries: AutodiscoverEntry[] = [];
  #last = 0;

  entries(): readonly AutodiscoverEntry[] {
    return this.#entries;
  }

  add(entry: Omit<AutodiscoverEntry, 'seq'>): void {
    this.#last += 1;
    this.#entries.push({ seq: this.#last, ...entry });
    if (this.#entries.length > LIMIT) this.#entries.splice(0, LIMIT / 2);
  }

  reset(): void {
    this.#entries = [];
  }
}
