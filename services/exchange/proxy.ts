import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MailroomError } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import { judgeAddress, normalizeHost, type AddressPolicy } from './address-guard.ts';
import { addressForms, isLoopback } from './address-ranges.ts';
import { FaultError } from './wire-fault.ts';

/** As it crosses into the worker: the values of HTTPS_PROXY and NO_PROXY. */
export interface ProxySettings {
  readonly url: string;
  readonly noProxy: string;
}

/** A corporate proxy that makes tunnels (CONNECT) and looks names up itself. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Value of Proxy-Authorization. */
  readonly authorization: string | null;
  /** Whether a host is reached without the proxy. */
  readonly skips: (host: string, port: number) => boolean;
}

/** HTTPS_PROXY and NO_PROXY, small letters first, as curl reads them. Null: no proxy. */
export function proxySettingsOf(environment: Readonly<Record<string, string | undefined>>): ProxySettings | null {
  const value = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? '';
  const url = value('HTTPS_PROXY').trim();
  return url === '' ? null : { url, noProxy: value('NO_PROXY') };
}

/**
 * Reads the settings; an address without a scheme is http, as everywhere. Loopback is never behind a proxy.
 * @throws MailroomError `config.proxy-invalid` for one that cannot be read; never with the value, which may hold a password
 */
export function readProxy({ url: text, noProxy }: ProxySettings): Proxy {
  const { url, credentials } = parse(text.includes('://') ? text : `http://${text}`);
  const isTls = url.protocol === 'https:';
  const entries = noProxy.split(/[\s,]+/).filter((entry) => entry !== '');
  return {
    host: normalizeHost(url.hostname),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    authorization: credentials === ':' ? null : `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`,
    skips: (host, port) => isOwnHost(host) || entries.some((entry) => matches(entry, host, port)),
  };
}

function parse(text: string): { readonly url: URL; readonly credentials: string } {
  try {
    const url = new URL(text);
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    if (['http:', 'https:'].includes(url.protocol) && url.hostname !== '') return { url, credentials };
  } catch {
    // Said below, without the text.
  }
  throw new MailroomError('config.proxy-invalid', { variable: 'HTTPS_PROXY' });
}

const isOwnHost = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && addressForms(host).some(isLoopback));

/** `*`, `contoso.test` and `.contoso.test` (it and below), `*.contoso.test`, each with or without a port. */
function matches(entry: string, host: string, port: number): boolean {
  const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false;
  if (name === '*') return true;
  const domain = name.replace(/^\*?\./, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

/**
 * The guard where the proxy looks names up: no address is seen here, so no network of the allow-list can answer for a
 * name and neither can "any address": only a host glob (`*` included) says that the operator means it.
 */
export function judgeProxied(policy: AddressPolicy, host: string): Fault | null {
  if (isIP(host) !== 0) return judgeAddress(policy, host, host);
  return policy.matchesHost(host) ? null : { code: 'AddressNotAllowed', params: { host, address: host } };
}

/** Longest head of an answer to CONNECT that is read. */
const maxHeadBytes = 16 * 1024;

/** Opens a tunnel to host and port. Rejects with the socket's error, or with a fault when the proxy says no. */
export function openTunnel(proxy: Proxy, host: string, port: number, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = proxy.isTls
    ? connectTls({
        host: proxy.host,
        port: proxy.port,
        ...(isIP(proxy.host) === 0 ? { servername: proxy.host } : {}),
        rejectUnauthorized: true,
      })
    : connectTcp({ host: proxy.host, port: proxy.port });
  const timer = setTimeout(() => fail(new FaultError(timedOut(proxy))), timeoutMs);
  const fail = (error: Error): void => {
    socket.destroy();
    reject(error);
  };
  let head = '';
  const onData = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) {
      if (head.length > maxHeadBytes) fail(new FaultError(refused(proxy, host, 0)));
      return;
    }
    socket.off('data', onData);
    const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
    // A server speaks second in TLS: what follows the head at once is no server's.
    if (status < 200 || status > 299 || head.length > end + 4) fail(new FaultError(refused(proxy, host, status)));
    else {
      socket.off('error', fail);
      socket.pause();
      resolve(socket);
    }
  };
  socket.once(proxy.isTls ? 'secureConnect' : 'connect', () => {
    const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    const authorization = proxy.authorization === null ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  });
  socket.on('data', onData);
  socket.on('error', fail);
  socket.once('close', () => reject(new FaultError(refused(proxy, host, 0))));
  return promise.finally(() => clearTimeout(timer));
}

const timedOut = ({ host }: Proxy): Fault => ({ code: 'ConnectionTimedOut', params: { host } });

const refused = (proxy: Proxy, host: string, status: number): Fault => ({
  code: 'ProxyRefused',
  params: { host, proxy: `${proxy.host}:${proxy.port}`, status },
});
