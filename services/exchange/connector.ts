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
  /** Where a host listens, for stand-ins of hosts whose port is fixed (443, and 80 of Autodiscover). */
  readonly listensOn?: (host: string, port: number) => number;
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
    if (tunnel === null) return secure({ ...options, port: portOf(road, host, options.port, 443) }, callback);
    tunnel.then(
      (httpSocket) => secure({ ...options, httpSocket }, callback),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

/** The same without TLS: for the one question of Autodiscover that carries nothing. */
export function createPlainConnector(road: Omit<Road, 'tlsContext'>, timeoutMs: number): buildConnector.connector {
  const plain = buildConnector({ lookup: guardedLookup(road.policy, road.resolve), timeout: timeoutMs });
  return (options, callback) => {
    const host = normalizeHost(options.hostname);
    const tunnel = throughProxy(road, host, Number(options.port === '' ? 80 : options.port), timeoutMs);
    if (tunnel === null) return plain({ ...options, port: portOf(road, host, options.port, 80) }, callback);
    tunnel.then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

const portOf = ({ listensOn }: Pick<Road, 'listensOn'>, host: string, port: string, usual: number): string =>
  listensOn === undefined ? port : String(listensOn(host, port === '' ? usual : Number(port)));

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
