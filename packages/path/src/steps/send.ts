import type { NetnsIndex } from '../host/hostIndex.ts'
import { familyOf, type Ip, inside, ipText, isInet6, isLinkLocal, isLoopback, isNeverSent } from '../ip.ts'
import { flowOf, type Packet } from '../packet.ts'
import { dropped, type End, note, predicted, refused, spaceOf, unsure, type Walk } from '../walk.ts'
import { type FibResult, type Found, lookUp, sourceOf } from './fib.ts'
import { passHook } from './netfilter.ts'
import { noteRoute } from './noteRoute.ts'
import { opensLoopback, outcomeOf, receive } from './receive.ts'
import { transmit } from './transmit.ts'
import { isUp } from './wire.ts'

export type Outgoing = Omit<Packet, 'src'> & { src?: Ip }

/** Sends a packet from a namespace: route and source address, OUTPUT, and out by the route. */
export function send(walk: Walk, netns: string, outgoing: Outgoing, process?: string): End {
  const space = spaceOf(walk, netns)
  const strange = [outgoing.dst, ...(outgoing.src === undefined ? [] : [outgoing.src])].find(isStrange)
  if (strange !== undefined) return unsure(space.id, ipText(strange))
  const chosen = choose(space, outgoing)
  if ('doubt' in chosen) return unsure(space.id, chosen.doubt, chosen.blame)
  const sent: Packet = { ...outgoing, src: chosen.src ?? (isInet6(outgoing.dst) ? 0n : 0) }
  note(walk, { ...predicted(space.id), kind: 'send', flow: flowOf(sent), ...(process !== undefined && { process }) })
  noteRoute(walk, space, sent, chosen.found)
  if (chosen.src === undefined && hasWay(chosen.found)) return unsure(space.id, 'a source address')
  return { ...out(walk, space, sent, chosen.found), sent }
}

/** Of IPv6: which link it is meant on nobody says. */
const isStrange = (ip: Ip): boolean => isLinkLocal(ip) || isNeverSent(ip)

const hasWay = ({ result }: FibResult): boolean => result === 'unicast' || result === 'local'

function out(walk: Walk, space: NetnsIndex, packet: Packet, found: FibResult): End {
  if (!hasWay(found)) return noWay(space, packet, found)
  if (packet.whole && found.out && found.result === 'unicast' && packet.bytes > found.out.mtu)
    return refused({ reason: 'MTU', netns: space.id, blame: found.out.id, what: found.out.name })
  const lo = [...space.links.values()].find(({ flags }) => flags.includes('LOOPBACK'))
  const martian = loopbackLeaves(walk, space, packet, found)
  if (martian) return martian
  const oif = found.result === 'local' ? lo : found.out
  const passed = passHook(walk, packet, { space, hook: 'output', ...(oif && { oif }) })
  // The kernel's own word about it comes over lo, and meets the same rules.
  if ('end' in passed) return passed.end
  const again = rerouted(walk, space, packet, passed.packet, found)
  if ('end' in again) return again.end
  return transmit(walk, space, passed.packet, again.found, receive)
}

/** Once for the source address, and once more with it: rules may ask for the source. */
function choose(
  space: NetnsIndex,
  p: Outgoing,
): { found: FibResult; src: Ip | undefined } | { doubt: string; blame?: string } {
  const key = { dst: p.dst, iif: 'lo', mark: p.mark, protocol: p.protocol, sport: p.sport, dport: p.dport, uid: p.uid }
  const first = lookUp(space, { ...key, src: p.src })
  if ('doubt' in first) return first
  // Without a way IPv6 chooses a source all the same, and asks once more with it.
  const bySource = isInet6(p.dst) && space.tables('inet6').policyRules.find(({ src: from }) => from !== undefined)
  if (bySource && p.src === undefined && !hasWay(first)) return { doubt: 'a policy rule by source', blame: bySource.id }
  const src = p.src ?? sourceOf(space, first, p.dst)
  if (p.src !== undefined || src === undefined) return { found: first, src }
  const second = lookUp(space, { ...key, src })
  if ('doubt' in second) return second
  if (sameWay(first, second)) return { found: second, src }
  // A connection asks twice; other senders may ask once only.
  return p.protocol === 'tcp' && !isInet6(p.dst)
    ? { found: second, src }
    : { doubt: 'a policy rule by source', ...blamed(second) }
}

const blamed = ({ rule }: FibResult): { blame?: string } => (rule ? { blame: rule.id } : {})
const sameWay = (a: FibResult, b: FibResult): boolean =>
  a.out === b.out && a.gateway === b.gateway && a.result === b.result

/** OUTPUT may change the destination or the mark: then the route is chosen anew. */
function rerouted(
  walk: Walk,
  space: NetnsIndex,
  before: Packet,
  after: Packet,
  found: FibResult,
): { found: FibResult } | { end: End } {
  if (before.dst === after.dst && before.mark === after.mark && before.src === after.src) return { found }
  const { dst, src, mark, protocol, sport, dport, uid } = after
  const again: Found = lookUp(space, { dst, src, iif: 'lo', mark, protocol, sport, dport, uid })
  if ('doubt' in again) return { end: unsure(space.id, again.doubt, again.blame) }
  noteRoute(walk, space, after, again)
  const end = hasWay(again) ? loopbackLeaves(walk, space, after, again) : noWay(space, after, again)
  return end ? { end: untold(end, after) } : { found: again }
}

/** Who connects by tcp is not told what becomes of a packet behind OUTPUT's rules: it is sent again and again. */
const untold = (end: End, { protocol }: Packet): End =>
  protocol === 'tcp' && end.outcome.verdict === 'refused' ? dropped(end.outcome) : end

/** With 127.0.0.1 as its source nothing leaves by another link, unless route_localnet lets it. */
function loopbackLeaves(walk: Walk, space: NetnsIndex, { src }: Packet, { result, out }: FibResult): End | undefined {
  if (!isLoopback(src) || result === 'local' || !out) return undefined
  if (isInet6(src)) return unsure(space.id, `${ipText(src)} at ${out.name}`, out.id)
  if (opensLoopback(walk)) return unsure(space.id, 'route_localnet', out.id)
  return refused({ reason: 'MARTIAN', netns: space.id, blame: out.id, what: ipText(src) })
}

/** Why nothing is sent where no route leads on. */
export function noWay(space: NetnsIndex, packet: Packet, found: FibResult): End {
  if (found.result === 'broadcast' || found.result === 'multicast')
    return unsure(space.id, `a packet for the ${found.result} address ${ipText(packet.dst)}`)
  const outcome = outcomeOf(space, found, packet)
  const down = found.result === 'none' ? linkThatIsDown(space, packet.dst) : undefined
  if (down) return refused({ reason: 'LINK_DOWN', netns: space.id, blame: down.id, what: down.name })
  return refused(outcome)
}

/** A link that is down has its address still, but no route. */
function linkThatIsDown(space: NetnsIndex, dst: Ip) {
  const near = space.tables(familyOf(dst)).addresses.find(({ record, prefix }) => {
    const link = space.links.get(record.index)
    return link !== undefined && !isUp(link) && inside(dst, prefix)
  })
  if (near) return space.links.get(near.record.index)
  const links = [...space.links.values()].filter(({ flags }) => !flags.includes('LOOPBACK'))
  const [only, ...more] = links
  return only && more.length === 0 && !isUp(only) ? only : undefined
}
