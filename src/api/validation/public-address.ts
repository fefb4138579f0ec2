/** Which addresses a tenant's endpoint may have: the public internet, not the server's own network. */
import { BlockList, isIP } from 'node:net';

/** Ranges that are not public (IANA special-purpose registries), and those that lead back to them. */
const PRIVATE_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
const PRIVATE_V6 = [
  ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23'],
  ...['2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

// Two lists: one list takes an IPv4 address for its mapped IPv6 form, and all of those are blocked.
const blockedV4 = new BlockList();
const blockedV6 = new BlockList();
for (const range of PRIVATE_V4) blockedV4.addSubnet(...subnet(range), 'ipv4');
for (const range of PRIVATE_V6) blockedV6.addSubnet(...subnet(range), 'ipv6');

function subnet(range: string): [string, number] {
  const [network = '', prefix = ''] = range.split('/');
  return [network, Number(prefix)];
}

/** True for an IP address on the public internet; false for any other text. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !blockedV4.check(address, 'ipv4');
    case 6:
      return !blockedV6.check(address, 'ipv6');
    default:
      return false;
  }
}
