import { Worker } from 'node:worker_threads';
import type { Check } from '../model/draft.ts';
import { MailroomError } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import type { ConnectionReport, MailboxTestReport, MailboxTestRequest, ServerAccess } from './exchange-port.ts';
import type { Command, FromWorker, OpenAccess, ToWorker, WorkerSettings } from './worker-messages.ts';

/** Calls of one mailbox or check, at most; with the deadline of each it bounds the time of a whole command. */
const mostCalls = 8;

interface Pending {
  readonly resolve: (report: MailboxTestReport | ConnectionReport) => void;
  readonly reject: (reason: unknown) => void;
  /** The report that says: the worker failed. */
  readonly failed: (fault: Fault) => MailboxTestReport | ConnectionReport;
  readonly onCheck: (checks: readonly Check[]) => void;
}

/**
 * The bot's side of the EWS thread: one worker a process, started at the first call and again at the next call after it
 * died. Whatever was pending then ends with WorkerFailed, a passing fault.
 */
export class WorkerClient {
  readonly #settings: WorkerSettings;
  readonly #entry: URL;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #lastId = 0;
  #isClosed = false;

  /** `entry` is for tests that need a worker which dies. */
  constructor(settings: WorkerSettings, entry: URL = new URL('./worker.ts', import.meta.url)) {
    this.#settings = settings;
    this.#entry = entry;
  }

  /** Rejects only when `signal` ends it or the client is closed. */
  async testMailbox(
    access: ServerAccess,
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
    const { address, directions, marker, lookForMarker } = request;
    const plain = { address, directions: [...directions], marker, lookForMarker };
    const report = await this.#call({ kind: 'test', access: open(access), request: plain }, failed, () => {}, signal);
    return report as MailboxTestReport;
  }

  /** Rejects only when `signal` ends it or the client is closed. */
  async checkConnection(
    access: ServerAccess,
    probeAddress: string,
    onCheck: (checks: readonly Check[]) => void,
    signal: AbortSignal,
  ): Promise<ConnectionReport> {
    let known: readonly Check[] = [];
    const failed = (fault: Fault): ConnectionReport => ({ checks: known, server: null, fault });
    const remember = (checks: readonly Check[]): void => {
      known = checks;
      onCheck(checks);
    };
    const report = await this.#call({ kind: 'check', access: open(access), probeAddress }, failed, remember, signal);
    return report as ConnectionReport;
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

  async #call(
    command: Command,
    failed: Pending['failed'],
    onCheck: Pending['onCheck'],
    signal: AbortSignal,
  ): Promise<MailboxTestReport | ConnectionReport> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new MailroomError('exchange.closed');
    const worker = this.#running();
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<MailboxTestReport | ConnectionReport>();
    this.#pending.set(id, { resolve, reject, failed, onCheck });
    // A thread that is stuck (not dead) answers nothing: it is ended, and everything in it with WorkerFailed.
    const watchdog = setTimeout(
      () => void this.#abandon(worker, 'no answer'),
      mostCalls * (this.#settings.deadlineMs + 1000) + 10_000,
    );
    const onAbort = (): void => {
      this.#send(worker, { id, command: { kind: 'abort' } });
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    worker.ref();
    this.#send(worker, { id, command });
    try {
      return await promise;
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
      resourceLimits: { maxOldGenerationSizeMb: 512 },
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

const workerFailed = (reason: string): Fault => ({ code: 'WorkerFailed', params: {}, raw: reason.slice(0, 200) });

const open = ({ serverLocation, account, authentication, access, credentialId }: ServerAccess): OpenAccess => ({
  serverLocation,
  account,
  access,
  authentication:
    authentication.scheme === 'bearer'
      ? { scheme: 'bearer', token: authentication.token.reveal() }
      : {
          scheme: authentication.scheme,
          userName: authentication.userName,
          password: authentication.password.reveal(),
          credentialId,
        },
});
