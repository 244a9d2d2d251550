import { isIPv6 } from 'node:net';
import type { Clock } from '../../services/model/clock.ts';
import { isLoopbackHost } from '../loopback.ts';

/** Says whether one more request of this address may pass. */
export type RateLimit = (address: string) => boolean;

/**
 * A token bucket for each address, for at most `maxAddresses` of them: when a flood of addresses fills the table, the one
 * that was idle longest makes room, so memory stays bounded.
 */
export function createRateLimit(
  clock: Pick<Clock, 'now'>,
  options: { burst: number; refillMs: number; maxAddresses: number },
): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (address) => {
    const now = clock.now();
    const old = buckets.get(address);
    const refilled = old === undefined ? options.burst : old.tokens + Math.max(0, now - old.at) / options.refillMs;
    const tokens = Math.min(options.burst, refilled);
    const passes = tokens >= 1;
    buckets.delete(address);
    const [idle] = buckets.keys();
    if (buckets.size >= options.maxAddresses && idle !== undefined) buckets.delete(idle);
    buckets.set(address, { tokens: passes ? tokens - 1 : tokens, at: now });
    return passes;
  };
}

/**
 * Whom a request counts for. A reverse proxy on this machine is believed about the address that it appended last; what
 * others write into X-Forwarded-For is their own invention. An IPv6 network of a subscriber (/64) counts as one.
 */
export function clientAddress(remote: string, forwardedFor: string | undefined): string {
  const peer = remote.replace(/^::ffff:/, '');
  const last = forwardedFor?.split(',').at(-1)?.trim() ?? '';
  const address = isLoopbackHost(peer) && last !== '' ? last.slice(0, 64) : peer;
  return isIPv6(address) ? address.split(':').slice(0, 4).join(':') : address;
}
