/** Client addresses as text. */
import { isIPv6 } from 'node:net';

const MAPPED = '::ffff:';

/** An IPv4 address that a dual-stack socket shows as IPv6, back in its own form. */
export function plainAddress(address: string): string {
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;
}

/**
 * What is counted as one client: an IPv4 address, or the /64 of an IPv6 address, since one
 * customer usually has a whole /64.
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const bare = address.split('%', 1)[0] ?? address;
  const [head = '', tail] = bare.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...new Array<string>(gap).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
