import { Client } from 'undici';
import { isIP } from 'node:net';
import type { Fault } from '../../model/fault.ts';
import { judgeAddress, normalizeHost } from '../address-guard.ts';
import { createConnector, type Road } from '../connector.ts';
import { isPortAllowed } from '../server-location.ts';
import { wireFault } from '../wire-fault.ts';

export interface SecureRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SecureAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export type SecureResult =
  { readonly answer: SecureAnswer; readonly fault: null } | { readonly answer: null; readonly fault: Fault };

/**
 * The few HTTPS calls beside Exchange: Entra's token endpoint and Key Vault. A port, so that tests can stand behind it.
 */
export interface SecureRequests {
  /** Never rejects. The caller owns the deadline: when `signal` ends the call, the fault is DeadlineExceeded. */
  send(request: SecureRequest, signal: AbortSignal): Promise<SecureResult>;
}

export interface SecureRequestsOptions extends Omit<Road, 'proxy'> {
  /** The one host, with its port, that is called: an answer that names another place leads nowhere. */
  readonly host: string;
  /** Left out: none. */
  readonly proxy?: Road['proxy'];
  readonly maxAnswerBytes?: number;
}

/** A token answer is 3 kB, a secret of Key Vault 25 kB at most (its own limit). */
const defaultMaxAnswerBytes = 256 * 1024;
const connectTimeoutMs = 10_000;

/**
 * HTTPS under the rules of every outgoing call (DESIGN law 5): guarded and pinned address, verified TLS, no redirect,
 * no compression, a size cap. Each call has a connection of its own, since an hour lies between two of them.
 */
export function createSecureRequests(options: SecureRequestsOptions): SecureRequests {
  const connect = createConnector({ ...options, proxy: options.proxy ?? null }, connectTimeoutMs);
  return {
    async send(request, signal) {
      const url = new URL(request.url);
      const host = normalizeHost(url.hostname);
      const refusal = refuseByUrl(options, url, host);
      if (refusal !== null) return { answer: null, fault: refusal };
      const client = new Client(url.origin, {
        connect,
        pipelining: 1,
        maxResponseSize: options.maxAnswerBytes ?? defaultMaxAnswerBytes,
      });
      try {
        const response = await client.request({
          path: url.pathname + url.search,
          method: request.method,
          headers: request.headers,
          signal,
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        const body = await response.body.text();
        return { answer: { status: response.statusCode, headers: response.headers, body }, fault: null };
      } catch (error) {
        if (signal.aborted) return { answer: null, fault: { code: 'DeadlineExceeded', params: { host } } };
        return { answer: null, fault: wireFault(error, host) };
      } finally {
        // Not awaited: a server that keeps the connection half open must not hold the answer back.
        client.destroy().catch(() => undefined);
      }
    },
  };
}

/**
 * The guard alone does not tell the host: a network that it permits may hold others, and the sign-in service says itself
 * where its token endpoint is.
 */
function refuseByUrl(
  { host: only, policy }: Pick<SecureRequestsOptions, 'host' | 'policy'>,
  url: URL,
  host: string,
): Fault | null {
  const port = url.port === '' ? 443 : Number(url.port);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '';
  if (!isPlain || !isPortAllowed(port) || url.host !== only) {
    return { code: 'AddressNotAllowed', params: { host, address: url.host } };
  }
  return isIP(host) === 0 ? null : judgeAddress(policy, host, host);
}
