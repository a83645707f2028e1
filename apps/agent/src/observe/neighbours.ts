import { type Neighbour, neighbourId } from '@hopscope/model'
import {
  changedNeighbours,
  changedProxies,
  type DumpMemory,
  type Neighbour as KernelNeighbour,
  type NetlinkSocket,
  type RawDump,
} from '@hopscope/netlink'

const STATES: readonly Neighbour['state'][] = [
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'NOARP',
  'PERMANENT',
]

/**
 * Neighbours of a namespace, undefined for what the memory knows. As with "ip neigh show", entries that never need to be
 * resolved (NOARP: multicast, loopback) and those not yet asked for (NONE) are left out. Throws NetlinkError.
 */
export function readNeighbours(
  netns: string,
  socket: NetlinkSocket,
  memory: DumpMemory,
): RawDump<Neighbour> | undefined {
  return changedNeighbours(socket, memory)?.map((neighbour): Neighbour | undefined => {
    const state = STATES.find((name) => neighbour.state.includes(name)) ?? 'NONE'
    if (state === 'NONE' || state === 'NOARP') return undefined
    const key = { netns, index: neighbour.ifindex, address: neighbour.dst, proxy: false }
    return {
      ...key,
      id: neighbourId(key),
      family: neighbour.family,
      lladdr: neighbour.lladdr,
      state,
      router: neighbour.flags.includes('router'),
      externLearn: neighbour.flags.includes('extern_learn'),
    }
  })
}

/** Addresses that are answered for others, undefined for what the memory knows. Same as "ip neigh show proxy". */
export function readProxies(netns: string, socket: NetlinkSocket, memory: DumpMemory): RawDump<Neighbour> | undefined {
  return changedProxies(socket, memory)?.map((proxy) => proxyOf(netns, proxy))
}

function proxyOf(netns: string, proxy: KernelNeighbour): Neighbour {
  const key = { netns, index: proxy.ifindex, address: proxy.dst, proxy: true }
  const record = { ...key, id: neighbourId(key), family: proxy.family, state: 'NONE' as const }
  return { ...record, router: proxy.flags.includes('router'), externLearn: false }
}
