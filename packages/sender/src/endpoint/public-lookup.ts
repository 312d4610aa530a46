import dns, { type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { AttemptError } from '../attempt/attempt-error.ts'
import { isPrivateAddress } from './private-network.ts'

/** What {@link createPublicLookup} asks: `dns.lookup` with all addresses. */
export type LookupAll = (
  hostname: string,
  options: dns.LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A lookup for `net.connect` that answers public addresses only. In the lookup that the connection itself makes, and
 * not in one before it: between the two a name server could change its answer (DNS rebinding).
 */
export function createPublicLookup(lookupAll: LookupAll = dns.lookup): LookupFunction {
  return (hostname, { all = false, ...options }, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const allowed = addresses.filter(({ address }) => !isPrivateAddress(address))
      const [first] = allowed
      if (first === undefined) return callback(addressDenied(hostname), [])
      return all ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }
}

/** The error of an endpoint within a private network while `denyPrivateNetworks` is on. */
export function addressDenied(hostname: string): AttemptError {
  return new AttemptError(
    'address_denied',
    `${hostname} is in a private network, which denyPrivateNetworks refuses`,
  )
}
