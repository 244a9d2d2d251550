import type { LookupAddress } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Fault } from '../model/fault.ts';
import { normalizeHost, permittedAddresses, type AddressPolicy } from './address-guard.ts';
import { FaultError, wireFault } from './wire-fault.ts';

/** Name resolution as a dependency: all addresses of a host, in the system's order. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** The system's resolver, hosts file included: what every other program on this machine would connect to. */
export const systemResolve: Resolve = (host) => lookupAll(host, { all: true });

/** The guard's no, passed through a connection attempt. */
export class AddressRefused extends FaultError {
  constructor(fault: Fault) {
    super(fault);
    this.name = 'AddressRefused';
  }
}

/** Resolves a host (or takes the literal) and keeps what the policy permits. Never rejects. */
export async function resolvePermitted(
  policy: AddressPolicy,
  hostname: string,
  resolve: Resolve = systemResolve,
): Promise<{ readonly addresses: readonly LookupAddress[]; readonly fault: Fault | null }> {
  const host = normalizeHost(hostname);
  const family = isIP(host);
  if (family !== 0) return permittedAddresses(policy, host, [{ address: host, family }]);
  try {
    return permittedAddresses(policy, host, await resolve(host));
  } catch (error) {
    return { addresses: [], fault: wireFault(error, host) };
  }
}

/**
 * The `lookup` of a socket: resolves, judges, and hands over exactly the judged addresses. Resolving once to judge and a
 * second time to connect would let a name change its answer in between (DNS rebinding).
 */
export function guardedLookup(policy: AddressPolicy, resolve: Resolve = systemResolve): LookupFunction {
  return (hostname, options, callback) => {
    void resolvePermitted(policy, hostname, resolve).then(({ addresses, fault }) => {
      const wanted = addresses.filter(({ family }) => !options.family || family === toFamily(options.family));
      const first = wanted[0];
      if (first === undefined) {
        const refusal = fault ?? { code: 'DnsNotFound', params: { host: hostname } };
        callback(new AddressRefused(refusal), options.all ? [] : '', 0);
      } else if (options.all) callback(null, [...wanted]);
      else callback(null, first.address, first.family);
    });
  };
}

const toFamily = (family: number | 'IPv4' | 'IPv6'): number => {
  if (typeof family === 'number') return family;
  return family === 'IPv6' ? 6 : 4;
};
