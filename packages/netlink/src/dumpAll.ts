import type { DecodeTally } from './codec/reader.ts'
import type { Netns } from './namespaces.ts'
import { type Address, dumpAddresses } from './route/addresses.ts'
import { dumpFdb, type FdbEntry } from './route/fdb.ts'
import type { Link } from './route/link.ts'
import { dumpLinks } from './route/links.ts'
import { dumpNeighbours, type Neighbour } from './route/neighbours.ts'
import { dumpRoutes, type Route } from './route/routes.ts'
import { dumpRules, type PolicyRule } from './route/rules.ts'
import { NETLINK, withNetlink } from './socket.ts'

/** Everything that rtnetlink says about one namespace, and what of it could not be used. */
export type NetnsDump = {
  links: Link[]
  addresses: Address[]
  routes: Route[]
  rules: PolicyRule[]
  neighbours: Neighbour[]
  fdb: FdbEntry[]
  tally: DecodeTally
}

/** All tables of a namespace over one socket, which is closed again. Throws NetlinkError, or ENOENT for a path that is gone. */
export function dumpAll(netns: Netns): NetnsDump {
  return withNetlink(netns, NETLINK.ROUTE, (socket) => ({
    links: dumpLinks(socket),
    addresses: dumpAddresses(socket),
    routes: dumpRoutes(socket),
    rules: dumpRules(socket),
    neighbours: dumpNeighbours(socket),
    fdb: dumpFdb(socket),
    tally: socket.tally,
  }))
}
