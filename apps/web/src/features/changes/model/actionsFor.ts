import {
  type Address,
  type AnyRecord,
  type Conntrack,
  type Container,
  type DockerNetwork,
  type Fdb,
  type FwChain,
  type FwRule,
  type HostSnapshot,
  type Link,
  linkId,
  type Neighbour,
  type Netns,
  type RecordKind,
  type Route,
  type Sysctl,
} from '@hopscope/model'
import { netnsRefOf } from './choices.ts'
import { containerActions, networkActions } from './dockerActions.ts'
import { type Draft, draft } from './draft.ts'
import { chainActions, conntrackActions, ruleActions } from './firewallActions.ts'
import { linkActions } from './linkActions.ts'
import { netnsActions } from './netnsActions.ts'

const MAIN = 254
const LOCAL = 255

/** What can be done to an object, with what is known of it filled in. Empty where nothing suits. */
export function actionsFor(kind: RecordKind, record: AnyRecord, snapshot: HostSnapshot): Draft[] {
  // A record's kind is what its table says; TypeScript does not follow it through the pair.
  switch (kind) {
    case 'link':
      return linkActions(record as Link, snapshot)
    case 'netns':
      return netnsActions(snapshot, (record as Netns).id)
    case 'sysctl':
      return netnsActions(snapshot, (record as Sysctl).netns, 'switches')
    case 'container':
      return containerActions(record as Container, snapshot)
    case 'dockerNetwork':
      return networkActions(record as DockerNetwork, snapshot)
    case 'address':
      return addressActions(record as Address, snapshot)
    case 'route':
      return routeActions(record as Route, snapshot)
    case 'neighbour':
      return neighbourActions(record as Neighbour, snapshot)
    case 'fdb':
      return fdbActions(record as Fdb, snapshot)
    case 'fwChain':
      return chainActions(record as FwChain, snapshot)
    case 'fwRule':
      return ruleActions(record as FwRule)
    case 'conntrack':
      return conntrackActions(record as Conntrack, snapshot)
    default:
      return []
  }
}

function addressActions(address: Address, snapshot: HostSnapshot): Draft[] {
  const on = placeOf(snapshot, address)
  if (on === undefined) return []
  const text = `${address.local}/${address.prefixLength}`
  return [draft('deleteAddress', 'address.delete', { ...on, address: text }, `${text} · ${on.link}`)]
}

function routeActions(route: Route, snapshot: HostSnapshot): Draft[] {
  // Local and broadcast routes are the kernel's own: they go with their addresses.
  if (route.table === LOCAL || route.type === 'local' || route.type === 'broadcast') return []
  const netns = netnsRefOf(snapshot, route.netns)
  const link = route.oif === undefined ? undefined : snapshot.records.link[linkId(route.netns, route.oif)]?.name
  const way = { ...(link !== undefined && { link }) }
  const remove = {
    ...{ netns, dst: route.dst, ...way, table: String(route.table) },
    ...(route.gateway !== undefined && { via: route.gateway }),
    ...(route.metric !== undefined && { metric: String(route.metric) }),
  }
  const object = [route.dst, route.gateway ?? link].filter((word) => word !== undefined).join(' · ')
  const isDefault = route.dst === 'default' && route.table === MAIN
  return [
    ...(isDefault ? [draft('changeDefault', 'route.replaceDefault', { netns }, object)] : []),
    { ...draft('deleteRoute', 'route.delete', remove, object), fixed: ROUTE_PATHS },
  ]
}
const ROUTE_PATHS = ['netns', 'dst', 'via', 'link', 'metric', 'table']

function neighbourActions(neighbour: Neighbour, snapshot: HostSnapshot): Draft[] {
  const on = placeOf(snapshot, neighbour)
  if (on === undefined || neighbour.proxy) return []
  const known = { ...on, address: neighbour.address }
  const object = `${neighbour.address} · ${on.link}`
  const write = draft('writeNeighbour', 'neighbour.add', known, object)
  return [
    { ...write, values: { ...known, mac: neighbour.lladdr ?? '' } },
    draft('deleteNeighbour', 'neighbour.delete', known, object),
  ]
}

function fdbActions(entry: Fdb, snapshot: HostSnapshot): Draft[] {
  const on = placeOf(snapshot, entry)
  if (on === undefined || entry.self || entry.state === 'permanent' || entry.vlan !== undefined) return []
  // The bridge's own entries are no port's.
  if (snapshot.records.link[linkId(entry.netns, entry.index)]?.port === undefined) return []
  return [draft('deleteFdb', 'fdb.delete', { ...on, mac: entry.mac }, `${entry.mac} · ${on.link}`)]
}

/** The namespace and the link of a record, as commands name them. */
function placeOf(
  snapshot: HostSnapshot,
  { netns, index }: { netns: string; index: number },
): { netns: string; link: string } | undefined {
  const link = snapshot.records.link[linkId(netns, index)]
  return link && { netns: netnsRefOf(snapshot, netns), link: link.name }
}
