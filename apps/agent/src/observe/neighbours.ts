import { type Neighbour, neighbourId } from '@hopscope/model'
import { dumpNeighbours, type NetlinkSocket } from '@hopscope/netlink'
import type { NetnsEntry } from './contract.ts'

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
 * Neighbours and proxied addresses of a namespace. As with "ip neigh show" and "ip neigh show proxy", entries that never
 * need to be resolved (NOARP: multicast, loopback) and those not yet asked for (NONE) are left out. Throws NetlinkError.
 */
export function readNeighbours({ id: netns }: NetnsEntry, socket: NetlinkSocket): Neighbour[] {
  const resolved = dumpNeighbours(socket).flatMap((neighbour): Neighbour[] => {
    const state = STATES.find((name) => neighbour.state.includes(name)) ?? 'NONE'
    if (state === 'NONE' || state === 'NOARP') return []
    const key = { netns, index: neighbour.ifindex, address: neighbour.dst, proxy: false }
    return [
      {
        ...key,
        id: neighbourId(key),
        family: neighbour.family,
        lladdr: neighbour.lladdr,
        state,
        router: neighbour.flags.includes('router'),
        externLearn: neighbour.flags.includes('extern_learn'),
      },
    ]
  })
  return [...resolved, ...dumpNeighbours(socket, { proxy: true }).map((proxy) => proxyOf(netns, proxy))]
}

function proxyOf(netns: string, proxy: ReturnType<typeof dumpNeighbours>[number]): Neighbour {
  const key = { netns, index: proxy.ifindex, address: proxy.dst, proxy: true }
  const record = { ...key, id: neighbourId(key), family: proxy.family, state: 'NONE' as const }
  return { ...record, router: proxy.flags.includes('router'), externLearn: false }
}
