/**
 * Which network an address is in: https://www.iana.org/assignments/iana-ipv4-special-registry,
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What has been given out as addresses of hosts so far. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Is the text an address that anyone on the internet could reach? Mapped and translated forms of IPv4 are not. */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  return parsed?.range() === 'unicast' && (!(parsed instanceof ipaddr.IPv6) || parsed.match(GLOBAL_V6));
}

/** Is it an address of the wire alone, such as those at which clouds tell a machine its secrets? Also in disguise. */
export function isLinkLocalAddress(address: string): boolean {
  const parsed = parse(address);
  const plain =
    parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
  return plain?.range() === 'linkLocal';
}

/** Only the usual notation: what else a parser may take is no address here. */
const parse = (address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined =>
  isIP(address) === 0 ? undefined : ipaddr.parse(address);
