import type { Message, Reader } from '../codec/reader.ts'
import { type Address, decodeAddress } from './addresses.ts'
import { decodeFdbEntry, type FdbEntry } from './fdb.ts'
import type { Link } from './link.ts'
import { type BridgePortChange, decodeBridgePort, decodeLink } from './links.ts'
import { RTM } from './messages.ts'
import { AF } from './names.ts'
import { decodeNeighbour, type Neighbour } from './neighbours.ts'
import { decodeNetconf, type Netconf } from './netconf.ts'
import { decodeNsid, type Nsid } from './nsids.ts'
import { decodeRoute, type Route } from './routes.ts'
import { decodeRule, type PolicyRule } from './rules.ts'

export type Action = 'new' | 'del'
/**
 * A change that rtnetlink reports. `bridgePort` + del: the port left its bridge. `nexthop`: some nexthop object changed.
 * The kernel does NOT report the IPv4 routes that go because their link goes down or away: dump the routes again on every
 * link event that is a `del` or takes UP away.
 */
export type RouteEvent =
  | { kind: 'link'; action: Action; link: Link }
  | { kind: 'bridgePort'; action: Action; bridgePort: BridgePortChange }
  | { kind: 'address'; action: Action; address: Address }
  | { kind: 'route'; action: Action; route: Route }
  | { kind: 'rule'; action: Action; rule: PolicyRule }
  | { kind: 'neighbour'; action: Action; neighbour: Neighbour }
  | { kind: 'fdb'; action: Action; entry: FdbEntry }
  | { kind: 'netconf'; action: Action; netconf: Netconf }
  | { kind: 'nsid'; action: Action; nsid: Nsid }
  | { kind: 'nexthop'; action: Action }

/** The change that an rtnetlink message reports, undefined when it is cut or of no interest. Same as "ip monitor". */
export function decodeRouteEvent(reader: Reader, message: Message): RouteEvent | undefined {
  // Types come in fours: NEW, DEL, GET, SET.
  const action: Action = (message.type & 3) === 1 ? 'del' : 'new'
  switch (message.type & ~3) {
    case RTM.NEWLINK:
      return family(reader, message) === AF.BRIDGE
        ? wrap(decodeBridgePort(reader, message), (bridgePort) => ({ kind: 'bridgePort', action, bridgePort }))
        : wrap(decodeLink(reader, message), (link) => ({ kind: 'link', action, link }))
    case RTM.NEWADDR:
      return wrap(decodeAddress(reader, message), (address) => ({ kind: 'address', action, address }))
    case RTM.NEWROUTE:
      return wrap(decodeRoute(reader, message), (route) => ({ kind: 'route', action, route }))
    case RTM.NEWRULE:
      return wrap(decodeRule(reader, message), (rule) => ({ kind: 'rule', action, rule }))
    case RTM.NEWNEIGH:
      return family(reader, message) === AF.BRIDGE
        ? wrap(decodeFdbEntry(reader, message), (entry) => ({ kind: 'fdb', action, entry }))
        : wrap(decodeNeighbour(reader, message), (neighbour) => ({ kind: 'neighbour', action, neighbour }))
    case RTM.NEWNETCONF:
      return wrap(decodeNetconf(reader, message), (netconf) => ({ kind: 'netconf', action, netconf }))
    case RTM.NEWNSID:
      return wrap(decodeNsid(reader, message), (nsid) => ({ kind: 'nsid', action, nsid }))
    case RTM.NEWNEXTHOP:
      return { kind: 'nexthop', action }
    default:
      reader.unknown()
      return undefined
  }
}

function family(reader: Reader, message: Message): number {
  return message.end > message.start ? reader.bytes.readUInt8(message.start) : AF.UNSPEC
}

function wrap<T>(record: T | undefined, make: (record: T) => RouteEvent): RouteEvent | undefined {
  return record === undefined ? undefined : make(record)
}
