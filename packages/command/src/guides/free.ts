import { type HostSnapshot, ipGroups, networkOf, recordsOf } from '@hopscope/model'
import { linkNamed } from '../find.ts'
import { overlap } from '../subnet.ts'

/** The address of a prefix, its length, and the subnet that it lies in. */
export function partsOf(cidr: string): { address: string; prefixLength: number; subnet: string } {
  const [address = '', length] = cidr.split('/')
  const prefixLength = Number(length)
  return { address, prefixLength, subnet: `${networkOf(address, prefixLength) ?? address}/${prefixLength}` }
}

/** A /24 that no address, route or Docker network of the host lies in; `not` are left out as well. */
export function freeSubnet(snapshot: HostSnapshot, not: readonly string[] = []): string {
  const known = [
    ...not,
    ...recordsOf(snapshot, 'address').map(({ local, prefixLength }) => `${local}/${prefixLength}`),
    ...recordsOf(snapshot, 'route').flatMap(({ dst }) => (dst.includes('/') ? [dst] : [])),
    ...recordsOf(snapshot, 'dockerNetwork').flatMap(({ ipam }) => ipam.flatMap(({ subnet }) => subnet ?? [])),
  ]
  for (const second of [88, 89, 90, 91]) {
    for (let third = 1; third < 255; third++) {
      const subnet = `10.${second}.${third}.0/24`
      if (!known.some((one) => overlap(one, subnet))) return subnet
    }
  }
  return '192.0.2.0/24' // for documentation, and so nobody's
}

/** The first address of a subnet that nobody has; from its end where Docker gives out those at the start. */
export function freeAddress(
  snapshot: HostSnapshot,
  subnet: string,
  { fromEnd = false, not = [] }: { fromEnd?: boolean; not?: readonly string[] } = {},
): string {
  const { address, prefixLength } = partsOf(subnet)
  const used = new Set([
    ...not,
    ...recordsOf(snapshot, 'address').map(({ local }) => local),
    ...recordsOf(snapshot, 'container').flatMap(({ attachments }) => attachments.flatMap(({ ip }) => ip ?? [])),
    ...recordsOf(snapshot, 'dockerNetwork').flatMap(({ ipam }) => ipam.flatMap(({ gateway }) => gateway ?? [])),
  ])
  const first = (ipGroups(networkOf(address, prefixLength) ?? '') ?? []).reduce((sum, group) => sum * 256 + group, 0)
  const size = Math.min(2 ** (32 - prefixLength), 65_536)
  const from = (offset: number) =>
    [24, 16, 8, 0].map((bits) => Math.floor((first + offset) / 2 ** bits) % 256).join('.')
  for (let i = 1; i < size - 1; i++) {
    const candidate = from(fromEnd ? size - 1 - i : i)
    if (!used.has(candidate)) return `${candidate}/${prefixLength}`
  }
  return `${from(1)}/${prefixLength}`
}

/** A name like this one, of at most 15 characters, that nothing in these places has: "veth-web", else "veth-web2". */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  const plain = wanted.replaceAll(/[^\w.-]/g, '-').slice(0, 15)
  for (let i = 2; taken(plain) && i < 1000; i++) {
    const name = `${plain.slice(0, 15 - String(i).length)}${i}`
    if (!taken(name)) return name
  }
  return plain
}

export const hasLink =
  (snapshot: HostSnapshot, netns = snapshot.host.rootNetns) =>
  (name: string): boolean =>
    linkNamed(snapshot, netns, name) !== undefined
