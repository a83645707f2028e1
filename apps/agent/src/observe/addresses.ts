import { type Address, addressId } from '@hopscope/model'
import { dumpAddresses, type NetlinkSocket } from '@hopscope/netlink'
import type { NetnsEntry } from './contract.ts'

/** Addresses of all links of a namespace. Same as "ip addr show". Throws NetlinkError. */
export function readAddresses({ id: netns }: NetnsEntry, socket: NetlinkSocket): Address[] {
  return dumpAddresses(socket).map((address) => {
    const key = { netns, index: address.ifindex, local: address.local, prefixLength: address.prefixlen }
    return {
      ...key,
      id: addressId(key),
      family: address.family,
      peer: address.peer,
      broadcast: address.broadcast,
      scope: address.scope,
      label: address.label,
      flags: address.flagNames,
    }
  })
}
