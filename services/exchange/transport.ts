import { buildConnector, Pool } from 'undici';
import { isIP } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { SecureContext } from 'node:tls';
import type { Fault } from '../model/fault.ts';
import { judgeAddress, normalizeHost, type AddressPolicy } from './address-guard.ts';
import { guardedLookup, type Resolve } from './guarded-lookup.ts';
import { isPortAllowed } from './server-location.ts';
import { errorCodeOf, wireFault } from './wire-fault.ts';

export interface WireRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. The library's error objects lose status, headers and codes (facts/exchange.md §1.3): this is the record. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export type WireResult =
  | { readonly answer: WireAnswer; readonly fault: null; readonly errorCode: null }
  | { readonly answer: null; readonly fault: Fault; readonly errorCode: string };

export interface Transport {
  /** Rejects only when `signal` ends it, with the signal's reason. */
  send(request: WireRequest, signal?: AbortSignal): Promise<WireResult>;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly policy: AddressPolicy;
  readonly tlsContext: SecureContext;
  readonly deadlineMs?: number;
  readonly maxAnswerBytes?: number;
  readonly resolve?: Resolve;
}

export const defaultDeadlineMs = 30_000;
export const defaultMaxAnswerBytes = 1024 * 1024;
const largestMaxAnswerBytes = 4 * 1024 * 1024;

/**
 * HTTP/1.1 with keep-alive, one pool an origin. No redirect is followed and no compressed answer asked for: a redirect
 * would carry the credential to another place, and 300 kB of gzip can be 300 MB of XML (facts/exchange.md §1.6). How
 * many connections there are is the gate's business.
 */
export function createTransport(options: TransportOptions): Transport {
  const deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
  const maxAnswerBytes = Math.min(options.maxAnswerBytes ?? defaultMaxAnswerBytes, largestMaxAnswerBytes);
  const pools = new Map<string, Pool>();

  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      pipelining: 1,
      keepAliveTimeout: 20_000,
      keepAliveMaxTimeout: 60_000,
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
      maxResponseSize: maxAnswerBytes,
      connect: buildConnector({
        secureContext: options.tlsContext,
        lookup: guardedLookup(options.policy, options.resolve),
        timeout: Math.min(deadlineMs, 10_000),
        allowH2: false,
        // Said out loud, since NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment changes the default.
        rejectUnauthorized: true,
        // A resumed session skips the certificate; each handshake verifies it anew, and keep-alive makes them rare.
        maxCachedSessions: 0,
      }),
    });
    pools.set(origin, pool);
    return pool;
  };

  async function exchange(url: URL, request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const response = await poolOf(url.origin).request({
      path: url.pathname,
      method: request.method,
      headers: request.headers,
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = await response.body.text();
    // undici gives a connection back one turn of the loop after its answer; a mailbox's next call would open another.
    await setImmediate();
    return { status: response.statusCode, headers: response.headers, body };
  }

  return {
    async send(request, signal) {
      const url = new URL(request.url);
      const host = normalizeHost(url.hostname);
      const refusal = refuseByUrl(options.policy, url);
      if (refusal !== null) return { answer: null, fault: refusal, errorCode: refusal.code };
      signal?.throwIfAborted();
      const controller = new AbortController();
      let isLate = false;
      const deadline = setTimeout(() => {
        isLate = true;
        controller.abort();
      }, deadlineMs);
      const onAbort = (): void => controller.abort();
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return { answer: await exchange(url, request, controller.signal), fault: null, errorCode: null };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (isLate) return { answer: null, fault: deadlineFault(host, deadlineMs), errorCode: 'DEADLINE' };
        return { answer: null, fault: wireFault(error, host), errorCode: errorCodeOf(error) };
      } finally {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

export const deadlineFault = (host: string, deadlineMs: number): Fault => ({
  code: 'DeadlineExceeded',
  params: { host, seconds: Math.ceil(deadlineMs / 1000) },
});

/** A literal address never reaches the lookup, so it is judged here, for every request. */
function refuseByUrl(policy: AddressPolicy, url: URL): Fault | null {
  const host = normalizeHost(url.hostname);
  const port = url.port === '' ? 443 : Number(url.port);
  if (url.protocol !== 'https:' || !isPortAllowed(port)) {
    return { code: 'AddressNotAllowed', params: { host, address: url.host } };
  }
  return isIP(host) === 0 ? null : judgeAddress(policy, host, host);
}
