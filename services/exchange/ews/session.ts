import { randomUUID } from 'node:crypto';
import type { ExchangeService, FolderId, IXHRApi, IXHROptions, WellKnownFolderName } from 'ews-javascript-api';
import type { Fault } from '../../model/fault.ts';
import { normalizeHost } from '../address-guard.ts';
import type { EwsCall, MailboxAccess } from '../exchange-port.ts';
import { deadlineFault, type Transport } from '../transport.ts';
import type { OpenAuthentication, WireAnswer } from '../wire-answer.ts';
import { judgeAnswer, type JudgedAnswer } from './answer-fault.ts';
import type { Library } from './library.ts';

/** The value of an operation, or the fault that it met. */
export type Called<Value> =
  { readonly value: Value; readonly fault: null } | { readonly value: null; readonly fault: Fault };

export interface SessionOptions {
  readonly library: Library;
  readonly transport: Transport;
  readonly serverLocation: string;
  readonly authentication: OpenAuthentication;
  readonly access: MailboxAccess;
  /** The mailbox that is tested. */
  readonly address: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Hears of every call that has ended; not of one that the signal ended. */
  readonly onCall?: (call: EwsCall) => void;
}

export const userAgent = 'Mailroom/0.1';

/**
 * One test of one mailbox: a fresh ExchangeService (its last headers and server info are per service), one call at a
 * time. The library builds requests and reads good answers; everything else is decided here.
 */
export class EwsSession {
  readonly #options: SessionOptions;
  readonly #host: string;
  readonly #service: ExchangeService;
  #calls = 0;
  #build: string | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#host = normalizeHost(new URL(options.serverLocation).hostname);
    const { library } = options;
    this.#service = new library.ExchangeService(library.ExchangeVersion.Exchange2013_SP1);
    this.#service.Url = new library.Uri(options.serverLocation);
    // The library insists on a credential; the true one goes into our own request and nowhere else.
    this.#service.Credentials = new library.WebCredentials('none', 'none');
    if (options.access === 'impersonation') {
      const { SmtpAddress } = library.ConnectingIdType;
      this.#service.ImpersonatedUserId = new library.ImpersonatedUserId(SmtpAddress, options.address);
    }
  }

  get library(): Library {
    return this.#options.library;
  }

  get address(): string {
    return this.#options.address;
  }

  /** A folder of the mailbox. Without impersonation the mailbox has to be named, or it would be the account's own. */
  folder(name: WellKnownFolderName): FolderId {
    const { library, access, address } = this.#options;
    return access === 'impersonation'
      ? new library.FolderId(name)
      : new library.FolderId(name, new library.Mailbox(address));
  }

  /** Ends with the session; for whatever waits between calls. */
  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** EWS calls sent so far; what signing in a connection takes is not among them. */
  get calls(): number {
    return this.#calls;
  }

  /** Build that the server last reported, if it did. */
  get build(): string | null {
    return this.#build;
  }

  /**
   * Runs one operation of the library. Ends with the first of: our verdict on the answer, the library's result, the
   * deadline. Rejects only when the signal ends it.
   */
  call<Value>(operation: (service: ExchangeService) => Promise<Value>): Promise<Called<Value>> {
    return this.#call(operation, ({ fault }) => fault);
  }

  /**
   * One call whose request has several parts. What the server says against one part leaves the others as they are; what
   * goes wrong with the call as a whole is the fault of each.
   */
  async callParts<Value>(
    count: number,
    operation: (service: ExchangeService) => Promise<readonly Value[]>,
  ): Promise<readonly Called<Value>[]> {
    let faults: readonly (Fault | null)[] = [];
    const called = await this.#call(operation, ({ fault, messages }) => {
      // A request that fails as a whole is answered with one message, whatever the number of its parts.
      if (fault === null || messages.length !== count) return fault;
      faults = messages;
      return null;
    });
    return Array.from({ length: count }, (_, index): Called<Value> => {
      const fault = faults[index] ?? called.fault;
      if (fault !== null) return { value: null, fault };
      const value = called.value?.[index];
      return value === undefined
        ? { value: null, fault: { code: 'AnswerNotSoap', params: { host: this.#host } } }
        : { value, fault: null };
    });
  }

  /** `weigh` says which fault, if any, ends the call before the library sees the answer. */
  async #call<Value>(
    operation: (service: ExchangeService) => Promise<Value>,
    weigh: (judged: JudgedAnswer) => Fault | null,
  ): Promise<Called<Value>> {
    const { deadlineMs, signal } = this.#options;
    signal.throwIfAborted();
    const verdict = Promise.withResolvers<Called<Value>>();
    this.#service.XHRApi = this.#wire(weigh, (fault) => verdict.resolve({ value: null, fault }), verdict.reject);
    // The transport has the same deadline; this one ends a library promise that never settles on a good answer.
    const timer = setTimeout(() => {
      verdict.resolve({ value: null, fault: deadlineFault(this.#host, deadlineMs) });
    }, deadlineMs + 1000);
    try {
      return await Promise.race([verdict.promise, this.#run(operation)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run<Value>(operation: (service: ExchangeService) => Promise<Value>): Promise<Called<Value>> {
    const before = this.#calls;
    try {
      return { value: await operation(this.#service), fault: null };
    } catch (error) {
      // Nothing was sent, so no server is to blame: the request could not be built, a defect of ours.
      if (this.#calls === before) throw error;
      // A SOAP envelope without an error that the library cannot read. What it throws names neither cause nor place.
      return { value: null, fault: { code: 'AnswerNotSoap', params: { host: this.#host } } };
    }
  }

  #wire(
    weigh: (judged: JudgedAnswer) => Fault | null,
    onFault: (fault: Fault) => void,
    onAbort: (reason: unknown) => void,
  ): IXHRApi {
    const xhr = async (options: IXHROptions): Promise<XhrAnswer> => {
      try {
        const body = String(options.data);
        // With every answer the library parses the request again into a DOM "for the debug log" (facts/exchange.md §1.3, 9).
        options.data = '<sent/>';
        const answer = await this.#send(body, weigh, onFault);
        if (answer !== null) return answer;
      } catch (error) {
        onAbort(error);
      }
      // The verdict is out and the library is left waiting: an error object in its hands would only print and confuse.
      return new Promise(() => undefined);
    };
    return { xhr, xhrStream: xhr, disconnect: () => undefined, apiName: 'mailroom' };
  }

  async #send(
    body: string,
    weigh: (judged: JudgedAnswer) => Fault | null,
    onFault: (fault: Fault) => void,
  ): Promise<XhrAnswer | null> {
    const { transport, serverLocation, authentication, address, deadlineMs, signal } = this.#options;
    this.#calls += 1;
    const requestId = randomUUID();
    const startedAt = performance.now();
    const tell = (fault: Fault | null): void =>
      this.#options.onCall?.({
        operation: operationOf(body),
        code: fault?.code ?? 'NoError',
        durationMs: performance.now() - startedAt,
        requestId,
      });
    const result = await transport.send(
      { url: serverLocation, method: 'POST', headers: this.#headers(requestId), body, authentication, deadlineMs },
      signal,
    );
    if (result.fault !== null) {
      tell(result.fault);
      onFault(result.fault);
      return null;
    }
    const judged = judgeAnswer(result.answer, {
      host: this.#host,
      address,
      scheme: authentication.scheme,
      nowMs: Date.now(),
    });
    tell(judged.fault);
    this.#build = judged.envelope?.build ?? this.#build;
    const fault = weigh(judged);
    if (fault !== null) {
      onFault(fault);
      return null;
    }
    return asXhr(result.answer);
  }

  #headers(requestId: string): Record<string, string> {
    const { address } = this.#options;
    // Routes the call to the mailbox's own server; calls without it meet 500 and 503. DOMAIN\\account is no mailbox's name.
    const anchor = address.includes('@') ? { 'X-AnchorMailbox': address.replace(/[^\x21-\x7e]/g, '') } : {};
    return {
      ...anchor,
      'Content-Type': 'text/xml; charset=utf-8',
      Accept: 'text/xml',
      'User-Agent': userAgent,
      'client-request-id': requestId,
      'return-client-request-id': 'true',
    };
  }
}

/** What the body asks for: its first element. Names of people come as text and cannot look like one. */
const operationOf = (body: string): string => /:Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? 'Unknown';

/** The few members of an XMLHttpRequest that the library reads of a good answer. */
interface XhrAnswer {
  readonly status: number;
  readonly responseText: string;
  readonly response: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly getResponseHeader: () => null;
  readonly getAllResponseHeaders: () => string;
}

const asXhr = ({ status, body }: WireAnswer): XhrAnswer => ({
  status,
  responseText: body,
  response: body,
  headers: {},
  getResponseHeader: () => null,
  getAllResponseHeaders: () => '',
});
