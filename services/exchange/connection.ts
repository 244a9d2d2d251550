import { Client, type buildConnector, type Dispatcher } from 'undici';
import { TLSSocket } from 'node:tls';
import type { WireAnswer } from './wire-answer.ts';

/** A request that has its own headers and nothing left to decide. */
export interface PlainRequest {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ConnectionLimits {
  readonly deadlineMs: number;
  readonly maxAnswerBytes: number;
}

/** The socket is gone, and the request was never sent: it may go out over another connection. */
export class ConnectionSpent extends Error {
  readonly code = 'UND_ERR_SOCKET';

  constructor() {
    super('connection spent');
    this.name = 'ConnectionSpent';
  }
}

/**
 * One socket and what belongs to it: NTLM signs in a connection, not a request (facts/exchange.md §6.3), so a request
 * must know on which one it goes. undici's client would quietly open a second socket after the first; this one ends
 * instead, and with it what was signed in.
 */
export class Connection {
  readonly #client: Client;
  #socket: unknown = null;
  #isSpent = false;
  #onEnd: () => void = () => undefined;
  /** NTLM has let this connection in: requests need no header of their own. */
  isSignedIn = false;

  constructor(origin: string, connect: buildConnector.connector, { deadlineMs, maxAnswerBytes }: ConnectionLimits) {
    let isFirst = true;
    this.#client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: 20_000,
      keepAliveMaxTimeout: 60_000,
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
      maxResponseSize: maxAnswerBytes,
      connect: (options, callback) => {
        if (!isFirst) {
          this.end();
          callback(new ConnectionSpent(), null);
          return;
        }
        isFirst = false;
        connect(options, (...[error, socket]) => {
          // The connector leaves the socket out when it fails, whatever its type says.
          if (error) callback(error, null);
          else {
            this.#socket = socket;
            callback(null, socket);
          }
        });
      },
    });
    this.#client.on('disconnect', () => this.end());
    this.#client.on('connectionError', () => this.end());
  }

  get isOpen(): boolean {
    return !this.#isSpent;
  }

  /** The server's certificate (DER), to bind a sign-in to this very channel; null before the handshake and after the end. */
  get peerCertificate(): Buffer | null {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket)) return null;
    const certificate = socket.getPeerCertificate() as { readonly raw?: Buffer } | null;
    return certificate?.raw ?? null;
  }

  /** Called once, when the socket is gone. */
  whenEnded(callback: () => void): void {
    this.#onEnd = callback;
  }

  /** Rejects with the socket's or undici's error, or the reason of `signal`; the connection is then over. */
  request(request: PlainRequest, signal: AbortSignal): Promise<WireAnswer> {
    signal.throwIfAborted();
    if (!this.isOpen) return Promise.reject(new ConnectionSpent());
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>();
    let onAbort = (): void => undefined;
    const chunks: Buffer[] = [];
    let isSent = false;
    let status = 0;
    let headers: WireAnswer['headers'] = {};
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: (controller) => {
        isSent = true;
        onAbort = () => controller.abort(signal.reason as Error);
        if (signal.aborted) onAbort();
      },
      onResponseStart: (_controller, statusCode, received) => {
        status = statusCode;
        headers = received;
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => {
        // Said by the server and not yet done: the next request would be written into a closing socket.
        if (/\bclose\b/i.test(String(headers['connection'] ?? ''))) this.end();
        resolve({ status, headers, body: decode(chunks) });
      },
      onResponseError: (_controller, error) => {
        // Connected once and closed since: the request waited for a socket that is no more.
        const isSpent = !isSent && this.#socket !== null;
        this.end();
        reject(isSpent ? new ConnectionSpent() : error);
      },
    };
    // While it connects there is no controller yet; ending the connection ends the attempt.
    const abort = (): void => {
      onAbort();
      this.end();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#client.dispatch({ ...request, body: request.body ?? null }, handler);
    return promise.finally(() => signal.removeEventListener('abort', abort));
  }

  /** Closes the socket at once; whatever was under way fails. */
  end(): void {
    if (this.#isSpent) return;
    this.#isSpent = true;
    this.isSignedIn = false;
    this.#onEnd();
    this.#client.destroy().catch(() => undefined);
  }
}

/** UTF-8, without the mark that some servers put in front of it. */
function decode(chunks: readonly Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '';
  return text.startsWith('\u{FEFF}') ? text.slice(1) : text;
}
