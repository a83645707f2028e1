import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { RecordRef } from '@hopscope/topology'

/** A filter for the packets of an object, as one would type it; undefined where packets cannot be told by it. */
export function filterFor({ kind, id }: Pick<RecordRef, 'kind' | 'id'>, snapshot: HostSnapshot): string | undefined {
  const { records } = snapshot
  switch (kind) {
    case 'container': {
      const container = records.container[id]
      const hasAddress = container?.attachments.some(({ ip, ip6 }) => ip || ip6)
      // Its name goes on to mean it when its address changes.
      if (container && hasAddress && /^[\w.-]+$/.test(container.name)) return `host ${container.name}`
      return container?.netns === undefined ? undefined : hosts(addressesIn(snapshot, container.netns))
    }
    case 'netns':
      return hosts(addressesIn(snapshot, id))
    case 'link': {
      const link = records.link[id]
      if (!link) return undefined
      const own = addressesOf(snapshot, link.netns, link.index)
      // A port has no address of its own; what goes through it is for whoever is at the other end.
      if (own.length > 0 || link.linkNetns === null || link.iflink === undefined) return hosts(own)
      return hosts(addressesOf(snapshot, link.linkNetns ?? link.netns, link.iflink))
    }
    case 'address':
      return hosts([records.address[id]?.local].filter((one) => one !== undefined))
    case 'neighbour':
      return hosts([records.neighbour[id]?.address].filter((one) => one !== undefined))
    case 'conntrack': {
      const { protocol, orig } = records.conntrack[id] ?? {}
      if (protocol === undefined || orig === undefined || !PROTOCOLS.includes(protocol)) return undefined
      const ports = orig.dport === undefined ? '' : ` and port ${orig.dport}`
      return `${protocol} and host ${orig.src} and host ${orig.dst}${ports}`
    }
    default:
      return undefined
  }
}

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'icmp']
/** Beyond that the filter would be longer than it is worth. */
const MOST = 4

const hosts = (addresses: readonly string[]): string | undefined =>
  addresses.length === 0
    ? undefined
    : addresses
        .slice(0, MOST)
        .map((address) => `host ${address}`)
        .join(' or ')

/** Of a whole namespace, but for its loopback and what every link has. */
const addressesIn = (snapshot: HostSnapshot, netns: string): string[] =>
  recordsOf(snapshot, 'address').flatMap((one) => (one.netns === netns && isGlobal(one) ? [one.local] : []))

const addressesOf = (snapshot: HostSnapshot, netns: string, index: number): string[] =>
  recordsOf(snapshot, 'address').flatMap((one) =>
    one.netns === netns && one.index === index && isGlobal(one) ? [one.local] : [],
  )

const isGlobal = ({ scope }: { scope: string }): boolean => scope === 'global' || scope === 'site'
