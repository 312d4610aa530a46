import { BlockList, isIP } from 'node:net'

// The special-purpose registries of IANA: what is not globally reachable, or leads to something that may not be.
// https://www.iana.org/assignments/iana-ipv4-special-registry
const ipv4Networks = [
  ['0.0.0.0', 8], // this host
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by a carrier's customers (CGNAT)
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local: the metadata service of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const

// https://www.iana.org/assignments/iana-ipv6-special-registry
const ipv6Networks = [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['64:ff9b:1::', 48], // NAT64 of a local network
  ['100::', 64], // discarded
  ['2001::', 23], // protocol assignments, Teredo
  ['2001:db8::', 32], // documentation
  ['3fff::', 20], // documentation
  ['5f00::', 16], // segment routing
  ['fc00::', 7], // unique-local
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local, deprecated
  ['ff00::', 8], // multicast
] as const

const denied = new BlockList()
for (const [network, prefix] of ipv6Networks) denied.addSubnet(network, prefix, 'ipv6')
for (const [network, prefix] of ipv4Networks) {
  // A rule for IPv4 holds for the same address mapped to IPv6 (::ffff:0:0/96) too. SIIT, NAT64 and 6to4 have it within.
  denied.addSubnet(network, prefix, 'ipv4')
  denied.addSubnet(`::ffff:0:${network}`, 96 + prefix, 'ipv6')
  denied.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6')
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number)
  denied.addSubnet(`2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::`, 16 + prefix, 'ipv6')
}

/**
 * Whether an IP address is not on the public internet: private, loopback, link-local, shared, multicast, reserved, or
 * such an IPv4 address within an IPv6 address. Text that is no IP address counts as private.
 */
export function isPrivateAddress(address: string): boolean {
  // "fe80::1%eth0": BlockList does not know zones.
  const [withoutZone = ''] = address.split('%')
  const family = isIP(withoutZone)
  return family === 0 || denied.check(withoutZone, family === 6 ? 'ipv6' : 'ipv4')
}
