import { Worker } from 'node:worker_threads';
import type { Check } from '../model/draft.ts';
import { MailroomError } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import type { Secret } from '../secrets/secret.ts';
import { defaultSearchDeadlineMs } from './autodiscover/discover.ts';
import type { DiscoveryResult } from './autodiscover/search-state.ts';
import {
  mostCalls,
  type ConnectionReport,
  type DirectoryReport,
  type DirectoryRequest,
  type ExchangeCall,
  type FindServerRequest,
  type MailboxTestReport,
  type MailboxTestRequest,
  type OrganizationStamp,
  type PasswordAuthentication,
  type ServerAccess,
} from './exchange-port.ts';
import type { OpenAuthentication, OpenPassword } from './wire-answer.ts';
import type { Command, FromWorker, OpenAccess, Reports, ToWorker, WorkerSettings } from './worker-messages.ts';

/** `ServerAccess` for one command: with a token where the profile has an app. */
export interface WorkerAccess extends Omit<ServerAccess, 'authentication'> {
  readonly authentication: PasswordAuthentication | { readonly scheme: 'bearer'; readonly token: Secret };
}

interface Pending {
  readonly resolve: (report: Reports[Command['kind']]) => void;
  readonly reject: (reason: unknown) => void;
  /** The report that says: the worker failed. */
  readonly failed: (fault: Fault) => Reports[Command['kind']];
  readonly onCheck: (checks: readonly Check[]) => void;
  /** Whose calls they are. */
  readonly place: CallPlace | null;
}

type CallPlace = Pick<ExchangeCall, 'server' | 'mailbox' | 'marker'>;

export interface WorkerOptions {
  /** For tests that need a worker which dies. */
  readonly entry?: URL;
  readonly onCall?: (call: ExchangeCall) => void;
}

/**
 * The bot's side of the EWS thread: one worker a process, started at the first call and again at the next call after it
 * died. Whatever was pending then ends with WorkerFailed, a passing fault.
 */
export class WorkerClient {
  readonly #settings: WorkerSettings;
  readonly #entry: URL;
  readonly #onCall: (call: ExchangeCall) => void;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #lastId = 0;
  #isClosed = false;

  constructor(settings: WorkerSettings, options: WorkerOptions = {}) {
    this.#settings = settings;
    this.#entry = options.entry ?? new URL('./worker.ts', import.meta.url);
    this.#onCall = options.onCall ?? (() => {});
  }

  /** Rejects only when `signal` ends it or the client is closed. */
  async testMailbox(
    access: WorkerAccess,
    request: MailboxTestRequest,
    signal: AbortSignal,
  ): Promise<MailboxTestReport> {
    const failed = (fault: Fault): MailboxTestReport => ({
      phases: request.directions.map((direction) => ({ direction, fault, durationMs: 0 })),
      markerFound: false,
      calls: 0,
      circuitOpen: false,
    });
    // Only plain, known members cross: what callers may have put beside them need not be cloneable.
    const { address, directions, marker, lookForMarker, stamp } = request;
    const plain = { address, directions: [...directions], marker, lookForMarker, stamp: plainStamp(stamp) };
    return this.#call({ kind: 'test', access: open(access), request: plain }, failed, () => {}, signal);
  }

  /** Rejects only when `signal` ends it or the client is closed. */
  async checkConnection(
    access: WorkerAccess,
    probeAddress: string,
    token: Check | null,
    onCheck: (checks: readonly Check[]) => void,
    signal: AbortSignal,
  ): Promise<ConnectionReport> {
    let known: readonly Check[] = [];
    const failed = (fault: Fault): ConnectionReport => ({ checks: known, server: null, fault });
    const remember = (checks: readonly Check[]): void => {
      known = checks;
      onCheck(checks);
    };
    return this.#call({ kind: 'check', access: open(access), probeAddress, token }, failed, remember, signal);
  }

  /** Rejects only when `signal` ends it or the client is closed. */
  async findServer(request: FindServerRequest, signal: AbortSignal): Promise<DiscoveryResult> {
    const { address, authentication, credentialId, confirmedHosts, declinedHosts } = request;
    const search = {
      address,
      authentication: openPassword(authentication, credentialId),
      confirmedHosts: [...confirmedHosts],
      declinedHosts: [...declinedHosts],
    };
    const failed = (fault: Fault): DiscoveryResult => ({ kind: 'fault', fault, trace: [] });
    return this.#call({ kind: 'find', search }, failed, () => {}, signal);
  }

  /** Rejects only when `signal` ends it or the client is closed. */
  async askDirectory(access: WorkerAccess, request: DirectoryRequest, signal: AbortSignal): Promise<DirectoryReport> {
    const { operation, text, asMailbox } = request;
    const failed = (fault: Fault): DirectoryReport => ({ entries: [], isComplete: true, fault });
    const plain = { operation, text, asMailbox };
    return this.#call({ kind: 'directory', access: open(access), request: plain }, failed, () => {}, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = null;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new MailroomError('exchange.closed'));
    await worker?.terminate();
  }

  async #call<Kind extends Command['kind']>(
    command: Command & { readonly kind: Kind },
    failed: (fault: Fault) => Reports[Kind],
    onCheck: Pending['onCheck'],
    signal: AbortSignal,
  ): Promise<Reports[Kind]> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new MailroomError('exchange.closed');
    const worker = this.#running();
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<Reports[Command['kind']]>();
    this.#pending.set(id, { resolve, reject, failed, onCheck, place: placeOf(command) });
    // With the deadline of each call, their number bounds the time of a whole command; a search has one of its own.
    // A thread that is stuck (not dead) answers nothing: it is ended, and everything in it with WorkerFailed.
    const watchdog = setTimeout(
      () => void this.#abandon(worker, 'no answer'),
      Math.max(mostCalls * (this.#settings.deadlineMs + 1000), defaultSearchDeadlineMs) + 10_000,
    );
    const onAbort = (): void => {
      this.#send(worker, { id, command: { kind: 'abort' } });
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    worker.ref();
    this.#send(worker, { id, command });
    try {
      // A command is answered with the report of its kind.
      return (await promise) as Reports[Kind];
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', onAbort);
      this.#pending.delete(id);
      // An idle worker must not keep the process alive when somebody forgets to close.
      if (this.#pending.size === 0) this.#worker?.unref();
    }
  }

  #send(worker: Worker, message: ToWorker): void {
    worker.postMessage(message, []);
  }

  #running(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#entry, {
      name: 'exchange',
      workerData: this.#settings,
      // Nothing of the thread's reaches the process's own streams; worker.ts says what it would be, and drops it.
      stdout: true,
      stderr: true,
      // A thread that parses all day would otherwise keep 100 MB for what it throws away at once.
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 24 },
    });
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => void this.#abandon(worker, error instanceof Error ? error.message : 'error'));
    worker.on('exit', (code) => void this.#abandon(worker, `exit ${code}`));
    this.#worker = worker;
    return worker;
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.kind === 'progress') pending.onCheck(message.checks);
    else if (message.kind === 'call' && pending.place !== null) this.#onCall({ ...message.call, ...pending.place });
    else if (message.kind === 'done') pending.resolve(message.report);
    else if (message.kind === 'failed') pending.resolve(pending.failed(workerFailed(message.reason)));
    // 'aborted' needs nothing: the caller was told when it asked.
  }

  async #abandon(worker: Worker, reason: string): Promise<void> {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { resolve, failed } of pending) resolve(failed(workerFailed(reason)));
    await worker.terminate();
  }
}

function placeOf(command: Command): CallPlace | null {
  if (command.kind === 'find') return null;
  const server = new URL(command.access.serverLocation).host;
  return command.kind === 'test'
    ? { server, mailbox: command.request.address, marker: command.request.marker }
    : { server, mailbox: null, marker: null };
}

const plainStamp = (stamp: OrganizationStamp | null): OrganizationStamp | null =>
  stamp === null ? null : { organizationId: stamp.organizationId, takeOver: stamp.takeOver, at: stamp.at };

const workerFailed = (reason: string): Fault => ({ code: 'WorkerFailed', params: {}, raw: reason.slice(0, 200) });

const open = ({ authentication, credentialId, ...access }: WorkerAccess): OpenAccess => ({
  serverLocation: access.serverLocation,
  account: access.account,
  access: access.access,
  ...(access.timeoutMs === undefined ? {} : { timeoutMs: access.timeoutMs }),
  authentication: openAuthentication(authentication, credentialId),
});

const openAuthentication = (
  authentication: WorkerAccess['authentication'],
  credentialId: string,
): OpenAuthentication =>
  authentication.scheme === 'bearer'
    ? { scheme: 'bearer', token: authentication.token.reveal() }
    : openPassword(authentication, credentialId);

const openPassword = ({ scheme, userName, password }: PasswordAuthentication, credentialId: string): OpenPassword => ({
  scheme,
  userName,
  password: password.reveal(),
  credentialId,
});
