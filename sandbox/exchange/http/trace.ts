import type { Attempt } from '../authentication/front-door.ts';
import type { ClientConnection } from '../authentication/scheme.ts';
import type { RequestLog } from '../request-log.ts';
import type { Exchange } from './reply.ts';

/** Gathers what becomes known about a request on its way, and puts it into the log once. */
export class Trace {
  account: string | null = null;
  operation: string | null = null;
  mailbox: string | null = null;
  code: string | null = null;
  inFlight = 0;
  /** Runs when the request stops counting as in flight. */
  onSettled: (() => void) | undefined;
  readonly #log: RequestLog;
  readonly #exchange: Exchange;
  readonly #connection: ClientConnection;
  readonly #time = new Date().toISOString();
  readonly #startedAt = performance.now();
  #isSettled = false;

  constructor(exchange: Exchange, connection: ClientConnection, log: RequestLog) {
    this.#exchange = exchange;
    this.#connection = connection;
    this.#log = log;
  }

  signIn({ scheme, verdict }: Attempt): void {
    const { outcome, userName = null } = verdict;
    const connection = this.#connection.id;
    this.#log.addSignIn({ time: this.#time, connection, directory: 'ews', scheme, userName, outcome });
  }

  /**
   * The request is over, for the log and for the budget, as soon as its answer begins: a client that has the answer
   * may at once send the next request, and must not find the last one still counted.
   */
  settle(status: number): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.onSettled?.();
    const { headers, method = '' } = this.#exchange.request;
    const anchor = headers['x-anchormailbox'];
    this.#log.addRequest({
      time: this.#time,
      method,
      operation: this.operation,
      mailbox: this.mailbox,
      account: this.account,
      connection: this.#connection.id,
      inFlight: this.inFlight,
      status,
      code: this.code,
      ms: Math.round(performance.now() - this.#startedAt),
      userAgent: headers['user-agent'] ?? null,
      anchorMailbox: typeof anchor === 'string' ? anchor : null,
    });
  }
}
