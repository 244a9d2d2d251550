import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { MailroomError } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import { addressForms, isLinkLocalOrMetadata, isLoopback, isUnreachableByRule, withoutZone } from './address-ranges.ts';

/**
 * What Mailroom may connect to (DESIGN law 5). Without a guard an admin's "server location" would be a way to make the
 * bot's host talk to anything it can reach: its own loopback services, the cloud's metadata endpoint, the next network.
 * Literal addresses are judged like resolved ones, since an HTTP client never looks a literal up (facts/stack.md §5).
 */
export interface AddressPolicy {
  /** Nothing is listed: any public or private address, never loopback. */
  readonly isOpen: boolean;
  readonly matchesHost: (host: string) => boolean;
  readonly containsAddress: (address: string) => boolean;
  readonly hasNetworks: boolean;
}

/** A name as rules compare it: lower case, no brackets, no trailing dot. */
export function normalizeHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/**
 * Builds the policy from `MAILROOM_EXCHANGE_HOSTS`: host globs (`*.contoso.com`; a star stands for any characters),
 * CIDRs and single addresses.
 * @throws MailroomError `config.exchange-host-invalid` with the entry that cannot be read
 */
export function parseAllowList(entries: readonly string[]): AddressPolicy {
  const networks = new BlockList();
  const globs: RegExp[] = [];
  let networkCount = 0;
  const listed = entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
  for (const entry of listed) {
    if (addNetwork(networks, entry)) networkCount += 1;
    else globs.push(globOf(entry));
  }
  return {
    isOpen: listed.length === 0,
    matchesHost: (host) => globs.some((glob) => glob.test(normalizeHost(host))),
    containsAddress: (address) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
    hasNetworks: networkCount > 0,
  };
}

/** A network or a single address, and no name; of an entry that can be read. */
export const isNetwork = (entry: string): boolean => isIP(normalizeHost(entry.trim()).split('/')[0] ?? '') !== 0;

function addNetwork(networks: BlockList, entry: string): boolean {
  const [base = '', prefix, ...rest] = normalizeHost(entry).split('/');
  const family = isIP(base);
  if (family === 0) {
    if (prefix !== undefined) throw invalidEntry(entry);
    return false;
  }
  const widest = family === 6 ? 128 : 32;
  const bits = prefix === undefined ? widest : Number(prefix);
  if (rest.length > 0 || prefix === '' || !Number.isInteger(bits) || bits < 0 || bits > widest) {
    throw invalidEntry(entry);
  }
  networks.addSubnet(base, bits, family === 6 ? 'ipv6' : 'ipv4');
  return true;
}

function globOf(entry: string): RegExp {
  if (entry === '*') return /^/;
  const host = domainToASCII(normalizeHost(entry));
  // The last label must be a word: `10.*` or `mail.*` would also let `10.attacker.example` in.
  if (!/^[a-z0-9*_.-]+$/.test(host) || !/(^|\.)[a-z][a-z0-9-]*$/.test(host)) throw invalidEntry(entry);
  return new RegExp(`^${host.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
}

const invalidEntry = (entry: string): MailroomError => new MailroomError('config.exchange-host-invalid', { entry });

/** Judges one address that `host` stands for (or is). Null: Mailroom may connect to it. */
export function judgeAddress(policy: AddressPolicy, host: string, address: string): Fault | null {
  const forms = addressForms(withoutZone(address));
  const params = { host, address };
  if (forms.some(isLinkLocalOrMetadata)) return { code: 'AddressLinkLocal', params };
  if (forms.some(isUnreachableByRule)) return { code: 'AddressNotAllowed', params };
  const isListed = forms.some((form) => policy.containsAddress(form));
  if (forms.some(isLoopback)) return isListed ? null : { code: 'AddressLoopback', params };
  if (policy.isOpen || isListed || policy.matchesHost(host)) return null;
  return { code: 'AddressNotAllowed', params };
}

/**
 * The addresses of a name that may be connected to; a name with allowed and forbidden ones keeps the allowed, because
 * exactly these are pinned for the connection. The fault of the first one when none is left.
 */
export function permittedAddresses<Address extends { readonly address: string }>(
  policy: AddressPolicy,
  host: string,
  addresses: readonly Address[],
): { readonly addresses: readonly Address[]; readonly fault: Fault | null } {
  const permitted = addresses.filter(({ address }) => judgeAddress(policy, host, address) === null);
  const first = addresses[0];
  if (first === undefined) return { addresses: [], fault: { code: 'DnsNotFound', params: { host } } };
  return { addresses: permitted, fault: permitted.length > 0 ? null : judgeAddress(policy, host, first.address) };
}
