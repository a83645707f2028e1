import { type Fdb, fdbId } from '@hopscope/model'
import { changedFdb, type DumpMemory, type NetlinkSocket, type RawDump } from '@hopscope/netlink'

/**
 * CAM tables of the namespace's bridges, and the tunnel ends that its vxlans know. The list of addresses that a device
 * itself lets through ("self" without a destination) is none of it. Undefined for what the memory knows. Same as "bridge fdb
 * show". Throws NetlinkError.
 */
export function readFdb(netns: string, socket: NetlinkSocket, memory: DumpMemory): RawDump<Fdb> | undefined {
  return changedFdb(socket, memory)?.map((entry): Fdb | undefined => {
    if (entry.master === undefined && entry.dst === undefined) return undefined
    const self = entry.flags.includes('self')
    const key = { netns, index: entry.ifindex, mac: entry.mac, vlan: entry.vlan, dst: entry.dst, self }
    return {
      ...key,
      id: fdbId(key),
      master: entry.master,
      vni: entry.vni,
      port: entry.port,
      via: entry.linkIfindex,
      state: entry.state === 'permanent' || entry.state === 'static' ? entry.state : 'learned',
      externLearn: entry.flags.includes('extern_learn'),
      sticky: entry.flags.includes('sticky'),
    }
  })
}
