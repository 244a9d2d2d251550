import { isIP } from 'node:net';
import type { Fault } from '../model/fault.ts';
import { profileLimits } from '../model/profile.ts';
import { judgeAddress, normalizeHost, type AddressPolicy } from './address-guard.ts';
import { resolvePermitted, type Resolve } from './guarded-lookup.ts';

/** What is wrong with an EWS address as typed: a key of `error.*` in locales. */
export type ServerLocationProblem =
  | 'server-location.invalid'
  | 'server-location.too-long'
  | 'server-location.not-https'
  | 'server-location.credentials'
  | 'server-location.query'
  | 'server-location.port'
  | 'server-location.loopback'
  | 'server-location.link-local'
  | 'server-location.not-allowed'
  | 'server-location.not-found';

/**
 * Exchange answers on 443 (front end) and 444 (back end); proxies and stand-ins on unprivileged ports. The other low
 * ports belong to other protocols, and a field that connects anywhere is a port scanner.
 */
export function isPortAllowed(port: number): boolean {
  return port === 443 || port === 444 || (port >= 1024 && port <= 65_535);
}

/** Reads an EWS address; what the URL itself tells is judged here, before any name is resolved. */
export function readServerLocation(text: string): { url: URL; problem: null } | { problem: ServerLocationProblem } {
  const trimmed = text.trim();
  if (trimmed.length > profileLimits.serverLocation) return { problem: 'server-location.too-long' };
  // The URL parser drops tabs and line breaks silently: what is shown would not be what is used.
  if (/[\s\p{Cc}\\]/u.test(trimmed) || !URL.canParse(trimmed)) return { problem: 'server-location.invalid' };
  const url = new URL(trimmed);
  if (url.protocol !== 'https:') return { problem: 'server-location.not-https' };
  if (/^https:\/*[^/]*@/i.test(trimmed)) return { problem: 'server-location.credentials' };
  if (trimmed.includes('?') || trimmed.includes('#')) return { problem: 'server-location.query' };
  if (!isPortAllowed(url.port === '' ? 443 : Number(url.port))) return { problem: 'server-location.port' };
  return { url, problem: null };
}

/**
 * Judges an EWS address at typing time, without the network: https only, no credentials, no query or fragment, at most
 * 2,084 characters, an allowed port, and a host that is not forbidden by what it already shows. Null: nothing to object
 * to yet (a name may still resolve to a forbidden address, which the wire finds).
 */
export function checkServerLocation(text: string, policy: AddressPolicy): ServerLocationProblem | null {
  const read = readServerLocation(text);
  if (read.problem !== null) return read.problem;
  return judgeUnresolved(policy, read.url.hostname);
}

function judgeUnresolved(policy: AddressPolicy, hostname: string): ServerLocationProblem | null {
  const host = normalizeHost(hostname);
  if (isIP(host) !== 0) return problemOf(judgeAddress(policy, host, host));
  if (host === 'localhost' || host.endsWith('.localhost')) {
    const verdicts = ['127.0.0.1', '::1'].map((address) => judgeAddress(policy, host, address));
    return verdicts.includes(null) ? null : 'server-location.loopback';
  }
  const isKnown = policy.isOpen || policy.hasNetworks || policy.matchesHost(host);
  return isKnown ? null : 'server-location.not-allowed';
}

/** Like `checkServerLocation`, and then resolves the name and judges its addresses. */
export async function resolveServerLocation(
  text: string,
  policy: AddressPolicy,
  resolve?: Resolve,
): Promise<ServerLocationProblem | null> {
  const read = readServerLocation(text);
  if (read.problem !== null) return read.problem;
  const early = judgeUnresolved(policy, read.url.hostname);
  if (early !== null) return early;
  const resolved = await resolvePermitted(policy, read.url.hostname, resolve);
  return problemOf(resolved.fault);
}

function problemOf(fault: Fault | null): ServerLocationProblem | null {
  if (fault === null) return null;
  if (fault.code === 'AddressLoopback') return 'server-location.loopback';
  if (fault.code === 'AddressLinkLocal') return 'server-location.link-local';
  // A name server that does not answer just now says nothing about the address: the check before saving will tell.
  if (fault.code === 'DnsFailure') return null;
  return fault.code === 'DnsNotFound' ? 'server-location.not-found' : 'server-location.not-allowed';
}
