import type { Clock } from '../model/clock.ts';
import { MailroomError } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import { Circuit, type CircuitOptions } from './circuit.ts';
import { Concurrency } from './concurrency.ts';
import { backOffMsOf, longestBackOffMs, refusals, sharedFaults, throttles, tokenFaults } from './gate-faults.ts';
import { Lane, type WaitEnd, type Waiter } from './gate-lane.ts';

/** Who wants in. */
export interface Ticket {
  /**
   * Host (with port) of the server, and account: what Exchange counts by. Compared without case. `CONTOSO\\svc` and
   * `svc@contoso.test` stay two accounts: which domain is behind a name is the directory's knowledge and not ours.
   */
  readonly server: string;
  readonly account: string;
  readonly credentialId: string;
  /** Parallel calls that the profile allows. */
  readonly maxConnections: number;
  /** Whose mailbox, to tell the trouble of one from the trouble of all. */
  readonly subject: string;
  /** A check that a person asks for goes to the server whatever its circuit says. */
  readonly passesCircuit?: boolean;
  /** It goes before all who wait and are not urgent. */
  readonly isUrgent?: boolean;
}

/** What a finished call teaches the gate. */
export interface Lesson {
  readonly faults: readonly Fault[];
  /** Exchange let the account in. */
  readonly signedIn: boolean;
}

export type Admission<Value> =
  | { readonly value: Value; readonly fault: null }
  /** `circuitOpen`: the server was not asked, because it cannot be reached just now. */
  | { readonly value: null; readonly fault: Fault; readonly circuitOpen: boolean };

export interface GateOptions {
  readonly clock: Clock;
  /** Connections of one account, over all profiles: EWSMaxConcurrency is 27 by default (facts/exchange.md §6.5). */
  readonly accountLimit: number;
  readonly circuit?: Partial<CircuitOptions>;
}

/** What goes on at one server. Its accounts are added up: how many there are and who they are is nobody's business. */
export interface ServerLoad {
  readonly server: string;
  readonly running: number;
  /** How much may run at once, over the accounts in use. */
  readonly limit: number;
  readonly waiting: number;
  /** Until somebody is let in again at the account that waits longest; 0: now. */
  readonly backOffMs: number;
  readonly isCircuitOpen: boolean;
}

export const defaultAccountLimit = 27;
export const defaultCircuit: CircuitOptions = { threshold: 5, probeMs: 60_000 };
/** A sign-in proves a password for this long without another; then one call goes first again. */
const proofLifetimeMs = 10 * 60_000;
/** More than ever come: so an urgent one has a lower number than any that is not, and urgent ones keep their order. */
const urgentLead = 2 ** 50;
/** So many accounts are kept in mind whatever they do; drafts come with addresses that are tried once and never again. */
const mostQuietDoors = 100;

/** One server and account: its lanes (a lane a credential) share the connections and the back-off clock. */
interface Door {
  readonly lanes: Map<string, Lane>;
  readonly circuit: Circuit;
  readonly concurrency: Concurrency;
  running: number;
  closedUntil: number;
  cancelTimer: (() => void) | null;
}

/**
 * Admits calls to a server. Keyed by server and account, not by profile, since Exchange counts connections and failed
 * sign-ins by account: 27 parallel tries of a wrong password lock it. So each new credential sends one call ahead, and a
 * refused one is never tried again (DESIGN laws 5 and 6).
 */
export class Gate {
  readonly #clock: Clock;
  readonly #accountLimit: number;
  readonly #circuit: CircuitOptions;
  readonly #circuits = new Map<string, Circuit>();
  readonly #doors = new Map<string, Door>();
  readonly #refused = new Map<string, Fault>();
  #sequence = 0;

  constructor({ clock, accountLimit, circuit }: GateOptions) {
    this.#circuit = { ...defaultCircuit, ...circuit };
    this.#clock = clock;
    this.#accountLimit = accountLimit;
  }

  /** Closes the gate for a credential that is known to be refused: after a restart it is not tried again either. */
  hold(credentialId: string, fault: Fault): void {
    this.#refused.set(credentialId, fault);
    for (const door of this.#doors.values()) door.lanes.get(credentialId)?.refuse(fault);
  }

  /**
   * Runs `work` once there is room: who is urgent, and then first come first served. The signal that `work` gets ends with `signal`, and when the
   * credential is refused meanwhile; that of a canary only with the latter, so it may go on after its caller has left.
   * Rejects with the reason of `signal`, or with what `work` rejects with.
   */
  async admit<Value>(
    ticket: Ticket,
    work: (signal: AbortSignal) => Promise<Value>,
    learn: (value: Value) => Lesson,
    signal?: AbortSignal,
  ): Promise<Admission<Value>> {
    signal?.throwIfAborted();
    const refused = this.#refused.get(ticket.credentialId);
    if (refused !== undefined) return { value: null, fault: refused, circuitOpen: false };
    const door = this.#doorOf(ticket);
    const unreachable = ticket.passesCircuit ? null : door.circuit.ask(this.#clock.now());
    if (unreachable !== null) return { value: null, fault: unreachable, circuitOpen: true };
    const lane = this.#laneOf(door, ticket);
    const end = await this.#wait(door, lane, ticket, signal);
    if (end !== null) return { value: null, ...end };

    const own = new AbortController();
    // A canary is not called back: half way its password may already have been tried, and the next would try it again.
    const isCanary = lane.isCanaryOut;
    const inside = this.#goIn(door, lane, ticket, own, work, learn);
    return signal === undefined ? inside : untilAborted(inside, signal, isCanary ? null : own);
  }

  async #goIn<Value>(
    door: Door,
    lane: Lane,
    { credentialId, subject }: Ticket,
    own: AbortController,
    work: (signal: AbortSignal) => Promise<Value>,
    learn: (value: Value) => Lesson,
  ): Promise<Admission<Value>> {
    const leave = lane.enter(own);
    let lesson: Lesson | null = null;
    try {
      // Refused in the very moment of being let in.
      const refused = this.#refused.get(credentialId);
      if (refused !== undefined) return { value: null, fault: refused, circuitOpen: false };
      const value = await work(own.signal);
      lesson = learn(value);
      return { value, fault: null };
    } catch (error) {
      const refused = this.#refused.get(credentialId);
      if (refused !== undefined && own.signal.aborted) return { value: null, fault: refused, circuitOpen: false };
      throw error;
    } finally {
      leave();
      door.running -= 1;
      this.#learn(door, lane, credentialId, lesson ?? { faults: [], signedIn: false });
      // A call that ended without a report (its signal, a dead worker) says nothing about the server.
      if (lesson !== null) this.#learnReach(door, subject, lesson);
      this.#pump(door);
    }
  }

  /** Every server that was asked for; of very many, those that something still goes on at. */
  load(): readonly ServerLoad[] {
    const now = this.#clock.now();
    return [...this.#circuits].map(([server, circuit]) => {
      const doors = [...this.#doors.values()].filter((door) => door.circuit === circuit);
      const lanes = doors.flatMap((door) => [...door.lanes.values()]);
      return {
        server,
        running: doors.reduce((sum, door) => sum + door.running, 0),
        limit: doors.reduce((sum, door) => sum + door.concurrency.limit, 0),
        waiting: lanes.reduce((sum, lane) => sum + lane.waiting, 0),
        backOffMs: Math.max(0, ...doors.map((door) => door.closedUntil - now)),
        isCircuitOpen: circuit.fault !== null,
      };
    });
  }

  /** Ends everybody who waits; who is inside is the worker's to end. */
  close(): void {
    for (const door of this.#doors.values()) {
      door.cancelTimer?.();
      for (const lane of door.lanes.values()) lane.dismiss(new MailroomError('exchange.closed'));
    }
    this.#doors.clear();
  }

  #doorOf(ticket: Ticket): Door {
    const server = ticket.server.toLowerCase();
    const key = `${server} ${ticket.account.trim().normalize('NFC').toLowerCase()}`;
    if (!this.#doors.has(key) && this.#doors.size >= mostQuietDoors) this.#forgetQuietDoors();
    const circuit = this.#circuits.get(server) ?? new Circuit(this.#circuit);
    this.#circuits.set(server, circuit);
    const door: Door = this.#doors.get(key) ?? {
      lanes: new Map(),
      circuit,
      concurrency: new Concurrency(this.#accountLimit),
      running: 0,
      closedUntil: 0,
      cancelTimer: null,
    };
    this.#doors.set(key, door);
    return door;
  }

  /** Nobody waits or is inside, and what was learnt is over: a door that is made anew would do the same. */
  #forgetQuietDoors(): void {
    const now = this.#clock.now();
    for (const [key, { lanes, circuit, concurrency, running, closedUntil, cancelTimer }] of this.#doors) {
      const isQuiet = [...lanes.values()].every((lane) => lane.isIdle && !lane.isProven(now));
      const isNew = running === 0 && closedUntil <= now && cancelTimer === null && circuit.fault === null;
      if (isQuiet && isNew && concurrency.limit === this.#accountLimit) this.#doors.delete(key);
    }
    const inUse = new Set([...this.#doors.values()].map(({ circuit }) => circuit));
    for (const [server, circuit] of this.#circuits) if (!inUse.has(circuit)) this.#circuits.delete(server);
  }

  #laneOf(door: Door, { credentialId }: Ticket): Lane {
    const known = door.lanes.get(credentialId);
    if (known !== undefined) return known;
    // Credentials come and go; the lanes of those that are gone are empty and their proof is old.
    for (const [id, lane] of door.lanes) {
      if (lane.isIdle && !lane.isProven(this.#clock.now())) door.lanes.delete(id);
    }
    const lane = new Lane(proofLifetimeMs);
    door.lanes.set(credentialId, lane);
    return lane;
  }

  /** Resolves with null when it is the caller's turn, or with what ended the wait. */
  #wait(door: Door, lane: Lane, ticket: Ticket, signal: AbortSignal | undefined): Promise<WaitEnd | null> {
    const { promise, resolve, reject } = Promise.withResolvers<WaitEnd | null>();
    this.#sequence += 1;
    const limit = Math.max(1, Math.min(ticket.maxConnections, this.#accountLimit));
    const sequence = ticket.isUrgent === true ? this.#sequence - urgentLead : this.#sequence;
    const waiter: Waiter = { sequence, limit, resolve, reject };
    const onAbort = (): void => {
      lane.remove(waiter);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    lane.add(waiter);
    this.#pump(door);
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  #pump(door: Door): void {
    const wait = door.closedUntil - this.#clock.now();
    // Longer than any server is given: the clock was set back.
    if (wait > 0 && wait <= longestBackOffMs) {
      door.cancelTimer ??= this.#clock.after(wait, () => {
        door.cancelTimer = null;
        this.#pump(door);
      });
      return;
    }
    while (door.running < door.concurrency.limit) {
      const ready = [...door.lanes.values()]
        .filter((lane) => lane.isReady(this.#clock.now()))
        .sort((one, other) => one.nextSequence - other.nextSequence);
      const next = ready[0];
      if (next === undefined) return;
      door.running += 1;
      next.admitNext(this.#clock.now());
    }
  }

  #learn(door: Door, lane: Lane, credentialId: string, { faults, signedIn }: Lesson): void {
    const refusal = faults.find(({ code }) => refusals.has(code));
    if (refusal !== undefined) {
      this.hold(credentialId, refusal);
      return;
    }
    if (signedIn) lane.prove(this.#clock.now());
    const throttle = faults.find(({ code }) => throttles.has(code));
    if (throttle !== undefined) this.#backOff(door, throttle);
    else if (signedIn) door.concurrency.increase();
    // Those who waited for the canary would only meet it one by one, at the cost of a deadline each.
    lane.endCanary(faults.find(({ code }) => sharedFaults.has(code)) ?? null);
  }

  /** Whoever waits while the circuit opens is told at once, at every account of the server. */
  #learnReach({ circuit }: Door, subject: string, { faults }: Lesson): void {
    // Without a token nobody asked the server: that neither opens its circuit nor closes it.
    if (faults.some(({ code }) => tokenFaults.has(code))) return;
    if (!circuit.learn(subject.toLowerCase(), faults, this.#clock.now()) || circuit.fault === null) return;
    for (const door of this.#doors.values()) {
      if (door.circuit !== circuit) continue;
      for (const lane of door.lanes.values()) lane.answerAll({ fault: circuit.fault, circuitOpen: true });
    }
  }

  #backOff(door: Door, fault: Fault): void {
    const now = this.#clock.now();
    if (door.closedUntil <= now) door.concurrency.decrease(door.running + 1);
    const until = now + backOffMsOf(fault);
    if (until <= door.closedUntil) return;
    door.closedUntil = until;
    door.cancelTimer?.();
    door.cancelTimer = null;
  }
}

/** The result, or the reason of the signal as soon as it ends; `own` is what ends the work itself. */
function untilAborted<Value>(
  running: Promise<Value>,
  signal: AbortSignal,
  own: AbortController | null,
): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<Value>();
  const onAbort = (): void => {
    reject(signal.reason);
    own?.abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([promise, running]).finally(() => signal.removeEventListener('abort', onAbort));
}
