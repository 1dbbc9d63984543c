/**
 * Addresses of the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry,
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import { BlockList, isIP } from 'node:net';

const SPECIAL_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';

/** Inside 2000::/3, what is no host of the internet or leads to an IPv4 address in disguise. */
const SPECIAL_V6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';

const special = blockList(SPECIAL_V4, 'ipv4', blockList(SPECIAL_V6, 'ipv6', new BlockList()));
const unicast = blockList('2000::/3', 'ipv6', new BlockList());

function blockList(ranges: string, family: 'ipv4' | 'ipv6', list: BlockList): BlockList {
  for (const range of ranges.split(' ')) {
    const [address = '', prefix = ''] = range.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Is the text an address that anyone on the internet could reach? Mapped and translated forms of IPv4 are not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) {
    return !special.check(address, 'ipv4');
  }
  return family === 6 && unicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
