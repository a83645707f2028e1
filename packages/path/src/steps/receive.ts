import type { Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { type IcmpError, icmpError } from '../icmp.ts'
import { ipText, isInet6, isLinkLocal, isLoopback } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { type Answer, dropped, type End, refused, spaceOf, unsure, type Walk } from '../walk.ts'
import { deliver } from './deliver.ts'
import { type FibResult, lookUp } from './fib.ts'
import { passDevice, passHook } from './netfilter.ts'
import { noteRoute } from './noteRoute.ts'
import { checkSource } from './source.ts'
import { transmit } from './transmit.ts'

/** Takes a packet into a namespace at a link: PREROUTING, the choice of a route, and then INPUT or FORWARD. */
export function receive(walk: Walk, link: Link, came: Packet, { prerouted }: { prerouted: boolean }): End {
  const space = spaceOf(walk, link.netns)
  const loop = link.flags.includes('LOOPBACK')
  const entered = passDevice(walk, came, { space, hook: 'ingress', link, iif: link })
  if ('end' in entered) return entered.end
  let packet = entered.packet
  const stray = isInet6(packet.dst) && !loop ? martianDestination(walk, space, link, packet) : undefined
  if (stray) return stray
  if (!prerouted) {
    const passed = passHook(walk, packet, { space, hook: 'prerouting', iif: link })
    if ('end' in passed) return passed.end
    packet = passed.packet
  }
  // What came over loopback keeps the route it was sent by.
  if (loop && packet.dst === came.dst) return receiveLocal(walk, space, link, packet)
  const martian = martianDestination(walk, space, link, packet)
  // IPv6 asks before its rules are met; whom they send there is not followed.
  if (martian) return isInet6(packet.dst) ? unsure(space.id, `${ipText(packet.dst)} at ${link.name}`, link.id) : martian
  const { dst, src, mark, protocol, sport, dport } = packet
  const found = lookUp(space, { dst, src, iif: link.name, mark, protocol, sport, dport })
  if ('doubt' in found) return unsure(space.id, found.doubt, found.blame)
  return routed(walk, space, { link, packet, found })
}

/** 127.0.0.1 of another machine, which only route_localnet would let in. */
function martianDestination(walk: Walk, space: NetnsIndex, link: Link, { dst, src }: Packet): End | undefined {
  if (!isLoopback(dst) && !isLoopback(src)) return undefined
  if (!isInet6(dst) && opensLoopback(walk)) return unsure(space.id, 'route_localnet', link.id)
  return dropped({ reason: 'MARTIAN', netns: space.id, blame: link.id, what: ipText(isLoopback(dst) ? dst : src) })
}

/** Without its proxy Docker opens loopback addresses to bridges (route_localnet); no record tells. */
export const opensLoopback = ({ host }: Walk): boolean =>
  host.snapshot.records.dockerEngine.engine?.userlandProxy === false

type Arrival = { link: Link; packet: Packet; found: FibResult }

function routed(walk: Walk, space: NetnsIndex, { link, packet, found }: Arrival): End {
  // That of a link says with IPv6 how it treats routers.
  const forwards = isInet6(packet.dst) ? space.sysctl?.ip6Forwarding : space.sysctl?.links[link.index]?.forwarding4
  switch (found.result) {
    case 'local': {
      const wrong = wrongSource(space, link, packet)
      if (wrong) return wrong
      noteRoute(walk, space, packet, found)
      return receiveLocal(walk, space, link, packet)
    }
    case 'broadcast':
    case 'multicast':
      return unsure(space.id, `a packet for the ${found.result} address ${ipText(packet.dst)}`)
    case 'unicast':
      if (forwards === undefined) return unsure(space.id, `whether ${link.name} forwards`, link.id)
      if (!forwards) return notForwarding(walk, space, { link, packet, found })
      return wrongSource(space, link, { ...packet, out: found.out }) ?? forward(walk, space, { link, packet, found })
    case 'none':
    case 'unreachable':
    case 'prohibit':
    case 'blackhole':
      noteRoute(walk, space, packet, found)
      return noWay(space, { link, packet, found }, forwards === true)
  }
}

function notForwarding(walk: Walk, space: NetnsIndex, { link, packet, found }: Arrival): End {
  noteRoute(walk, space, packet, found)
  return dropped({ reason: 'FORWARDING_OFF', netns: space.id, blame: space.sysctl?.id ?? link.id, what: link.name })
}

/** A router says so to the sender; who does not forward keeps silent, with IPv6 only where it has a route. */
function noWay(space: NetnsIndex, { packet, found }: Arrival, forwards: boolean): End {
  const what = WORD_OF[found.result as keyof typeof WORD_OF] // one of the four
  const outcome = outcomeOf(space, found, packet)
  if (what === undefined || !(forwards || isInet6(packet.dst))) return dropped(outcome)
  return refused(outcome, errorOf(space, packet, icmpError(what, packet.dst)))
}

const WORD_OF = {
  none: 'noRoute',
  unreachable: 'unreachable',
  prohibit: 'prohibited',
  blackhole: undefined,
} as const

/** No route, or one that refuses; what is to blame stands in `blame`. */
export function outcomeOf(space: NetnsIndex, { result, route, rule }: FibResult, packet: Packet) {
  const blame = route?.id ?? rule?.id
  const reason = result === 'none' ? ('NO_ROUTE' as const) : ('ROUTE_REFUSES' as const)
  const what = result === 'none' ? ipText(packet.dst) : `${result} ${route?.dst ?? ''}`.trim()
  return { reason, netns: space.id, ...(blame !== undefined && { blame }), what }
}

const errorOf = (space: NetnsIndex, about: Packet, icmp: IcmpError): Answer => ({
  netns: space.id,
  kind: 'error',
  about,
  icmp,
})

type Checked = Packet & { out?: Link | undefined }

function wrongSource(space: NetnsIndex, link: Link, packet: Checked): End | undefined {
  const check = checkSource(space, link, packet)
  if (check === 'ok') return undefined
  if (typeof check === 'object') return unsure(space.id, check.doubt, link.id)
  const reason = check === 'martian' ? ('MARTIAN' as const) : ('RP_FILTER' as const)
  return dropped({ reason, netns: space.id, blame: link.id, what: ipText(packet.src) })
}

function forward(walk: Walk, space: NetnsIndex, { link, packet, found }: Arrival): End {
  noteRoute(walk, space, packet, found)
  const { out } = found
  if (!out) return unsure(space.id, 'a route without a link', found.route?.id)
  if (isLinkLocal(packet.src)) return unsure(space.id, `${ipText(packet.src)} beyond its link`, link.id)
  const circle = `${space.id} ${link.index} ${packet.src} ${packet.dst} ${packet.mark} ${packet.protocol}`
  const ttl = { reason: 'TTL' as const, netns: space.id, ...(found.route && { blame: found.route.id }) }
  // The same packet at the same place once more: it will come again until its time to live is over.
  if (packet.ttl <= 1 || walk.passed.has(circle))
    return refused(ttl, errorOf(space, packet, icmpError('timeExceeded', packet.dst)))
  walk.passed.add(circle)
  if (packet.whole && packet.bytes > out.mtu)
    return refused(
      { reason: 'MTU', netns: space.id, blame: out.id, what: out.name },
      errorOf(space, packet, icmpError('tooBig', packet.dst)),
    )
  const passed = passHook(walk, { ...packet, ttl: packet.ttl - 1 }, { space, hook: 'forward', iif: link, oif: out })
  if ('end' in passed) return passed.end
  return transmit(walk, space, passed.packet, { ...found, iif: link }, receive)
}

function receiveLocal(walk: Walk, space: NetnsIndex, link: Link, packet: Packet): End {
  const passed = passHook(walk, packet, { space, hook: 'input', iif: link })
  if ('end' in passed) return passed.end
  return deliver(walk, space, passed.packet, link)
}
