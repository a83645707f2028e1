import { type Address, addressId } from '@hopscope/model'
import { changedAddresses, type DumpMemory, type NetlinkSocket, type RawDump } from '@hopscope/netlink'

/** Addresses of all links of a namespace, undefined for what the memory knows. Same as "ip addr show". Throws NetlinkError. */
export function readAddresses(netns: string, socket: NetlinkSocket, memory: DumpMemory): RawDump<Address> | undefined {
  return changedAddresses(socket, memory)?.map((address) => {
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
