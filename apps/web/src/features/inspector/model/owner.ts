import type { Link } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { linksIn, placeName, type Scope } from './context.ts'
import { grouped } from './grouped.ts'

/** Whose interface it is: the containers of its namespace, or the namespace's own name. */
export const containerOfLink = (s: Scope, link: Link): string => placeName(s, link.netns)

/** Whom a MAC address belongs to on this host: the interface that has it; undefined when nobody is known to. */
export function ownerOfMac(s: Scope, mac: string | undefined): Link | undefined {
  if (mac === undefined) return undefined
  const owners = grouped(s.snapshot, 'link', { name: 'mac', keyOf: (l) => l.address }).get(mac) ?? []
  // A macvlan bar or a bridge often borrows a port's address: the end inside a namespace is the one to name.
  return owners.find((l) => l.netns !== s.snapshot.host.rootNetns && l.master === undefined) ?? owners[0]
}

/** Whom an IP address belongs to on this host. */
export function ownerOfIp(s: Scope, ip: string | undefined): Link | undefined {
  const address = ip === undefined ? undefined : recordsOf(s.snapshot, 'address').find((a) => a.local === ip)
  return address && linksIn(s, address.netns).find((l) => l.index === address.index)
}
