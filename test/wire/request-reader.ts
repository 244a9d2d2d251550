import type { RawAnswer } from './raw-answers.ts';

/** A request as its bytes came. */
export interface ArrivedRequest {
  readonly head: string;
  readonly body: string;
}

export type Answering = (request: ArrivedRequest) => RawAnswer;

/** Puts the pieces of a request together; a client of ours says how long its body is and sends one at a time. */
export class RequestReader {
  #received = Buffer.alloc(0);

  /** The request that this piece completes, or null. */
  take(chunk: Buffer): ArrivedRequest | null {
    this.#received = Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.#received.subarray(0, end).toString('latin1');
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = this.#received.subarray(end + 4);
    if (body.length < length) return null;
    this.#received = Buffer.alloc(0);
    return { head, body: body.toString('utf8') };
  }
}
