import { type BridgePort, type Link, linkId } from '@hopscope/model'
import {
  changedLinks,
  type DumpMemory,
  type Ghost,
  type LinkInfo as KernelInfo,
  type Link as KernelLink,
  type BridgePort as KernelPort,
  type NetlinkSocket,
  type RawDump,
} from '@hopscope/netlink'
import type { NetnsEntry } from './contract.ts'
import { linkInfoOf } from './linkInfo.ts'
import { type PeerFinder, peerIndex } from './peers.ts'

type Known = { peers: PeerFinder; memory: DumpMemory; before: readonly Link[] }

/** `lost`: those whose other end is in a namespace that has neither file nor process in sight; `ghosts`: these namespaces. */
export type ReadLinks = { links: Link[]; lost: KernelLink[]; ghosts: readonly Ghost[] }

/**
 * Links of a namespace, not decoded yet; undefined when they are the ones before. Same as "ip -d link show". Throws NetlinkError.
 */
export function readLinks(entry: NetnsEntry, socket: NetlinkSocket, known: Known): RawDump<KernelLink> | undefined {
  const { peers, memory, before } = known
  // The other end of a link may be found, or be another one, without a difference on this side.
  const suffices = () => peers.holds(entry, socket) && before.every(({ linkNetns }) => linkNetns !== null)
  return changedLinks(socket, memory, { suffices })
}

/** Records of links, counters left out, with the namespaces that their other ends are in. Throws NetlinkError. */
export function followEnds(
  entry: NetnsEntry,
  socket: NetlinkSocket,
  { peers, links }: { peers: PeerFinder; links: readonly KernelLink[] },
): ReadLinks {
  const far = peers.open(entry, socket)
  const lost: KernelLink[] = []
  const records = links.map((link) => {
    const there = far.of(link)
    if (there.linkNetns === null) lost.push(link)
    return { ...recordOf(entry.id, link), ...there }
  })
  return { links: records, lost, ghosts: far.ghosts() }
}

/**
 * What the other ends of links that led nowhere say now, in the records given; undefined when one leads somewhere. Throws
 * NetlinkError.
 */
export function readLost(
  entry: NetnsEntry,
  socket: NetlinkSocket,
  known: { peers: PeerFinder; lost: readonly KernelLink[]; recordOf: (link: KernelLink) => Link | undefined },
): Pick<ReadLinks, 'links' | 'ghosts'> | undefined {
  const far = known.peers.open(entry, socket)
  const links: Link[] = []
  for (const link of known.lost) {
    const there = far.of(link)
    const record = known.recordOf(link)
    if (there.linkNetns !== null || record === undefined) return undefined
    const { ghostPeer: _, ...rest } = record
    links.push({ ...rest, ...there })
  }
  return { links, ghosts: far.ghosts() }
}

/** The namespace's links by index, for what is derived from them at the same moment (counters). */
export function recordOf(netns: string, link: KernelLink): Link {
  return {
    id: linkId(netns, link.index),
    netns,
    index: link.index,
    name: link.name,
    altNames: link.altnames,
    alias: link.alias || undefined,
    type: link.type,
    flags: link.flagNames,
    mtu: link.mtu ?? 0,
    qdisc: link.qdisc ?? 'noop',
    txQueueLen: link.txqlen ?? 0,
    operState: link.operstate ?? 'UNKNOWN',
    address: link.address,
    broadcast: link.broadcast,
    permAddress: link.permaddr,
    promiscuity: link.promiscuity ?? 0,
    group: link.group ? String(link.group) : 'default',
    master: link.master || undefined,
    iflink: peerIndex(link),
    info: linkInfoOf(link.linkinfo),
    port: portOf(link.linkinfo),
  }
}

const PORT_STATES: Record<string, BridgePort['state']> = {
  disabled: 'disabled',
  listening: 'listening',
  learning: 'learning',
  forwarding: 'forwarding',
  blocking: 'blocking',
}

function portOf(info: KernelInfo | undefined): BridgePort | undefined {
  if (info?.slaveKind !== 'bridge' || info.slaveData === undefined) return undefined
  const port = info.slaveData as KernelPort // the master is a bridge: `slaveKind` says so
  return {
    state: PORT_STATES[port.state ?? ''] ?? 'unknown',
    portNo: port.no ?? 0,
    portId: port.id === undefined ? undefined : `0x${port.id.toString(16)}`,
    cost: port.cost ?? 0,
    priority: port.priority ?? 0,
    hairpin: port.hairpin ?? false,
    guard: port.guard ?? false,
    rootBlock: port.root_block ?? false,
    fastLeave: port.fastleave ?? false,
    learning: port.learning ?? false,
    flood: port.flood ?? false,
    isolated: port.isolated ?? false,
  }
}
