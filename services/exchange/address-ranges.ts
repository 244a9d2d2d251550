import { BlockList, isIP, SocketAddress } from 'node:net';

/**
 * The kinds of address that rules speak of, and the IPv4 addresses that hide inside IPv6 ones (RFC 4291 §2.5.5,
 * RFC 6052, RFC 3056): `::ffff:169.254.169.254` reaches the metadata service as surely as the plain form.
 */
function listOf(...subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [base = '', bits = ''] = subnet.split('/');
    list.addSubnet(base, Number(bits), isIP(base) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

const contains = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** RFC 3927, RFC 4291 §2.5.6; then where clouds serve instance metadata and tokens. */
const linkLocalAndMetadata = listOf(
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32', // Amazon, over IPv6: fd00:ec2::254
  'fd20:ce::254/128', // Google, over IPv6
  '100.100.100.200/32', // Alibaba
  '192.0.0.192/32', // Oracle
  '168.63.129.16/32', // Azure's wire server
);

const loopback = listOf('127.0.0.0/8', '::1/128');

/** "This network" (which connects to the own host), multicast, reserved and broadcast: no server lives there. */
const unreachable = listOf('0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'ff00::/8');

export const isLinkLocalOrMetadata = (address: string): boolean => contains(linkLocalAndMetadata, address);
export const isLoopback = (address: string): boolean => contains(loopback, address);
export const isUnreachableByRule = (address: string): boolean => contains(unreachable, address);

/** `fe80::1%eth0` without the zone, which the lists cannot read. */
export const withoutZone = (address: string): string => address.replace(/%.*$/, '');

/** The address itself and the IPv4 address that it carries, if any. */
export function addressForms(address: string): string[] {
  if (isIP(address) !== 6) return [address];
  const groups = expand(address);
  const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const at = (index: number): number => groups[index] ?? 0;
  const leading = groups.slice(0, 6).join(',');
  const carried: string[] = [];
  // Mapped (::ffff:a.b.c.d), translated (::ffff:0:a.b.c.d), compatible (::a.b.c.d, but not :: and ::1), NAT64.
  if (leading === '0,0,0,0,0,65535' || leading === '0,0,0,0,65535,0' || leading === '100,65435,0,0,0,0') {
    carried.push(dotted(at(6), at(7)));
  }
  // 64:ff9b:1::/48, for a network's own translators (RFC 8215); whatever their prefix, the last 32 bits are the most common.
  if (at(0) === 0x64 && at(1) === 0xff9b && at(2) === 1) carried.push(dotted(at(6), at(7)));
  if (leading === '0,0,0,0,0,0' && at(6) !== 0) carried.push(dotted(at(6), at(7)));
  if (at(0) === 0x2002) carried.push(dotted(at(1), at(2))); // 6to4
  return [address, ...carried];
}

function expand(address: string): number[] {
  // SocketAddress writes the canonical form; a dotted tail is turned into two groups first.
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a: string, b: string, c: string, d: string) =>
      `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  );
  const [head = '', tail] = canonical.split('::');
  const parse = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  if (tail === undefined) return parse(head);
  const [before, after] = [parse(head), parse(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
