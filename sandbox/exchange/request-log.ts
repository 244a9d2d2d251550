import type { SignInOutcome } from './authentication/scheme.ts';

/** One HTTP request to the EWS address. Times are milliseconds; unknown is null, so that JSON shows it. */
export interface RequestEntry {
  readonly seq: number;
  /** When it arrived: ISO 8601, UTC. */
  readonly time: string;
  readonly method: string;
  readonly operation: string | null;
  /** The mailbox it acted for, as sent; the account's own without impersonation. */
  readonly mailbox: string | null;
  /** The account that signed in. */
  readonly account: string | null;
  readonly connection: number;
  /** Requests of the account in flight, this one included. */
  readonly inFlight: number;
  /** HTTP status; 0 where the connection ended without one. */
  readonly status: number;
  /** Response code of the fault or of the first response message that is no success, else NoError. */
  readonly code: string | null;
  readonly ms: number;
  readonly userAgent: string | null;
  readonly anchorMailbox: string | null;
}

/** One attempt to sign in. It never holds what was presented as a secret. */
export interface SignInEntry {
  readonly seq: number;
  readonly time: string;
  readonly connection: number;
  /** The virtual directory. */
  readonly directory: 'ews' | 'autodiscover';
  readonly scheme: string;
  readonly userName: string | null;
  readonly outcome: SignInOutcome;
}

/** A long run must not fill the memory: the oldest half goes when this many are held. */
const LIMIT = 400_000;

/** What the server has seen. */
export class RequestLog {
  #requests: RequestEntry[] = [];
  #signIns: SignInEntry[] = [];
  #lastRequest = 0;
  #lastSignIn = 0;

  /** In the order the answers began. */
  requests(): readonly RequestEntry[] {
    return this.#requests;
  }

  signIns(): readonly SignInEntry[] {
    return this.#signIns;
  }

  addRequest(entry: Omit<RequestEntry, 'seq'>): void {
    this.#lastRequest += 1;
    this.#requests.push({ seq: this.#lastRequest, ...entry });
    if (this.#requests.length > LIMIT) this.#requests.splice(0, LIMIT / 2);
  }

  addSignIn(entry: Omit<SignInEntry, 'seq'>): void {
    this.#lastSignIn += 1;
    this.#signIns.push({ seq: this.#lastSignIn, ...entry });
    if (this.#signIns.length > LIMIT) this.#signIns.splice(0, LIMIT / 2);
  }

  reset(): void {
    this.#requests = [];
    this.#signIns = [];
  }
}
