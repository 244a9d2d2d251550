import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { ConnectionPool } from '../../services/exchange/connection-pool.ts';
import { sendByNtlm } from '../../services/exchange/ntlm/sign-in.ts';
import { deadlineFault, type Transport } from '../../services/exchange/transport.ts';
import { errorCodeOf, wireFault } from '../../services/exchange/wire-fault.ts';
import { RequestReader, type Answering } from './request-reader.ts';

/** The far end of a socket without a network: takes whole requests and gives what the script says. */
class ScriptedSocket extends Duplex {
  readonly #reader = new RequestReader();
  readonly #answering: Answering;

  constructor(answering: Answering) {
    super({ allowHalfOpen: false });
    this.#answering = answering;
  }

  /** Nothing is pulled: answers are pushed when they are due. */
  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    done();
    const request = this.#reader.take(chunk);
    // As over a network, the answer comes when the writing is over.
    if (request !== null) setImmediate(() => this.#answer(request));
  }

  #answer(request: Parameters<Answering>[0]): void {
    if (this.destroyed) return;
    const { bytes, then } = this.#answering(request);
    if (bytes.length > 0) this.push(bytes);
    if (then === 'end') this.push(null);
    if (then === 'reset') this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }
}

/**
 * The transport without TLS and without a network: the true connections, HTTP parser and NTLM over scripted sockets. A
 * case costs no handshake, so that thousands of them fit into a test.
 */
export function memoryTransport(host: string, deadlineMs: number, answering: Answering): Transport {
  // undici asks a socket for no more than a stream can do. As with a true one, it is there a moment later.
  const connect: buildConnector.connector = (_options, callback) =>
    void setImmediate(() => callback(null, new ScriptedSocket(answering) as unknown as Socket));
  const limits = { deadlineMs, maxAnswerBytes: 1024 * 1024 };
  const pool = new ConnectionPool(`https://${host}`, connect, limits);
  return {
    async send({ method, headers, body, authentication }, signal) {
      const plain = { path: '/EWS/Exchange.asmx', method, headers, body: body ?? '' };
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), deadlineMs);
      const either = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
      try {
        const answer = await pool.withConnection((connection) => {
          if (authentication?.scheme !== 'ntlm') return connection.request(plain, either);
          return sendByNtlm(connection, plain, { ...authentication, host, identity: pool.identity }, either);
        });
        return { answer, fault: null, errorCode: null };
      } catch (error) {
        signal?.throwIfAborted();
        const fault = late.signal.aborted ? deadlineFault(host, deadlineMs) : wireFault(error, host);
        return { answer: null, fault, errorCode: errorCodeOf(error) };
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => {
      pool.close();
      return Promise.resolve();
    },
  };
}
