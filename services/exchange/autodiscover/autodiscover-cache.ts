import type { Clock } from '../../model/clock.ts';
import type { Fault } from '../../model/fault.ts';
import type { FaultCode } from '../../model/fault-catalogue.ts';
import type { Found, TraceStep } from './search-state.ts';

/** What a search found, with when: shown as "found by … on …", and used until it is too old or proves wrong. */
export interface CachedDiscovery extends Omit<Found, 'kind'> {
  /** Epoch ms. */
  readonly foundAt: number;
  readonly trace: readonly TraceStep[];
}

export interface AutodiscoverCache {
  /** Null: unknown or older than the time to live. */
  get(address: string): CachedDiscovery | null;
  put(address: string, found: Found & { readonly trace: readonly TraceStep[] }): CachedDiscovery;
  invalidate(address: string): void;
  /** A fault of the address that the cache gave. Forgets it when the fault says that the server is elsewhere. */
  noteFault(address: string, fault: Fault): void;
}

export const defaultTtlMs = 24 * 60 * 60 * 1000;

/** A mailbox that moved, a name that went, a certificate that changed hands: look again. Busy or refused: same place. */
const elsewhere: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'DnsNotFound',
  'ConnectionRefused',
  'ConnectionTimedOut',
  'HostUnreachable',
  'TlsUntrusted',
  'TlsExpired',
  'TlsNameMismatch',
  'TlsFailure',
  'AddressNotAllowed',
  'AddressLoopback',
  'AddressLinkLocal',
  'HttpForbidden',
  'HttpNotFound',
  'HttpRedirect',
  'AnswerNotSoap',
  'ErrorNonExistentMailbox',
  'ErrorNoRespondingCASInDestinationSite',
]);

/**
 * Found servers by address. Only what was found is kept: a search without success costs a person's patience once more and
 * may well end differently. Beyond `capacity` the address that was put first is forgotten, so that memory does not grow
 * with the number of mailboxes (DESIGN law 9).
 */
export function createAutodiscoverCache(
  clock: Clock,
  { ttlMs = defaultTtlMs, capacity = 10_000 }: { readonly ttlMs?: number; readonly capacity?: number } = {},
): AutodiscoverCache {
  const entries = new Map<string, CachedDiscovery>();
  const keyOf = (address: string): string => address.trim().toLowerCase();
  const forget = (address: string): void => void entries.delete(keyOf(address));

  return {
    get(address) {
      const entry = entries.get(keyOf(address));
      if (entry === undefined) return null;
      if (clock.now() - entry.foundAt < ttlMs) return entry;
      forget(address);
      return null;
    },
    put(address, { ewsUrl, source, host, serverBuild, schemas, trace }) {
      const entry: CachedDiscovery = { ewsUrl, source, host, serverBuild, schemas, trace, foundAt: clock.now() };
      forget(address);
      entries.set(keyOf(address), entry);
      for (const oldest of entries.keys()) {
        if (entries.size <= capacity) break;
        entries.delete(oldest);
      }
      return entry;
    },
    invalidate: forget,
    noteFault(address, fault) {
      if (elsewhere.has(fault.code)) forget(address);
    },
  };
}
