import { isIP } from 'node:net';
import type { Fault } from '../model/fault.ts';
import { judgeAddress, normalizeHost, type AddressPolicy } from './address-guard.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { PlainRequest } from './connection.ts';
import { createConnector, type Road } from './connector.ts';
import { sendByNtlm } from './ntlm/sign-in.ts';
import { isPortAllowed } from './server-location.ts';
import type { OpenAuthentication, WireAnswer, WireRequest, WireResult } from './wire-answer.ts';
import { errorCodeOf, wireFault } from './wire-fault.ts';

export type { OpenAuthentication, WireAnswer, WireRequest, WireResult } from './wire-answer.ts';

export interface Transport {
  /** Rejects only when `signal` ends it, with the signal's reason. */
  send(request: WireRequest, signal?: AbortSignal): Promise<WireResult>;
  close(): Promise<void>;
}

export interface TransportOptions extends Omit<Road, 'proxy'> {
  /** Left out: none. */
  readonly proxy?: Road['proxy'];
  readonly deadlineMs?: number;
  readonly maxAnswerBytes?: number;
}

export const defaultDeadlineMs = 30_000;
export const defaultMaxAnswerBytes = 1024 * 1024;
export const largestMaxAnswerBytes = 4 * 1024 * 1024;

/**
 * HTTP/1.1 with keep-alive, signed in by Basic, NTLM or Bearer. No redirect is followed and no compressed answer asked
 * for: a redirect would carry the credential to another place, and 300 kB of gzip can be 300 MB of XML (facts/exchange.md
 * §1.6). One deadline covers a request with all that its sign-in takes.
 */
export function createTransport(options: TransportOptions): Transport {
  const deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
  const maxAnswerBytes = Math.min(options.maxAnswerBytes ?? defaultMaxAnswerBytes, largestMaxAnswerBytes);
  const connect = createConnector({ ...options, proxy: options.proxy ?? null }, Math.min(deadlineMs, 10_000));
  const pools = new Map<string, ConnectionPool>();

  const poolOf = (origin: string, authentication: OpenAuthentication | undefined): ConnectionPool => {
    const key = `${origin}\n${ownerOf(authentication)}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const pool = new ConnectionPool(origin, connect, { deadlineMs, maxAnswerBytes });
    pools.set(key, pool);
    return pool;
  };

  async function exchange(url: URL, request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const { authentication, method, headers, body } = request;
    const plain: PlainRequest = {
      path: url.pathname + url.search,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    };
    const pool = poolOf(url.origin, authentication);
    return pool.withConnection((connection) => {
      if (authentication?.scheme !== 'ntlm') return connection.request(withHeader(plain, authentication), signal);
      const account = { ...authentication, host: normalizeHost(url.hostname), identity: pool.identity };
      return sendByNtlm(connection, plain, account, signal);
    });
  }

  return {
    async send(request, signal) {
      const url = new URL(request.url);
      const host = normalizeHost(url.hostname);
      const withinMs = Math.min(request.deadlineMs ?? deadlineMs, deadlineMs);
      const refusal = refuseByUrl(options.policy, url);
      if (refusal !== null) return { answer: null, fault: refusal, errorCode: refusal.code };
      signal?.throwIfAborted();
      const controller = new AbortController();
      let isLate = false;
      const deadline = setTimeout(() => {
        isLate = true;
        controller.abort();
      }, withinMs);
      const onAbort = (): void => controller.abort();
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return { answer: await exchange(url, request, controller.signal), fault: null, errorCode: null };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (isLate) return { answer: null, fault: deadlineFault(host, withinMs), errorCode: 'DEADLINE' };
        return { answer: null, fault: wireFault(error, host), errorCode: errorCodeOf(error) };
      } finally {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      for (const pool of open) pool.close();
    },
  };
}

export const deadlineFault = (host: string, deadlineMs: number): Fault => ({
  code: 'DeadlineExceeded',
  params: { host, seconds: Math.ceil(deadlineMs / 1000) },
});

/** Who a connection may belong to. Requests with a header of their own share theirs: the server asks each one anew. */
function ownerOf(authentication: OpenAuthentication | undefined): string {
  if (authentication === undefined) return '';
  if (authentication.scheme !== 'ntlm') return authentication.scheme;
  return `ntlm ${JSON.stringify([authentication.credentialId, authentication.userName])}`;
}

function withHeader(request: PlainRequest, authentication: OpenAuthentication | undefined): PlainRequest {
  if (authentication === undefined) return request;
  const value =
    authentication.scheme === 'bearer'
      ? `Bearer ${authentication.token}`
      : `Basic ${Buffer.from(`${authentication.userName}:${authentication.password}`, 'utf8').toString('base64')}`;
  return { ...request, headers: { ...request.headers, Authorization: value } };
}

/** A literal address never reaches the lookup, so it is judged here, for every request. */
function refuseByUrl(policy: AddressPolicy, url: URL): Fault | null {
  const host = normalizeHost(url.hostname);
  const port = url.port === '' ? 443 : Number(url.port);
  if (url.protocol !== 'https:' || !isPortAllowed(port) || url.username !== '' || url.password !== '') {
    return { code: 'AddressNotAllowed', params: { host, address: url.host } };
  }
  return isIP(host) === 0 ? null : judgeAddress(policy, host, host);
}
