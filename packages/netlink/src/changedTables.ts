import type { DumpMemory, RawDump } from './dumpMemory.ts'
import { type Address, ALL_ADDRESSES, decodeAddress } from './route/addresses.ts'
import { ALL_FDB, decodeFdbEntry, type FdbEntry } from './route/fdb.ts'
import type { Link } from './route/link.ts'
import { ALL_LINKS, decodeLink, linksOfNsid } from './route/links.ts'
import { ALL_NEIGHBOURS, ALL_PROXIES, decodeNeighbour, type Neighbour } from './route/neighbours.ts'
import { ALL_ROUTES, decodeRoute, type Route } from './route/routes.ts'
import { ALL_RULES, decodeRule, type PolicyRule } from './route/rules.ts'
import type { NetlinkSocket } from './socket.ts'

// Tables of a namespace, not decoded yet; undefined for one that says what its memory holds, counters and ages aside. What it
// says now is remembered. All throw NetlinkError, and DumpInterruptedError when it changed all the time.

/** `suffices` is asked when it says the same, and may not dump anything: false has it decoded all the same. */
type LinksAsked = {
  suffices?: () => boolean
  /** Links of another namespace by its id here: the way into one that has no file and no process ("ghost"). */
  targetNsid?: number
}

/** Same as "ip -d link". EINVAL for an id that nobody has. */
export function changedLinks(
  socket: NetlinkSocket,
  memory: DumpMemory,
  { suffices, targetNsid }: LinksAsked = {},
): RawDump<Link> | undefined {
  const request = targetNsid === undefined ? ALL_LINKS : linksOfNsid(targetNsid)
  return socket.dumpIfChanged({ ...request, memory, suffices }, decodeLink)
}

/** Same as "ip -d addr". */
export function changedAddresses(socket: NetlinkSocket, memory: DumpMemory): RawDump<Address> | undefined {
  return socket.dumpIfChanged({ ...ALL_ADDRESSES, memory }, decodeAddress)
}

/** Same as "ip -d route show table all", and "ip -6 …". */
export function changedRoutes(socket: NetlinkSocket, memory: DumpMemory): RawDump<Route> | undefined {
  return socket.dumpIfChanged({ ...ALL_ROUTES, memory }, decodeRoute)
}

/** Same as "ip -d rule", and "ip -6 …". */
export function changedRules(socket: NetlinkSocket, memory: DumpMemory): RawDump<PolicyRule> | undefined {
  return socket.dumpIfChanged({ ...ALL_RULES, memory }, decodeRule)
}

/** Same as "ip neigh show nud all". */
export function changedNeighbours(socket: NetlinkSocket, memory: DumpMemory): RawDump<Neighbour> | undefined {
  return socket.dumpIfChanged({ ...ALL_NEIGHBOURS, memory }, decodeNeighbour)
}

/** Same as "ip neigh show proxy". */
export function changedProxies(socket: NetlinkSocket, memory: DumpMemory): RawDump<Neighbour> | undefined {
  return socket.dumpIfChanged({ ...ALL_PROXIES, memory }, decodeNeighbour)
}

/** Same as "bridge fdb". */
export function changedFdb(socket: NetlinkSocket, memory: DumpMemory): RawDump<FdbEntry> | undefined {
  return socket.dumpIfChanged({ ...ALL_FDB, memory }, decodeFdbEntry)
}
