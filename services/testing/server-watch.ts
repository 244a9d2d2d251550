import { natureOf, scopeOf, type Fault } from '../model/fault.ts';
import { ownPlaceOf, serverOf } from '../model/outage.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { connectionFaults, refusals } from '../exchange/gate-faults.ts';

export interface WatchTimes {
  /** So long without any answer, to two mailboxes, is an outage: also where too few ask to open the circuit. */
  readonly silenceMs: number;
  /** Between two checks during an outage. */
  readonly probeMs: number;
}

/** What a check without an answer means. */
export type Silence =
  /** Nobody knows yet; not counted. */
  | { readonly kind: 'unclear'; readonly since: number }
  /** The server answers others meanwhile, so it is this mailbox's trouble. */
  | { readonly kind: 'mailbox' }
  /** It is the server's: one outage, whoever asks. `isNews`: it was not known before, or this was the probe. */
  | { readonly kind: 'outage'; readonly since: number; readonly isNews: boolean };

/** A check that went without an answer. */
export interface Unanswered {
  readonly mailboxId: string;
  /** The gate knows of an outage. */
  readonly circuitOpen: boolean;
  /** When the checks of this mailbox began to go unanswered; null: the last one was answered. */
  readonly since: number | null;
  /** No other mailbox is checked at this server. */
  readonly isOnlyOne: boolean;
}

interface ServerState {
  answeredAt: number;
  silentSince: number | null;
  /** Who met the silence; two say as much as two hundred. */
  readonly silentTo: Set<string>;
  outSince: number | null;
  /** End of the last outage: what went unanswered before it says nothing about a mailbox. */
  recoveredAt: number;
  nextProbeAt: number;
  /** It has asked for time until then. */
  busyUntil: number;
  /** Who asks for all the others during an outage. */
  probe: string | null;
  /** Nobody asked for a while, by announcement: one goes ahead of the others, as during an outage. */
  isResting: boolean;
}

/**
 * A fault that a server or an account has, whoever's mailbox met it, and that ends when they are well again. A refused password
 * does not: it waits for a person.
 */
export function isOfServer(fault: Fault): boolean {
  return scopeOf(fault) === 'server' && !refusals.has(fault.code);
}

/** Who else would meet it: everybody at the server, or those of this profile, with its address and its way to sign in. */
export function placeOf(profile: EmailServerProfile, fault: Fault): string {
  const isShared = connectionFaults.has(fault.code) || natureOf(fault) === 'transient';
  return isShared ? serverOf(profile) : ownPlaceOf(profile);
}

/**
 * Tells the trouble of a server from the trouble of a mailbox, by who else gets an answer. The gate's circuit knows a row of
 * failed connections; this also sees a server that answers everybody with "unavailable", and servers with few mailboxes. In
 * memory: after a restart it starts by not counting anything.
 */
export class ServerWatch {
  readonly #times: WatchTimes;
  readonly #servers = new Map<string, ServerState>();
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(times: WatchTimes) {
    this.#times = times;
  }

  /** Servers that are out of reach. */
  get out(): string[] {
    return [...this.#servers].filter(([, { outSince }]) => outSince !== null).map(([host]) => host);
  }

  /** An outage that an earlier process had seen. */
  restore(host: string, since: number): void {
    const state = this.#stateOf(host, this.#lastAt);
    state.silentSince = since;
    state.outSince = since;
  }

  /** False: it has asked for time, or is out of reach and it is not yet time for the next who asks all the same. */
  mayAsk(host: string, mailboxId: string, now: number): boolean {
    const state = this.#stateOf(host, now);
    if (now < state.busyUntil) return false;
    if (state.outSince === null && !state.isResting) return true;
    if (now < state.nextProbeAt) return false;
    state.nextProbeAt = now + this.#times.probeMs;
    state.probe = mailboxId;
    return true;
  }

  /** The server asked for time: the gate would only let its callers wait, and others behind them. */
  backOff(host: string, forMs: number, now: number): void {
    const state = this.#stateOf(host, now);
    state.busyUntil = Math.max(state.busyUntil, now + forMs);
  }

  /** An announced outage lasts: what was met before it says nothing of what comes after it. */
  rest(host: string, now: number): void {
    const state = this.#stateOf(host, now);
    breakSilence(state);
    state.recoveredAt = now;
    state.isResting = true;
  }

  /** The server answered, whatever it said. True: this ended an outage. */
  answered(host: string, now: number): boolean {
    const state = this.#stateOf(host, now);
    state.answeredAt = now;
    state.isResting = false;
    breakSilence(state);
    if (state.outSince === null) return false;
    this.end(host, now);
    return true;
  }

  /** Ends an outage that nobody waits for any more. */
  end(host: string, now: number): void {
    const state = this.#stateOf(host, now);
    breakSilence(state);
    state.outSince = null;
    state.recoveredAt = now;
  }

  unanswered(host: string, { mailboxId, circuitOpen, since, isOnlyOne }: Unanswered, now: number): Silence {
    const state = this.#stateOf(host, now);
    const from = since !== null && since > state.recoveredAt ? Math.min(since, now) : now;
    // Whoever was still under way when it began has nothing new to tell.
    if (state.outSince !== null) return { kind: 'outage', since: from, isNews: state.probe === mailboxId };
    if (!circuitOpen && state.answeredAt > from) return { kind: 'mailbox' };
    state.silentSince ??= now;
    if (state.silentTo.size < 2) state.silentTo.add(mailboxId);
    const isLong = now - state.silentSince >= this.#times.silenceMs;
    // One mailbox may make a server hang, and says nothing about the others.
    if (!circuitOpen && !(isLong && (isOnlyOne || state.silentTo.size > 1))) return { kind: 'unclear', since: from };
    state.outSince = now;
    state.isResting = false;
    state.nextProbeAt = now + this.#times.probeMs;
    state.probe = null;
    return { kind: 'outage', since: from, isNews: true };
  }

  #stateOf(host: string, now: number): ServerState {
    if (now < this.#lastAt) for (const known of this.#servers.values()) forgetTimes(known, now);
    this.#lastAt = now;
    let state = this.#servers.get(host);
    if (state === undefined) {
      state = {
        answeredAt: Number.NEGATIVE_INFINITY,
        silentSince: null,
        silentTo: new Set(),
        outSince: null,
        recoveredAt: Number.NEGATIVE_INFINITY,
        nextProbeAt: 0,
        busyUntil: 0,
        probe: null,
        isResting: false,
      };
      this.#servers.set(host, state);
    }
    return state;
  }
}

function breakSilence(state: ServerState): void {
  state.silentSince = null;
  state.silentTo.clear();
}

/** The clock was set back: what was noted lies ahead, and would decide until it is reached again. */
function forgetTimes(state: ServerState, now: number): void {
  state.answeredAt = Math.min(state.answeredAt, now);
  state.recoveredAt = Math.min(state.recoveredAt, now);
  if (state.silentSince !== null) state.silentSince = Math.min(state.silentSince, now);
  if (state.outSince !== null) state.outSince = Math.min(state.outSince, now);
  state.nextProbeAt = Math.min(state.nextProbeAt, now);
  state.busyUntil = Math.min(state.busyUntil, now);
}
