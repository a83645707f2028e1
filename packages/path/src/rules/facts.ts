import type { HookName, Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { familyOf, type Ip, inside, isInet6, isMulticast } from '../ip.ts'
import { BROADCAST } from '../ipv4.ts'
import type { Packet } from '../packet.ts'
import type { Field, Span } from './rule.ts'
import { protocolNumber } from './values.ts'
import { wayBack } from './wayBack.ts'

/** A packet at a hook, as rules see it. */
export type Scene = {
  space: NetnsIndex
  hook: HookName
  packet: Packet
  iif?: Named
  oif?: Named
  physIn?: Named
  physOut?: Named
  /** It passes a bridge and not the IP stack. */
  bridged?: boolean
  /** Mark of the connection while a chain changes it. */
  ctMark?: number
  /** Of a packet that was seen: fields that nobody was told. */
  unknown?: ReadonlySet<string>
}
type Named = Pick<Link, 'name'>

/** What a field holds: a number, words of which any counts, one of a run that nobody knows, or nothing. */
export type Fact =
  | number
  | bigint
  | readonly string[]
  | { between: Span; what: string }
  /** Whether these words are among those that it has, of which others are not known. */
  | { has: Readonly<Record<string, boolean>>; what: string }
  | { unknown: string }
  | undefined

/** Ports that a sender is given when it does not choose one: what `ip_local_port_range` is unless somebody changed it. */
const CHOSEN: Span = [32_768, 60_999]
const chosen = ({ drawn = CHOSEN }: Packet): Fact => ({ between: drawn, what: 'the port of the sender' })

export function factOf(field: Field, scene: Scene): Fact {
  const { packet } = scene
  const inet6 = isInet6(packet.dst)
  if (scene.unknown?.has(field)) return { unknown: 'what was not told' }
  if (isArp(packet) && !ARP_FIELDS.has(field)) return undefined
  switch (field) {
    case 'iif':
      return nameOf(scene.iif)
    case 'oif':
      return nameOf(scene.oif)
    case 'physIn':
      return nameOf(scene.physIn)
    case 'physOut':
      return nameOf(scene.physOut)
    case 'bridged':
      return scene.bridged ? ['yes'] : []
    case 'src':
      return inet6 ? undefined : packet.src
    case 'dst':
      return inet6 ? undefined : packet.dst
    case 'src6':
      return inet6 ? packet.src : undefined
    case 'dst6':
      return inet6 ? packet.dst : undefined
    case 'protocol':
      return protocolNumber(packet.protocol)
    case 'nextHeader':
      return inet6 ? protocolNumber(packet.protocol) : undefined
    case 'sport':
      return hasPorts(packet) ? (packet.sport ?? chosen(packet)) : undefined
    case 'dport':
      return hasPorts(packet) ? (packet.dport ?? chosen(packet)) : undefined
    case 'icmpType':
      return inet6 ? undefined : typeAndCode(packet)
    case 'icmp6Type':
      return inet6 ? typeAndCode(packet) : undefined
    case 'ctState':
      return ctStates(packet)
    case 'ctStatus':
      return ctStatus(packet)
    case 'ctDirection':
      return packet.ct?.entry ? [packet.ct.direction.toUpperCase()] : undefined
    case 'mark':
      return packet.mark
    case 'ctMark':
      return packet.ct?.entry ? (scene.ctMark ?? packet.ct.entry.mark) : undefined
    case 'srcType':
      return addressType(scene.space, packet.src)
    case 'dstType':
      return addressType(scene.space, packet.dst)
    case 'wayBack':
      return wayBack(scene, 0)
    case 'markedWayBack':
      return scene.unknown?.has('mark') ? { unknown: 'the mark' } : wayBack(scene, packet.mark)
    case 'uid':
      // A packet that was made elsewhere has no owner here.
      if (!packet.local) return undefined
      return packet.uid ?? { unknown: 'the user who sends it' }
    case 'tcpFlags':
      return packet.protocol === 'tcp' ? packet.tcpFlags : undefined
    case 'ttl':
      return inet6 ? undefined : ttlOf(packet)
    case 'hopLimit':
      return inet6 ? ttlOf(packet) : undefined
    case 'length':
      return packet.whole && !isArp(packet) ? packet.bytes : { unknown: 'the length' }
    case 'family':
      return inet6 ? ['ipv6'] : ['ipv4']
    case 'chance':
      return { between: [0, 0xffffffff], what: 'chance' }
    case 'etherType':
      if (inet6) return ['ip6', '0x86dd']
      return isArp(packet) ? ['arp', '0x0806'] : ['ip', '0x0800']
    case 'arpOperation':
      return isArp(packet) ? [packet.arpOperation === 2 ? 'reply' : 'request'] : undefined
    case 'arpSrc':
      return isArp(packet) ? packet.src : undefined
    case 'arpDst':
      return isArp(packet) ? packet.dst : undefined
  }
}

/** ARP has no addresses of IP, no ports and no connections that rules could ask for; its frames may be filled up to some length. */
const ARP_FIELDS: ReadonlySet<Field> = new Set([
  'iif',
  'oif',
  'etherType',
  'mark',
  'uid',
  'length',
  'chance',
  'arpOperation',
  'arpSrc',
  'arpDst',
] as const)
export const isArp = ({ protocol }: Packet): boolean => protocol === 'arp'
const nameOf = (link: Named | undefined): Fact => (link === undefined ? [''] : [link.name])
const typeAndCode = ({ icmpType, icmpCode = 0 }: Packet): Fact =>
  icmpType === undefined ? undefined : (icmpType << 8) | icmpCode
const ttlOf = ({ far, ttl }: Packet): Fact => (far ? { unknown: 'the time to live' } : ttl)
const hasPorts = ({ protocol }: Packet): boolean => protocol === 'tcp' || protocol === 'udp'

/** The state, and the translations that the connection has, which iptables counts among the states. */
function ctStates({ ct }: Packet): readonly string[] {
  if (ct === undefined) return ['INVALID']
  const { entry } = ct
  return [ct.state, ...(entry?.dnat ? ['DNAT'] : []), ...(entry?.snat ? ['SNAT'] : [])]
}

function ctStatus({ ct }: Packet): Fact {
  if (ct?.entry === undefined) return undefined
  const { entry } = ct
  const words = [
    ...(entry.dnat ? ['DNAT'] : []),
    ...(entry.snat ? ['SNAT'] : []),
    ...(entry.seenReply ? ['SEEN_REPLY', 'SEEN-REPLY'] : []),
  ]
  // Whether it is assured or confirmed depends on the moment.
  return words
}

/** As the kernel's table of local addresses says. */
function addressType(space: NetnsIndex, address: Ip): Fact {
  const routes = space.tables(familyOf(address)).routes.get(LOCAL_TABLE) ?? []
  const found = routes.find(({ prefix }) => inside(address, prefix))?.record.type
  // What else an address of IPv6 is, iptables and nft call by different words.
  if (isInet6(address)) return { has: { LOCAL: found === 'local' }, what: 'the type of the address' }
  if (address >>> 24 === 0 || address === BROADCAST) return ['BROADCAST']
  if (isMulticast(address)) return ['MULTICAST']
  return [(found ?? 'unicast').toUpperCase()]
}

export const LOCAL_TABLE = 255
