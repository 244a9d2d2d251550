import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type DetailedPeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import type { Fault } from '../model/fault.ts';
import { deadlineFault } from './transport.ts';
import { wireFault } from './wire-fault.ts';

/** One address to try, already permitted. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** The guarded lookup: the probe connects to what the guard permits, like every other connection. */
  readonly lookup: LookupFunction;
  /** Where a proxy stands in between: opens a tunnel through it instead. */
  readonly tunnel: (() => Promise<Socket> | null) | null;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface TcpSeen {
  readonly address: string;
  readonly port: number;
}

export interface TlsSeen {
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface ProbeResult<Seen> {
  readonly seen: Seen | null;
  readonly fault: Fault | null;
}

/** Opens a TCP connection and closes it again. */
export async function probeTcp(target: ProbeTarget): Promise<ProbeResult<TcpSeen>> {
  const tunnel = await openTunnel(target);
  if (tunnel !== null) {
    tunnel.socket?.destroy();
    const seen = tunnel.socket === null ? null : { address: target.host, port: target.port };
    return { seen, fault: tunnel.fault };
  }
  const socket = connectTcp({ host: target.host, port: target.port, lookup: target.lookup });
  return settle(target, socket, 'connect', () => ({
    seen: { address: socket.remoteAddress ?? target.host, port: target.port },
    fault: null,
  }));
}

/**
 * Makes a TLS handshake, reads the certificate and closes. This handshake alone goes on with a bad certificate, because
 * only then can the admin be told whose it is and when it expired; nothing is ever sent over it. Node's own verdict
 * (chain, then name) is the one reported, and it is the one that the connection for credentials ends with.
 */
export async function probeTls(target: ProbeTarget, secureContext: SecureContext): Promise<ProbeResult<TlsSeen>> {
  const tunnel = await openTunnel(target);
  if (tunnel?.fault) return { seen: null, fault: tunnel.fault };
  const socket = connectTls({
    ...(tunnel?.socket ? { socket: tunnel.socket } : {}),
    host: target.host,
    port: target.port,
    lookup: target.lookup,
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    secureContext,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
  });
  return settle(target, socket, 'secureConnect', () => ({
    seen: describe(socket),
    fault: socket.authorized ? null : wireFault(verdictOf(socket), target.host),
  }));
}

/** Null: there is no proxy in between. */
async function openTunnel(
  target: ProbeTarget,
): Promise<
  { readonly socket: Socket; readonly fault: null } | { readonly socket: null; readonly fault: Fault } | null
> {
  target.signal.throwIfAborted();
  try {
    const socket = await target.tunnel?.();
    return socket ? { socket, fault: null } : null;
  } catch (error) {
    return { socket: null, fault: wireFault(error, target.host) };
  }
}

/** Node gives the code of its verdict in place of the error (`authorizationError`), whatever its type says. */
function verdictOf(socket: TLSSocket): Error {
  const verdict: unknown = socket.authorizationError;
  if (verdict instanceof Error) return verdict;
  return Object.assign(new Error('certificate refused'), { code: String(verdict) });
}

function describe(socket: TLSSocket): TlsSeen {
  const certificate: Partial<DetailedPeerCertificate> = socket.getPeerCertificate(true);
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    expiresAt: Date.parse(certificate.valid_to ?? ''),
  };
}

/** The common name, or what else names it; cut, since a certificate may say anything at any length. */
function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const text = [name?.CN ?? name?.O ?? name?.OU ?? 'unknown'].flat()[0] ?? 'unknown';
  return text.slice(0, 200);
}

function settle<Seen>(
  target: ProbeTarget,
  socket: Socket,
  event: 'connect' | 'secureConnect',
  finish: () => ProbeResult<Seen>,
): Promise<ProbeResult<Seen>> {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeResult<Seen>>();
  const fail = (fault: Fault): void => resolve({ seen: null, fault });
  const timer = setTimeout(() => {
    const { host } = target;
    fail(
      event === 'connect' ? { code: 'ConnectionTimedOut', params: { host } } : deadlineFault(host, target.deadlineMs),
    );
  }, target.deadlineMs);
  const onAbort = (): void => reject(target.signal.reason);
  target.signal.addEventListener('abort', onAbort, { once: true });
  if (target.signal.aborted) onAbort();
  socket.once(event, () => resolve(finish()));
  socket.on('error', (error) => fail(wireFault(error, target.host)));
  socket.once('close', () => fail({ code: 'ConnectionReset', params: { host: target.host } }));
  return promise.finally(() => {
    clearTimeout(timer);
    target.signal.removeEventListener('abort', onAbort);
    socket.destroy();
  });
}
