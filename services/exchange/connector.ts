import { buildConnector } from 'undici';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { normalizeHost, type AddressPolicy } from './address-guard.ts';
import { guardedLookup, type Resolve } from './guarded-lookup.ts';
import { judgeProxied, openTunnel, type Proxy } from './proxy.ts';
import { FaultError } from './wire-fault.ts';

export interface Road {
  readonly policy: AddressPolicy;
  readonly tlsContext: SecureContext;
  readonly proxy: Proxy | null;
  readonly resolve?: Resolve;
}

/** TLS to the address that the guard permits, or through the proxy's tunnel; HTTP/1.1 only, since NTLM knows no other. */
export function createConnector(road: Road, timeoutMs: number): buildConnector.connector {
  const secure = buildConnector({
    secureContext: road.tlsContext,
    lookup: guardedLookup(road.policy, road.resolve),
    timeout: timeoutMs,
    allowH2: false,
    // Said out loud, since NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment changes the default.
    rejectUnauthorized: true,
    // A resumed session skips the certificate; each handshake verifies it anew, and keep-alive makes them rare.
    maxCachedSessions: 0,
  });
  return (options, callback) => {
    const host = normalizeHost(options.hostname);
    const tunnel = throughProxy(road, host, Number(options.port === '' ? 443 : options.port), timeoutMs);
    if (tunnel === null) return secure(options, callback);
    tunnel.then(
      (httpSocket) => secure({ ...options, httpSocket }, callback),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

/** A guarded tunnel to the host, or null where none is needed. */
export function throughProxy(
  { policy, proxy }: Pick<Road, 'policy' | 'proxy'>,
  host: string,
  port: number,
  timeoutMs: number,
): Promise<Socket> | null {
  if (proxy === null || proxy.skips(host, port)) return null;
  const refusal = judgeProxied(policy, host);
  return refusal === null ? openTunnel(proxy, host, port, timeoutMs) : Promise.reject(new FaultError(refusal));
}
